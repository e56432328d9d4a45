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
from sportello.channels.contract import Address, Nature
from sportello.channels.queries import mouths
from sportello.contacts import consents
from sportello.contacts.models import Identity, Proof
from sportello.contacts.resolve import Key, Known, claim, key_of, normalise, resolve
from sportello.core import sql
from sportello.core.actors import Actor
from sportello.core.events import Fact
from sportello.core.plain import storable
from sportello.language.detect import language_of
from sportello.tickets import appending, changes, events
from sportello.tickets.confidential import covering
from sportello.tickets.models import Ticket
from sportello.tickets.placing import Named, Placing, named_by_tokens, place_all
from sportello.tickets.prepare import Arrival
from sportello.tickets.recognising import note_guesses, recognise


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
    senders = _resolve_senders(arrivals, named, received.facts, now=now)
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
            _sender_of(arrival, senders).contact_id,
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


def _sender_of(arrival: Arrival, senders: dict[tuple[Key, int], Known]) -> Known:
    return senders[key_of(arrival.inbound.sender), arrival.claim.thread_id if arrival.claim else 0]


def _resolve_senders(
    arrivals: Sequence[Arrival], named: dict[int, Named], facts: list[Fact], *, now: datetime
) -> dict[tuple[Key, int], Known]:
    """(address, thread of its token or 0) → identity and contact.

    Whoever answers with the secret token from an address of the ticket's requester, even a claimed
    one, has shown that he reads it.
    """
    owned_by: dict[Key, int] = {}
    strangers: list[Address] = []
    for arrival in arrivals:
        sender, key = arrival.inbound.sender, key_of(arrival.inbound.sender)
        thread = _shown_to(arrival, named)
        if thread and key in thread.own and thread.own[key].proof == "claimed":
            owned_by[key] = thread.place.contact_id
            sender = Address(
                sender.kind, sender.address, sender.name, verified=True, how="mail_token"
            )
        strangers.append(sender)
    signed = _signed_in(arrivals, now=now)
    known = resolve(strangers, now=now, owned_by=owned_by | signed)
    _adopt(signed, known)
    facts += claim(
        [
            (known[key_of(a.inbound.sender)].contact_id, address)
            for a in arrivals
            for address in a.inbound.claimed
            if not address.verified
        ],
        now=now,
    )
    senders: dict[tuple[Key, int], Known] = {}
    for arrival in arrivals:
        key = key_of(arrival.inbound.sender)
        thread = named.get(arrival.claim.thread_id) if arrival.claim else None
        senders[key, arrival.claim.thread_id if arrival.claim else 0] = known[key]
        if thread and key in thread.own:
            thread.own[key] = known[key]
    return senders


def _shown_to(arrival: Arrival, named: dict[int, Named]) -> Named | None:
    """What the token opens, where it went to the requester: an agent's proves nothing about him."""
    if arrival.claim is None or arrival.claim.agent_id is not None:
        return None
    return named.get(arrival.claim.thread_id)


def _signed_in(arrivals: Sequence[Arrival], *, now: datetime) -> dict[Key, int]:
    """Visitors whose site vouches for who they are join the contact of that identity."""
    vouched = {
        key_of(a.inbound.sender): address
        for a in arrivals
        for address in a.inbound.claimed
        if address.verified
    }
    if not vouched:
        return {}
    owners = resolve(list(vouched.values()), now=now)
    return {visitor: owners[key_of(address)].contact_id for visitor, address in vouched.items()}


def _adopt(signed: dict[Key, int], known: dict[Key, Known]) -> None:
    """A visitor who chatted as nobody and then signed in brings his tickets along."""
    for key, contact_id in signed.items():
        visitor = known[key]
        if visitor.contact_id == contact_id:
            continue
        Identity.objects.filter(pk=visitor.identity_id).update(contact_id=contact_id)
        if (
            not Identity.objects.filter(contact_id=visitor.contact_id)
            .exclude(proof=Proof.CLAIMED)
            .exists()
        ):
            Ticket.objects.filter(contact_id=visitor.contact_id).update(contact_id=contact_id)
        known[key] = Known(visitor.identity_id, contact_id, Proof.VERIFIED)


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
    known = [_sender_of(arrival, senders) for arrival in arrivals]
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
    _note_opting_out(arrivals, known, now=now)
    received.messages += len(ids)
    for i, arrival in enumerate(arrivals):
        place = placings[i].place
        status = statuses.get(place.ticket_id, "") if place else ""
        received.facts += _facts(
            arrival, placings[i], known[i], tickets[i], threads[i], ids[i], status, i in opened
        )
    received.facts += later
    received.facts += note_guesses(known, placings, tickets, ids, now=now)


