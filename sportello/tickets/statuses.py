"""What vendors and visitors tell about messages we sent, and that a chat has ended."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from sportello.channels.contract import (
    Echo,
    Ended,
    IdentityChanged,
    Parsed,
    Reaction,
    Status,
    StatusUpdate,
)
from sportello.channels.queries import Mouth
from sportello.contacts.resolve import find, key_of
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact
from sportello.tickets import echoes, events
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
    if isinstance(parsed, Ended):
        return _end(mouth, parsed, now=now)
    if isinstance(parsed, Echo):
        return echoes.keep(mouth, parsed, now=now)
    if isinstance(parsed, Reaction):
        return echoes.react(mouth, parsed, now=now)
    if isinstance(parsed, IdentityChanged):
        return echoes.rename_identity(parsed, now=now)
    raise TypeError(f"not a status: {parsed!r}")


def _apply_status(mouth: Mouth, update: StatusUpdate, *, now: datetime) -> list[Fact]:
    if not update.external_id:
        return []
    if update.status is Status.FAILED and not update.permanent:
        return []
    deliveries = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .select_related("message")
        .filter(
            Q(external_id=update.external_id)
            | Q(external_id="", message__external_id=update.external_id),
            channel_id=mouth.id,
        )
    )
    facts = []
    for delivery in deliveries:
        state = DeliveryState(update.status.value)
        bounced = state is DeliveryState.FAILED and delivery.state != DeliveryState.CANCELLED
        if RANK[state] <= RANK[DeliveryState(delivery.state)] and not bounced:
            continue
        if delivery.state == state:
            continue
        delivery.state, delivery.reason, delivery.settled_at = state, update.reason[:1000], now
        delivery.save(update_fields=["state", "reason", "settled_at"])
        facts.append(changed(delivery))
    return facts


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
