"""Receive: a batch of arrivals becomes messages on tickets, in one transaction, with its events.

Order of locks: contacts, then tickets by id, then the event log.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext

from sportello.accounts.queries import company
from sportello.contacts.resolve import Key, Known
from sportello.core.events import Fact
from sportello.language.detect import language_of
from sportello.tickets.arrival import Arrival, Placing
from sportello.tickets.belonging.recognising import note_guesses, recognise
from sportello.tickets.confidential import covering
from sportello.tickets.inbound import appending, attaching, changes
from sportello.tickets.inbound.facts import facts_of
from sportello.tickets.inbound.participants import copies, joining_in
from sportello.tickets.inbound.placing import Named, named_by_tokens, place_all
from sportello.tickets.inbound.senders import note_opting_out, resolve_senders, sender_of
from sportello.tickets.preview import preview_of


def automatic_tag() -> str:
    """On tickets that no person opened: newsletters, stray auto-replies, bounces of nothing we sent."""
    with translation.override(company().language):
        return gettext("automatic")


@dataclass(slots=True)
class Received:
    """What a batch came to: the facts still to be recorded."""

    facts: list[Fact] = field(default_factory=list)
    messages: int = 0
    duplicates: int = 0


def receive_many(arrivals: Sequence[Arrival], *, now: datetime) -> Received:
    """Append each arrival to its ticket; opens tickets where there is none. The caller holds the transaction."""
    received = Received()
    named = named_by_tokens(arrivals)
    senders = resolve_senders(arrivals, named, received.facts, now=now)
    for wave in _waves(arrivals, senders):
        _receive_wave(wave, senders, named, received, now=now)
    return received


def _waves(
    arrivals: Sequence[Arrival], senders: dict[tuple[Key, int], Known]
) -> list[list[Arrival]]:
    """Split so that no wave holds two arrivals of one contact, of one talk of several people, or of one id.

    The second of a contact, from whatever address, or of a talk may go on where the first went; the
    second of an id may be its copy.
    """
    waves: list[list[Arrival]] = []
    depth: dict[Hashable, int] = {}
    for arrival in arrivals:
        keys: list[Hashable] = [
            sender_of(arrival, senders).contact_id,
            (arrival.mouth.id, appending.external_id_of(arrival)),
        ]
        if arrival.is_shared:
            keys.append((arrival.mouth.id, "talk", arrival.inbound.thread_ref))
        level = max(depth.get(key, 0) for key in keys)
        depth.update(dict.fromkeys(keys, level + 1))
        if level == len(waves):
            waves.append([])
        waves[level].append(arrival)
    return waves


def _receive_wave(
    wave: Sequence[Arrival],
    senders: dict[tuple[Key, int], Known],
    named: dict[int, Named],
    received: Received,
    *,
    now: datetime,
) -> None:
    here = appending.known_messages(wave)
    fresh = [(n, arrival) for n, arrival in enumerate(wave) if not here.get(n)]
    received.duplicates += len(wave) - len(fresh)
    arrivals = [arrival for _, arrival in fresh]
    if not arrivals:
        return
    known = [sender_of(arrival, senders) for arrival in arrivals]
    placings = place_all(arrivals, known, named, now=now, reopen_days=company().reopen_days)
    recognise(arrivals, known, placings, now=now)
    _gather_strays(arrivals, known, placings, now=now)
    statuses = appending.lock_tickets([p.place.ticket_id for p in placings if p.place])
    tickets, threads, opened = _tickets_and_threads(arrivals, known, placings, now=now)
    ids = appending.append_messages(
        [
            appending.message_row(
                arrival,
                ticket_id=tickets[i],
                thread_id=threads[i],
                identity_id=known[i].identity_id,
                external_id=appending.suffixed_id_of(arrival)
                if n in here
                else appending.external_id_of(arrival),
                is_held=placings[i].held,
            )
            for i, (n, arrival) in enumerate(fresh)
        ]
    )
    covering.keep([(ids[i], a.original) for i, a in enumerate(arrivals) if a.original], now=now)
    _attach_and_touch(arrivals, known, placings, ids, tickets, threads, now=now)
    later = changes.catch_up(arrivals, ids, now=now)
    note_opting_out(arrivals, known, now=now)
    received.messages += len(ids)
    for i, arrival in enumerate(arrivals):
        place = placings[i].place
        status = statuses.get(place.ticket_id, "") if place else ""
        received.facts += facts_of(
            arrival, placings[i], known[i], tickets[i], threads[i], ids[i], status, i in opened
        )
    received.facts += later
    received.facts += note_guesses(known, placings, tickets, ids, now=now)


def _gather_strays(
    arrivals: Sequence[Arrival], known: Sequence[Known], placings: list[Placing], *, now: datetime
) -> None:
    """A machine that keeps writing fills one ticket, not a hundred: loops end here (RFC 3834, section 2)."""
    strays = [
        i
        for i, a in enumerate(arrivals)
        if not a.is_person and placings[i].place is None and placings[i].follow_up_of is None
    ]
    if not strays:
        return
    for i, place in appending.latest_automatic(
        [(i, arrivals[i].mouth.id, known[i].identity_id) for i in strays],
        since=now - timedelta(days=1),
    ):
        placings[i] = Placing(place)


def _tickets_and_threads(
    arrivals: Sequence[Arrival],
    known: Sequence[Known],
    placings: Sequence[Placing],
    *,
    now: datetime,
) -> tuple[list[int], list[int], set[int]]:
    """Ticket and thread of each arrival; opens what is missing. A mail may go on in a thread of another channel's ticket."""
    new = [i for i, placing in enumerate(placings) if placing.place is None]
    opened = appending.open_tickets(
        [_new_ticket(arrivals[i], known[i], placings[i]) for i in new], now=now
    )
    tickets = [p.place.ticket_id if p.place else 0 for p in placings]
    for i, ticket_id in zip(new, opened, strict=True):
        tickets[i] = ticket_id
    threads = [
        p.place.thread_id if p.place and p.place.channel_id == a.mouth.id else 0
        for a, p in zip(arrivals, placings, strict=True)
    ]
    missing = [i for i, thread in enumerate(threads) if not thread]
    rows = [
        (
            tickets[i],
            arrivals[i].mouth.id,
            known[i].identity_id,
            arrivals[i].inbound.thread_ref,
            arrivals[i].inbound.is_public,
            arrivals[i].received_at,
        )
        for i in missing
    ]
    for i, thread_id in zip(missing, appending.open_threads(rows), strict=True):
        threads[i] = thread_id
    return tickets, threads, set(new)


