"""What this room holds of a person: tickets and all that hangs on them, raw input, sent copies.

Erasing keeps the rows and empties them, so that every count stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from sportello.channels import spool
from sportello.channels.models import SpoolItem
from sportello.contacts.models import Identity
from sportello.core import files
from sportello.core.models import Blob, SentMail
from sportello.core.personal import Holding, register
from sportello.tickets import tokens
from sportello.tickets.models import (
    Attachment,
    Delivery,
    DeliveryState,
    Draft,
    EarlyChange,
    Message,
    Participant,
    Proving,
    Thread,
    Ticket,
)

LEAVING = (DeliveryState.HELD, DeliveryState.QUEUED)


def messages_of(contact_id: int) -> QuerySet[Message]:
    """What was said by or to this person, and notes on his tickets; not what others said there."""
    own = Q(identity__contact=contact_id)
    to_him = Q(identity=None, thread__identity__contact=contact_id)
    on_his = Q(identity=None, thread__identity=None, ticket__contact=contact_id)
    return Message.objects.filter(pk__in=Message.objects.filter(own | to_him | on_his).values("pk"))


def addresses_of(contact_id: int) -> list[str]:
    """His addresses, those he only claimed left out: they may be somebody else's."""
    owned = Identity.objects.filter(contact_id=contact_id).exclude(proof="claimed")
    return list(owned.values_list("address", flat=True))


def _stays(source: int, target: int) -> None:
    """Hangs on a ticket or an identity, and moves with it."""


def _nowhere(contact_id: int) -> list[dict[str, Any]]:
    return []


# --- Tickets --------------------------------------------------------------------------------------
def _move_tickets(source: int, target: int) -> None:
    rows = Ticket.objects.filter(contact_id=source).select_for_update(no_key=True, of=("self",))
    ids = [ticket.pk for ticket in rows.order_by("pk").only("pk")]
    Ticket.objects.filter(pk__in=ids).update(contact_id=target)


def _export_tickets(contact_id: int) -> list[dict[str, Any]]:
    fields = ("number", "subject", "status", "priority", "kind", "tags", "language", "custom")
    return [
        {name: getattr(t, name) for name in fields}
        | {"created_at": t.created_at.isoformat(), "updated_at": t.updated_at.isoformat()}
        for t in Ticket.objects.filter(contact_id=contact_id).order_by("pk")
    ]


