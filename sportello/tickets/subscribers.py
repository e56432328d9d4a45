"""What follows from facts about people and new tickets: suggestions that two are one."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.contacts import suggesting
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.core.consumers import consumer
from sportello.core.events import record_many
from sportello.core.models import Event
from sportello.tickets.belonging.across import look_across
from sportello.tickets.belonging.recognising import look_again
from sportello.tickets.identifying import confirming
from sportello.tickets.identifying.noticing import notice
from sportello.tickets.models import Ticket
from sportello.tickets.reading.inbox import LIVE

LATEST = 20
"""Open tickets of a merged contact that are looked at again."""


@consumer(
    "identity",
    "ticket_opened",
    "identity_added",
    "identity_claimed",
    "identity_verified",
    "identity_cleared",
    "contact_created",
    "contact_changed",
    "contact_merged",
)
def identify(events: Sequence[Event]) -> None:
    """Who may these people be, and do their tickets belong together?"""
    at = now()
    opened = [e for e in events if e.type == "ticket_opened" and e.ticket_id]
    facts = notice([e.ticket_id for e in opened if e.ticket_id], now=at)
    facts += suggesting.look({e.contact_id for e in events if e.contact_id}, now=at)
    record_many(facts, now=at)
    by_hand = [
        e.ticket_id for e in opened if e.ticket_id and Actor.parse(e.actor).kind != "contact"
    ]
    look_across(facts, {e.contact_id for e in opened if e.contact_id}, now=at)
    merged = [e.contact_id for e in events if e.type == "contact_merged"]
    for ticket in Ticket.objects.filter(pk__in=by_hand):
        look_again(ticket, now=at)
    for contact_id in merged:
        for ticket in Ticket.objects.filter(contact=contact_id, status__in=LIVE)[:LATEST]:
            look_again(ticket, now=at)


@consumer("confirmations", "message_received", listens=confirming.somebody_is_asked)
def hear_codes(events: Sequence[Event]) -> None:
    """The code that an address was sent, typed in the chat."""
    confirming.listen(events)