def _new_ticket(arrival: Arrival, known: Known, placing: Placing) -> appending.NewTicket:
    inbound = arrival.inbound
    return (
        appending.title_of(arrival),
        arrival.mouth.brand_id,
        known.contact_id,
        arrival.mouth.team_id,
        "" if arrival.is_person else automatic_tag(),
        inbound.language or language_of(f"{inbound.subject}\n{inbound.text}"),
        arrival.received_at,
        preview_of(inbound.text),
        arrival.mouth.id,
        placing.follow_up_of,
    )


def _attach_and_touch(
    arrivals: Sequence[Arrival],
    known: Sequence[Known],
    placings: Sequence[Placing],
    ids: Sequence[int],
    tickets: Sequence[int],
    threads: Sequence[int],
    *,
    now: datetime,
) -> None:
    attaching.attach(
        [
            (ids[i], file, f"{a.inbound.sender.kind}:{a.inbound.sender.address}")
            for i, a in enumerate(arrivals)
            for file in a.files
        ],
        now=now,
    )
    appending.touch_tickets(
        [
            (
                tickets[i],
                ids[i],
                a.received_at,
                preview_of(a.inbound.text),
                a.mouth.id,
                a.is_person,
            )
            for i, a in enumerate(arrivals)
            if not placings[i].held
        ],
        now=now,
    )
    appending.touch_threads(
        [
            (threads[i], a.received_at, _window_seconds(a))
            for i, a in enumerate(arrivals)
            if not placings[i].held
        ]
    )
    appending.note_participants(
        [*copies(arrivals, placings, threads), *joining_in(arrivals, known, placings, threads)]
    )


def _window_seconds(arrival: Arrival) -> int:
    """In public there is none, also where the same channel's private talks have one."""
    window = arrival.mouth.provider.capabilities.reply_window
    if arrival.inbound.is_public:
        return 0
    return int(window.total_seconds()) if window else 0
