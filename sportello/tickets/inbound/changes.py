"""What becomes of a message after it came: its author edits or withdraws it, in whatever order that is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.utils import translation
from django.utils.translation import gettext

from sportello.accounts.queries import company
from sportello.channels.contract import Address, Edited, Withdrawn
from sportello.channels.queries import Mouth
from sportello.contacts.resolve import key_of
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact
from sportello.core.plain import storable
from sportello.core.sweeps import sweep
from sportello.tickets import events
from sportello.tickets.arrival import Arrival
from sportello.tickets.inbound.appending import external_id_of
from sportello.tickets.locking import lock_ids
from sportello.tickets.models import Delivery, EarlyChange, Message, Ticket
from sportello.tickets.preview import preview_of

type Change = Edited | Withdrawn

KEPT = timedelta(days=7)
"""How long a change waits for its message."""

log = structlog.get_logger(__name__)


def named(mouth: Mouth, external_id: str) -> Message | None:
    """The message that the vendor calls so, theirs or ours. Two look-ups by index, not one join with OR."""
    messages = Message.objects.select_related("identity").defer("search")
    found = messages.filter(channel_id=mouth.id, external_id=external_id).first()
    if found is not None or not external_id:
        return found
    sent = Delivery.objects.filter(channel_id=mouth.id, external_id=external_id)
    return messages.filter(pk__in=sent.values("message_id")[:1]).first()


def apply(mouth: Mouth, change: Change, *, now: datetime) -> list[Fact]:
    """Change the message, or keep the change until its message comes. Doing it twice changes nothing."""
    message = named(mouth, storable(change.external_id)[:998])
    if message is None:
        _keep(mouth, change, now=now)
        return []
    return _change(message, change, now=now)


def catch_up(arrivals: Sequence[Arrival], ids: Sequence[int], *, now: datetime) -> list[Fact]:
    """Apply what was told about messages before they came. Asked only where a channel tells such things."""
    arrived = {
        (a.mouth.id, external_id_of(a)): pk
        for a, pk in zip(arrivals, ids, strict=True)
        if a.mouth.provider.capabilities.edits
    }
    if not arrived:
        return []
    waiting = EarlyChange.objects.filter(
        channel_id__in={channel for channel, _ in arrived},
        external_id__in={external_id for _, external_id in arrived},
    )
    facts: list[Fact] = []
    for early in waiting.order_by("pk"):
        message_id = arrived.get((early.channel_id, early.external_id))
        if message_id is not None:
            message = Message.objects.select_related("identity").get(pk=message_id)
            facts += _change(message, _as_told(early), now=now)
            early.delete()
    return facts


@sweep("early_changes", every=3600)
def forget_early(now: datetime) -> None:
    """Changes of messages that never came: before this channel was connected, or only monitored."""
    gone, _ = EarlyChange.objects.filter(received_at__lt=now - KEPT).delete()
    if gone:
        log.info("changes.without_message", count=gone)


def _keep(mouth: Mouth, change: Change, *, now: datetime) -> None:
    kind, address = key_of(change.sender) if change.sender else ("", "")
    edited = isinstance(change, Edited)
    EarlyChange.objects.update_or_create(
        channel_id=mouth.id,
        external_id=storable(change.external_id)[:998],
        what=EarlyChange.What.EDITED if edited else EarlyChange.What.WITHDRAWN,
        at=change.at,
        text=storable(change.text) if isinstance(change, Edited) else "",
        defaults={"sender_kind": kind, "sender_address": address, "received_at": now},
    )


def _as_told(early: EarlyChange) -> Change:
    sender = Address(early.sender_kind, early.sender_address) if early.sender_kind else None
    if early.what == EarlyChange.What.EDITED:
        return Edited(early.external_id, early.text, sender, early.at)
    return Withdrawn(early.external_id, sender, early.at)


def _change(message: Message, change: Change, *, now: datetime) -> list[Fact]:
    if change.sender and not _wrote(message, change.sender):
        log.warning("changes.by_somebody_else", message=message.pk)
        return []
    ticket = lock_ids([message.ticket_id])[message.ticket_id]
    message.refresh_from_db(fields=["text", "html", "meta"])
    shown = message.text
    if isinstance(change, Edited):
        fact, done = events.MESSAGE_EDITED, _edit(message, change, now=now)
    else:
        fact, done = events.MESSAGE_WITHDRAWN, _withdraw(message, change, now=now)
    if not done:
        return []
    message.save(update_fields=["text", "html", "meta"])
    _touch(ticket, message, shown, now=now)
    who = Actor.contact(message.identity.contact_id) if message.identity else SYSTEM
    return [Fact(fact, ticket.pk, ticket.contact_id, who, {"message": message.pk})]


def _wrote(message: Message, sender: Address) -> bool:
    own = message.identity
    return own is not None and (own.kind, own.address) == key_of(sender)


def _edit(message: Message, change: Edited, *, now: datetime) -> bool:
    """The newest wording counts; every earlier one stays in ``meta["versions"]``, oldest first."""
    text = storable(change.text)
    versions: list[dict[str, Any]] = list(message.meta.get("versions", []))
    current = message.meta.get("edited_at", "")
    stamp = change.at.astimezone(UTC).isoformat() if change.at else ""
    if text == message.text or _known(versions, text, stamp):
        return False
    if stamp and stamp < current:
        versions.append({"text": text, "at": stamp})
        first, rest = versions[0], sorted(versions[1:], key=lambda v: str(v["at"]))
        message.meta = {**message.meta, "versions": [first, *rest]}
        return True
    versions.append({"text": message.text, "at": current})
    edited_at = stamp or now.astimezone(UTC).isoformat()
    message.meta = {**message.meta, "versions": versions, "edited_at": edited_at}
    message.text, message.html = text, ""
    return True


def _known(versions: list[dict[str, Any]], text: str, stamp: str) -> bool:
    """A redelivery. Where the vendor gives no time, an earlier wording that comes again is one, too."""
    return any(v["text"] == text and stamp in ("", v["at"]) for v in versions)


def _withdraw(message: Message, change: Withdrawn, *, now: datetime) -> bool:
    if message.meta.get("withdrawn_at"):
        return False
    at = (change.at or now).astimezone(UTC).isoformat()
    message.meta = {**message.meta, "withdrawn_at": at}
    return True


def _touch(ticket: Ticket, message: Message, shown: str, *, now: datetime) -> None:
    """The list shows the words as they are now. Nothing is reopened: nothing new was asked."""
    fields: dict[str, Any] = {"updated_at": now}
    if ticket.preview and ticket.preview == preview_of(shown):
        ticket.preview = _preview(message)
        fields["preview"] = ticket.preview
    Ticket.objects.filter(pk=ticket.pk).update(**fields)


def _preview(message: Message) -> str:
    if not message.meta.get("withdrawn_at"):
        return preview_of(message.text)
    with translation.override(company().language):
        return gettext("Message withdrawn")
