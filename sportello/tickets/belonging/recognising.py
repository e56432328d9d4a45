"""Messages that name no thread: do they belong to another ticket of the same contact?

One look for the contacts of a wave; only those who have other tickets cost more, and all of them
together two statements. Weighed by `signs`, decided by the company's two thresholds: go on there,
suggest it, or open a new ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sportello.accounts.queries import company
from sportello.channels.contract import Nature
from sportello.contacts.addresses import GIVEN_BY_CHANNELS
from sportello.contacts.resolve import Known
from sportello.core import sql
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact, record_many
from sportello.tickets import events
from sportello.tickets.arrival import Arrival, Placing
from sportello.tickets.belonging import guessing
from sportello.tickets.belonging.candidates import Candidate, Wanted, candidates
from sportello.tickets.belonging.guessing import Guessed
from sportello.tickets.models import Belonging, Ticket


def recognise(
    arrivals: Sequence[Arrival], senders: Sequence[Known], placings: list[Placing], *, now: datetime
) -> None:
    """Fill in, for messages that would open a ticket, where they may belong instead."""
    wanted = [
        Wanted(n, sender.contact_id, a.mouth.brand_id, a.mouth.id, 0, f"{a.inbound.subject}\n{a.inbound.text}")
        for n, (a, sender, placing) in enumerate(zip(arrivals, senders, placings, strict=True))
        if placing == Placing() and a.inbound.nature is Nature.PERSON
    ]  # fmt: skip
    unsure: list[tuple[Wanted, list[Candidate]]] = []
    for one, found in candidates(wanted, now=now):
        talk = _talk(arrivals[one.n], found)
        if talk is not None:
            placings[one.n] = Placing(talk.place)
        elif company().suggest_percent <= SUREST:
            unsure.append((one, found))
    for (one, found), judged in zip(unsure, guessing.guesses(unsure, now=now), strict=True):
        placings[one.n] = _placed(arrivals[one.n], found, judged, now=now)


SUREST = 99
"""Percent: nothing is surer, so a company that asks for more wants no suggestions, and nothing is read."""


def _talk(arrival: Arrival, found: Sequence[Candidate]) -> Candidate | None:
    """The contact's open talk on this very channel: it goes on, whatever it is about."""
    conversational = arrival.mouth.provider.conversational and not arrival.inbound.thread_ref
    if not conversational or not _may_go_on(arrival):
        return None
    return next((c for c in found if c.talks_here and c.status not in {"solved", "closed"}), None)


def _placed(
    arrival: Arrival, found: Sequence[Candidate], judged: Guessed, *, now: datetime
) -> Placing:
    settings = company()
    best, ahead = judged
    if best.percent < settings.suggest_percent:
        return Placing()
    if best.percent < settings.continue_percent or not ahead or not _may_go_on(arrival):
        return Placing(guess=best)
    place = next(c.place for c in found if c.ticket_id == best.ticket_id)
    if place.goes_on(now=now, reopen_days=settings.reopen_days):
        return Placing(place, guess=best)
    return Placing(follow_up_of=best.ticket_id)


_SUGGEST = """
INSERT INTO tickets_belonging (ticket_id, to_id, percent, reasons, created_at)
SELECT ticket_id, to_id, percent, string_to_array(reasons, ' '), %s
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::text[]) AS t(ticket_id, to_id, percent, reasons)
ON CONFLICT DO NOTHING
"""


def note_guesses(
    senders: Sequence[Known],
    placings: Sequence[Placing],
    tickets: Sequence[int],
    messages: Sequence[int],
    *,
    now: datetime,
) -> list[Fact]:
    """Keep what is suggested; returns the facts: gone on in a ticket, or perhaps belonging to one."""
    facts: list[Fact] = []
    suggested: list[tuple[int, int, int, str]] = []
    for sender, placing, ticket_id, message_id in zip(
        senders, placings, tickets, messages, strict=True
    ):
        if placing.guess is None:
            continue
        best, who = placing.guess, Actor.contact(sender.contact_id)
        told = {"percent": best.percent, "reasons": list(best.reasons)}
        if placing.place is not None:
            payload = told | {"message": message_id}
            facts.append(
                Fact(events.MESSAGE_RECOGNISED, ticket_id, sender.contact_id, who, payload)
            )
        else:
            suggested.append((ticket_id, best.ticket_id, best.percent, " ".join(best.reasons)))
            payload = told | {"to": best.ticket_id}
            facts.append(Fact(events.TICKET_SUGGESTED, ticket_id, sender.contact_id, who, payload))
    if suggested:
        sql.fetch(_SUGGEST, [now, *sql.columns(suggested)])
    return facts


def look_again(ticket: Ticket, *, now: datetime, whose: int | None = None) -> None:
    """A ticket that somebody opened by hand, or whose contact has just become another's: suggest, never move.

    `whose`: a contact who may be the same person; his tickets are looked at instead. Inside the caller's
    transaction.
    """
    whose = whose or ticket.contact_id
    spoken = ticket.messages.filter(direction="in", is_held=False).order_by("pk")
    first = spoken.first()
    known = Belonging.objects.filter(ticket=ticket, to__contact=whose)
    if first is None or ticket.merged_into_id or known.exists():
        return
    text = f"{ticket.subject}\n{first.text}"
    one = Wanted(0, whose, ticket.brand_id, first.channel_id or 0, ticket.pk, text)
    for wanted, found in candidates([one], now=now):
        # Of two that opened together, the younger belongs to the older.
        earlier = [c for c in found if c.ticket_id < ticket.pk]
        [(best, _)] = guessing.guesses([(wanted, earlier)], now=now) if earlier else [(None, False)]
        if best is None or best.percent < company().suggest_percent:
            continue
        row, created = Belonging.objects.get_or_create(
            ticket=ticket,
            to_id=best.ticket_id,
            defaults={"percent": best.percent, "reasons": list(best.reasons), "created_at": now},
        )
        if created:
            payload = {"percent": row.percent, "reasons": row.reasons, "to": best.ticket_id}
            record_many(
                [Fact(events.TICKET_SUGGESTED, ticket.pk, ticket.contact_id, SYSTEM, payload)],
                now=now,
            )


def _may_go_on(arrival: Arrival) -> bool:
    """A sender whom nobody vouches for, or words that strangers read, are never put into a ticket unasked."""
    sender = arrival.inbound.sender
    proved = sender.verified or sender.kind in GIVEN_BY_CHANNELS
    return proved and not arrival.inbound.is_public