def _erase_tickets(contact_id: int) -> None:
    tickets = Ticket.objects.filter(contact_id=contact_id)
    list(tickets.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
    Draft.objects.filter(ticket__contact_id=contact_id).delete()
    tickets.update(subject="", preview="", custom={}, organization=None)


# --- Messages -------------------------------------------------------------------------------------
def _export_messages(contact_id: int) -> list[dict[str, Any]]:
    """Notes are the company's own words about its work and stay inside."""
    rows = messages_of(contact_id).exclude(direction="note").select_related("ticket", "channel")
    return [
        {
            "id": m.pk,
            "ticket": m.ticket.number,
            "direction": m.direction,
            "channel": m.channel.name if m.channel else None,
            "author": m.author_name,
            "subject": m.subject,
            "text": m.text,
            "quoted": m.quoted,
            "meta": _without_tokens(m.meta),
            "attachments": [a.name for a in m.attachments.all()],
            "created_at": m.created_at.isoformat(),
        }
        for m in rows.prefetch_related("attachments").defer("search").order_by("pk")
    ]


def _without_tokens(value: Any) -> Any:
    """Copies of this file travel: the secrets of reply addresses stay here."""
    if isinstance(value, dict):
        return {key: _without_tokens(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_tokens(part) for part in value]
    return tokens.masked(value) if isinstance(value, str) else value


def _erase_messages(contact_id: int) -> None:
    ids = list(messages_of(contact_id).values_list("pk", flat=True))
    messages = Message.objects.filter(pk__in=ids)
    items = [pk for pk in messages.values_list("spool_id", flat=True).distinct() if pk]
    _erase_attachments(Attachment.objects.filter(message__in=ids))
    Delivery.objects.filter(message__in=ids, state__in=LEAVING).update(
        state=DeliveryState.CANCELLED
    )
    Delivery.objects.filter(message__in=ids).update(
        recipient={"kind": "", "address": "", "name": ""}, options={}, reason="", external_id=""
    )
    messages.filter(direction="in").update(author_name="")
    messages.update(
        subject="", text="", quoted="", html="", meta={}, fingerprint="", remote_images=0,
    )  # fmt: skip
    # Vendors' ids may spell a telephone number; ours still says that this message came once.
    named = messages.exclude(external_id=None)
    named.update(external_id=Concat(Value("erased:"), Cast("pk", TextField())))
    _erase_raw(contact_id, items)


def _erase_attachments(attachments: Iterable[Attachment]) -> None:
    for attachment in attachments:
        file = attachment.file
        attachment.delete()
        if not Attachment.objects.filter(file=file).exists():
            files.delete(file)


def _erase_raw(contact_id: int, items: list[int]) -> None:
    """Spool rows of these messages, and what came from his addresses without becoming one."""
    sent = Q(pk__in=items) | Q(order_key__in=_order_keys(contact_id))
    for item in SpoolItem.objects.filter(sent).defer("body", "headers"):
        digest, large = item.content_hash, item.size > spool.INLINE_LIMIT
        item.delete()
        if large and not SpoolItem.objects.filter(content_hash=digest).exists():
            path = spool.body_path(digest)
            if not Blob.objects.filter(sha256=digest).exists():
                transaction.on_commit(partial(path.unlink, missing_ok=True))


def _order_keys(contact_id: int) -> list[str]:
    """The keys under which providers file what one sender writes: bare, or with the kind before."""
    owned = Identity.objects.filter(contact_id=contact_id).exclude(proof="claimed")
    return [key for kind, a in owned.values_list("kind", "address") for key in (a, f"{kind}:{a}")]


# --- Threads, copies, links, sent mail ------------------------------------------------------------
def _erase_threads(contact_id: int) -> None:
    Thread.objects.filter(identity__contact=contact_id).update(external_ref="", is_open=False)


def _export_participants(contact_id: int) -> list[dict[str, Any]]:
    rows = Participant.objects.filter(address__in=addresses_of(contact_id))
    return [
        {"address": p.address, "name": p.name, "ticket": p.thread.ticket.number}
        for p in rows.select_related("thread__ticket")
    ]


def _erase_participants(contact_id: int) -> None:
    """Where he only got copies: his name leaves the recipients of those mails too."""
    gone = set(addresses_of(contact_id))
    rows = Participant.objects.filter(address__in=gone)
    threads = list(rows.values_list("thread_id", flat=True))
    for message in Message.objects.filter(thread__in=threads).exclude(meta={}).defer("search"):
        meta = {
            key: [p for p in value if str(p.get("address", "")).lower() not in gone]
            if key in {"to", "cc"}
            else value
            for key, value in message.meta.items()
        }
        if meta != message.meta:
            Message.objects.filter(pk=message.pk).update(meta=meta)
    rows.delete()


def _move_provings(source: int, target: int) -> None:
    Proving.objects.filter(contact_id=source).update(contact_id=target)


def _export_provings(contact_id: int) -> list[dict[str, Any]]:
    rows = Proving.objects.filter(contact_id=contact_id).order_by("pk")
    return [
        {"kind": p.kind, "address": p.address, "asked_at": p.created_at.isoformat()} for p in rows
    ]


def _erase_provings(contact_id: int) -> None:
    Proving.objects.filter(contact_id=contact_id).delete()


def _sent_to(contact_id: int) -> list[SentMail]:
    found: dict[int, SentMail] = {}
    for address in addresses_of(contact_id):
        for mail in SentMail.objects.filter(recipients__icontains=address).defer("raw"):
            if address.lower() in {str(r).lower() for r in mail.recipients}:
                found[mail.pk] = mail
    return list(found.values())


def _export_sent(contact_id: int) -> list[dict[str, Any]]:
    return [
        {"subject": m.subject, "sent_at": m.created_at.isoformat()} for m in _sent_to(contact_id)
    ]


def _erase_sent(contact_id: int) -> None:
    SentMail.objects.filter(pk__in=[m.pk for m in _sent_to(contact_id)]).delete()


def _erase_early_changes(contact_id: int) -> None:
    EarlyChange.objects.filter(sender_address__in=addresses_of(contact_id)).delete()


register(Holding("tickets.EarlyChange", _stays, _nowhere, _erase_early_changes))
register(Holding("tickets.Ticket", _move_tickets, _export_tickets, _erase_tickets))
register(Holding("tickets.Thread", _stays, _nowhere, _erase_threads))
register(Holding("tickets.Message", _stays, _export_messages, _erase_messages))
register(Holding("tickets.Participant", _stays, _export_participants, _erase_participants))
register(Holding("tickets.Proving", _move_provings, _export_provings, _erase_provings))
register(Holding("core.SentMail", _stays, _export_sent, _erase_sent))