_WRITES_AGAIN = """
UPDATE contacts_identity SET opted_out_at = NULL
WHERE id = ANY(%s) AND opted_out_at IS NOT NULL RETURNING id
"""


def _note_opting_out(arrivals: Sequence[Arrival], known: Sequence[Known], *, now: datetime) -> None:
    """STOP is honoured until the same address writes anything else."""
    out = {
        k.identity_id for a, k in zip(arrivals, known, strict=True) if a.inbound.meta.get("opt_out")
    }
    back = {k.identity_id for k in known} - out
    if out:
        Identity.objects.filter(pk__in=out).update(opted_out_at=now)
        consents.note_stop(list(out), now=now)
    if any(a.mouth.provider.conversational for a in arrivals):
        consents.note_return([row[0] for row in sql.fetch(_WRITES_AGAIN, [sorted(back)])], now=now)


def _gather_strays(
    arrivals: Sequence[Arrival], known: Sequence[Known], placings: list[Placing], *, now: datetime
) -> None:
    """A machine that keeps writing fills one ticket, not a hundred: loops end here (RFC 3834, section 2)."""
    strays = [
        i
        for i, a in enumerate(arrivals)
        if a.inbound.nature is not Nature.PERSON
        and placings[i].place is None
        and placings[i].follow_up_of is None
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
        "" if inbound.nature is Nature.PERSON else automatic_tag(),
        inbound.language or language_of(f"{inbound.subject}\n{inbound.text}"),
        arrival.received_at,
        appending.preview_of(inbound.text),
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
    appending.attach(
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
                appending.preview_of(a.inbound.text),
                a.mouth.id,
                _is_person(a),
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
        [*_copies(arrivals, placings, threads), *_joining_in(arrivals, known, placings, threads)]
    )


def _window_seconds(arrival: Arrival) -> int:
    """In public there is none, also where the same channel's private talks have one."""
    window = arrival.mouth.provider.capabilities.reply_window
    if arrival.inbound.is_public:
        return 0
    return int(window.total_seconds()) if window else 0


def _is_person(arrival: Arrival) -> bool:
    return arrival.inbound.nature is Nature.PERSON


def _copies(
    arrivals: Sequence[Arrival], placings: Sequence[Placing], threads: Sequence[int]
) -> list[tuple[int, str, str, str, bool]]:
    """Who else a mail was sent to. Active at once only when the sender is proved; else an agent says so."""
    ours = {m.address for m in mouths().values() if m.address}
    rows: list[tuple[int, str, str, str, bool]] = []
    for i, arrival in enumerate(arrivals):
        sender = arrival.inbound.sender
        if placings[i].held:
            continue
        for person in (*arrival.inbound.to, *arrival.inbound.cc):
            address = normalise("email", person.address)
            plain = _without_tag(address)
            if (
                person.kind == "email"
                and plain not in ours
                and address != normalise("email", sender.address)
            ):
                name = storable(person.name)[:200]
                rows.append((threads[i], address, name, "mail", sender.verified))
    return rows


def _joining_in(
    arrivals: Sequence[Arrival],
    known: Sequence[Known],
    placings: Sequence[Placing],
    threads: Sequence[int],
) -> list[tuple[int, str, str, str, bool]]:
    """Who else speaks in a talk of several people. The ticket stays with who began it."""
    return [
        (
            threads[i],
            storable(arrival.inbound.sender.address)[:320],
            storable(arrival.inbound.sender.name)[:200],
            "talk",
            True,
        )
        for i, arrival in enumerate(arrivals)
        if (place := placings[i].place)
        and arrival.is_shared
        and place.contact_id != known[i].contact_id
    ]


def _without_tag(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _facts(
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
    if status in {"pending", "on_hold", "solved"} and _is_person(arrival):
        again = {"status": "open", "message": message_id}
        facts.append(Fact(events.TICKET_REOPENED, ticket_id, contact, who, again, occurred_at=at))
    return facts
