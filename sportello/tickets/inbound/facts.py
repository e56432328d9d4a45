"""What the log is told of an arrival."""

from __future__ import annotations

from sportello.contacts.resolve import Known
from sportello.core.actors import Actor
from sportello.core.events import Fact
from sportello.tickets import events
from sportello.tickets.arrival import Arrival, Placing


def facts_of(
    arrival: Arrival,
    placing: Placing,
    known: Known,
    ticket_id: int,
    thread_id: int,
    message_id: int,
    status: str,
    opened: bool,
) -> list[Fact]:
    who = Actor.contact(known.contact_id)
    at, channel = arrival.received_at, arrival.mouth.id
    contact = known.contact_id
    base = {"message": message_id, "channel": channel, "thread": thread_id}
    if placing.held:
        return [Fact(events.MESSAGE_HELD, ticket_id, contact, who, base, occurred_at=at)]
    facts = []
    if opened:
        payload = {"channel": channel, "thread": thread_id, "follow_up_of": placing.follow_up_of}
        facts.append(Fact(events.TICKET_OPENED, ticket_id, contact, who, payload, occurred_at=at))
    facts.append(
        Fact(
            events.MESSAGE_RECEIVED,
            ticket_id,
            contact,
            who,
            base | {"nature": arrival.inbound.nature.value},
            occurred_at=at,
        )
    )
    if status in {"pending", "on_hold", "solved"} and arrival.is_person:
        again = {"status": "open", "message": message_id}
        facts.append(Fact(events.TICKET_REOPENED, ticket_id, contact, who, again, occurred_at=at))
    return facts
