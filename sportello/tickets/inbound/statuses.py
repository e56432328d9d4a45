"""What vendors and visitors tell about messages we sent, and that a chat has ended."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet

from sportello.channels.contract import (
    Address,
    Echo,
    Edited,
    Ended,
    IdentityChanged,
    Parsed,
    Reaction,
    SeenUpTo,
    Status,
    StatusUpdate,
    Withdrawn,
)
from sportello.channels.queries import Mouth
from sportello.contacts.resolve import find, key_of
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact
from sportello.core.plain import storable
from sportello.tickets import events
from sportello.tickets.identifying.acquainting import acquaint
from sportello.tickets.inbound import changes, echoes
from sportello.tickets.models import Delivery, DeliveryState, Thread, Ticket
from sportello.tickets.models import Status as TicketStatus

RANK = {
    DeliveryState.HELD: 0,
    DeliveryState.QUEUED: 1,
    DeliveryState.SENDING: 2,
    DeliveryState.UNKNOWN: 3,
    DeliveryState.SENT: 4,
    DeliveryState.DELIVERED: 5,
    DeliveryState.READ: 6,
    DeliveryState.FAILED: 9,
    DeliveryState.CANCELLED: 9,
}
"""Late and reordered statuses never go backwards; failed and cancelled are final."""


def apply(mouth: Mouth, parsed: Parsed, *, now: datetime) -> list[Fact]:
    """Apply one status or end; returns the facts to record. Unknown ids change nothing."""
    if isinstance(parsed, StatusUpdate):
        return _apply_status(mouth, parsed, now=now)
    if isinstance(parsed, SeenUpTo):
        return _apply_watermark(mouth, parsed, now=now)
    if isinstance(parsed, Edited | Withdrawn):
        return changes.apply(mouth, parsed, now=now)
    if isinstance(parsed, Ended):
        return _end(mouth, parsed, now=now)
    if isinstance(parsed, Echo):
        return _recognised(mouth, parsed, now=now) or echoes.keep(mouth, parsed, now=now)
    if isinstance(parsed, Reaction):
        return echoes.react(mouth, parsed, now=now)
    if isinstance(parsed, IdentityChanged):
        return echoes.rename_identity(parsed, now=now)
    raise TypeError(f"not a status: {parsed!r}")


def _apply_status(mouth: Mouth, update: StatusUpdate, *, now: datetime) -> list[Fact]:
    if update.status is Status.FAILED and not update.permanent:
        return []
    facts: list[Fact] = []
    for delivery in _named(mouth, update):
        if update.key and update.external_id and not delivery.external_id:
            # the answer to our sending was lost: now we know what the vendor calls it
            delivery.external_id = update.external_id
            delivery.save(update_fields=["external_id"])
        if update.recipient:
            kind = mouth.provider.identity_kind
            person = Address(kind, update.recipient, verified=True, how="provider")
            acquaint(delivery, person, now=now)
        facts += _move(delivery, DeliveryState(update.status.value), update.reason, now=now)
    return facts


def _named(mouth: Mouth, update: StatusUpdate) -> QuerySet[Delivery]:
    """By the vendor's id; by our own key where he hands it back."""
    deliveries = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .select_related("message")
        .filter(channel_id=mouth.id)
    )
    try:
        key = uuid.UUID(update.key) if update.key else None
    except ValueError:
        key = None
    if key is not None:
        return deliveries.filter(idempotency_key=key)
    if not update.external_id:
        return deliveries.none()
    return deliveries.filter(
        Q(external_id=update.external_id)
        | Q(external_id="", message__external_id=update.external_id)
    )


def _recognised(mouth: Mouth, echo: Echo, *, now: datetime) -> list[Fact]:
    """A sending that nobody confirmed comes back as an echo: the same words to the same person."""
    kind, address = key_of(echo.recipient)
    delivery = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .select_related("message")
        .filter(
            channel_id=mouth.id,
            state=DeliveryState.UNKNOWN,
            external_id="",
            recipient__kind=kind,
            recipient__address=address,
            message__text=storable(echo.text),
        )
        .order_by("pk")
        .first()
    )
    if delivery is None or not echo.external_id:
        return []
    delivery.external_id = echo.external_id
    delivery.save(update_fields=["external_id"])
    return _move(delivery, DeliveryState.SENT, "", now=now)


def _move(delivery: Delivery, state: DeliveryState, reason: str, *, now: datetime) -> list[Fact]:
    bounced = state is DeliveryState.FAILED and delivery.state != DeliveryState.CANCELLED
    if RANK[state] <= RANK[DeliveryState(delivery.state)] and not bounced:
        return []
    if delivery.state == state:
        return []
    delivery.state, delivery.reason, delivery.settled_at = state, reason[:1000], now
    delivery.save(update_fields=["state", "reason", "settled_at"])
    return [changed(delivery)]


def _apply_watermark(mouth: Mouth, seen: SeenUpTo, *, now: datetime) -> list[Fact]:
    """`Delivery.due_at` is when its last sending began: whatever began by then was there to be seen."""
    known = find([key_of(seen.recipient)]).get(key_of(seen.recipient))
    if known is None:
        return []
    deliveries = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .select_related("message")
        .filter(
            channel_id=mouth.id,
            message__thread__channel_id=mouth.id,
            message__thread__identity_id=known.identity_id,
            state__in=[DeliveryState.SENT, DeliveryState.DELIVERED],
            due_at__lte=seen.at,
        )
    )
    state = DeliveryState(seen.status.value)
    return [fact for d in deliveries.order_by("pk") for fact in _move(d, state, "", now=now)]


def changed(delivery: Delivery) -> Fact:
    """The fact that a delivery is in a new state."""
    return Fact(
        events.DELIVERY_CHANGED,
        delivery.message.ticket_id,
        None,
        SYSTEM,
        {"message": delivery.message_id, "delivery": delivery.pk, "state": str(delivery.state)},
    )


def _end(mouth: Mouth, ended: Ended, *, now: datetime) -> list[Fact]:
    """The customer closed the chat: its ticket is solved."""
    known = find([key_of(ended.sender)]).get(key_of(ended.sender))
    if known is None:
        return []
    thread = (
        Thread.objects.filter(channel_id=mouth.id, identity_id=known.identity_id, is_open=True)
        .order_by("-pk")
        .first()
    )
    if thread is None:
        return []
    ticket = Ticket.objects.select_for_update(no_key=True, of=("self",)).get(pk=thread.ticket_id)
    who = Actor.contact(known.contact_id)
    facts = [Fact(events.CHAT_ENDED, ticket.pk, known.contact_id, who, {"thread": thread.pk})]
    if ticket.status not in {TicketStatus.SOLVED, TicketStatus.CLOSED}:
        payload = {"status": TicketStatus.SOLVED.value, "was": ticket.status}
        ticket.status, ticket.solved_at, ticket.updated_at = TicketStatus.SOLVED, now, now
        ticket.waiting_since = None
        ticket.save(update_fields=["status", "solved_at", "updated_at", "waiting_since"])
        facts.append(Fact(events.STATUS_CHANGED, ticket.pk, known.contact_id, who, payload))
    return facts
