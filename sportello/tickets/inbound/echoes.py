"""What else vendors tell: words said in our name elsewhere, reactions, and people's new ids."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from sportello.channels.contract import Echo, IdentityChanged, Reaction
from sportello.channels.queries import Mouth
from sportello.contacts.matching import Match
from sportello.contacts.models import Identity, Proof
from sportello.contacts.resolve import Known, find, key_of, normalise
from sportello.contacts.suggesting import suggest
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact
from sportello.core.plain import storable
from sportello.tickets import events
from sportello.tickets.inbound.changes import named
from sportello.tickets.locking import lock_ids
from sportello.tickets.models import (
    Delivery,
    DeliveryState,
    Direction,
    Message,
    PendingMedia,
    Thread,
)
from sportello.tickets.preview import preview_of


def keep(mouth: Mouth, echo: Echo, *, now: datetime) -> list[Fact]:
    """An answer given in the vendor's own inbox joins the talk; our own sendings come back and are known.

    Without an open talk with that person there is nothing to join: it is not a request.
    """
    if _is_ours(mouth, echo.external_id):
        return []
    known = find([key_of(echo.recipient)]).get(key_of(echo.recipient))
    if known is None:
        return []
    thread = (
        Thread.objects.filter(
            channel_id=mouth.id,
            identity_id=known.identity_id,
            is_open=True,
            external_ref=echo.thread_ref,
        )
        .order_by("-pk")
        .first()
    )
    if thread is None:
        return []
    ticket = lock_ids([thread.ticket_id])[thread.ticket_id]
    message = Message.objects.create(
        ticket=ticket,
        thread=thread,
        channel_id=mouth.id,
        direction=Direction.OUT,
        author_name="",
        text=storable(echo.text),
        external_id=echo.external_id,
        meta={"echo": True},
        sent_at=echo.sent_at,
        created_at=now,
    )
    PendingMedia.objects.bulk_create(
        [
            PendingMedia(
                message=message,
                name=f.name,
                content_type=f.content_type,
                media_ref=f.media_ref,
                due_at=now,
            )
            for f in echo.files
            if f.media_ref
        ]
    )
    ticket.last_message_at, ticket.last_author, ticket.waiting_since = now, "agent", None
    ticket.preview, ticket.updated_at = preview_of(echo.text), now
    ticket.save()
    payload = {"message": message.pk, "channel": mouth.id, "thread": thread.pk}
    return [Fact(events.MESSAGE_ECHOED, ticket.pk, ticket.contact_id, SYSTEM, payload)]


def _is_ours(mouth: Mouth, external_id: str) -> bool:
    """A delivery that is still on its way may not know its id yet: the last minute's count as ours."""
    sent = Delivery.objects.filter(channel_id=mouth.id)
    return (
        sent.filter(Q(external_id=external_id) | Q(state=DeliveryState.SENDING)).exists()
        or Message.objects.filter(channel_id=mouth.id, external_id=external_id).exists()
    )


def react(mouth: Mouth, reaction: Reaction, *, now: datetime) -> list[Fact]:
    """An emoji on a message: one per person, an empty one takes it back."""
    found = named(mouth, reaction.external_id)
    if found is None:
        return []
    message = Message.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.pk)
    who = str(key_of(reaction.sender)[1])
    reactions = {k: v for k, v in message.meta.get("reactions", {}).items() if k != who}
    if reaction.emoji:
        reactions[who] = reaction.emoji[:16]
    message.meta = {**message.meta, "reactions": reactions}
    message.save(update_fields=["meta"])
    known = find([key_of(reaction.sender)]).get(key_of(reaction.sender))
    actor = Actor.contact(known.contact_id) if known else SYSTEM
    return [Fact(events.MESSAGE_REACTED, message.ticket_id, None, actor, {"message": message.pk})]


def rename_identity(change: IdentityChanged, *, now: datetime) -> list[Fact]:
    """The same person under a new id. When somebody has that id already, it is suggested that they are one."""
    kind, old = key_of(change.previous)
    new = normalise(change.current.kind, change.current.address)
    known = find([(kind, old), (kind, new)])
    if (kind, new) in known:
        return _perhaps_one(known.get((kind, old)), known[kind, new], kind, new, now=now)
    identity = Identity.objects.filter(kind=kind, address=old).exclude(proof=Proof.CLAIMED).first()
    if identity is None:
        return []
    identity.address, identity.display = new, change.current.name or identity.display
    identity.save(update_fields=["address", "display"])
    return [
        Fact(
            events.IDENTITY_VERIFIED,
            None,
            identity.contact_id,
            SYSTEM,
            {"identity": identity.pk},
        )
    ]


def _perhaps_one(
    old: Known | None, new: Known, kind: str, address: str, *, now: datetime
) -> list[Fact]:
    if old is None or old.contact_id == new.contact_id:
        return []
    match = Match(old.contact_id, new.contact_id, "moved", kind, address)
    return suggest([match], now=now)
