"""What new tickets tell about people: two names at one address, a number that changed hands, a signature's telephone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sportello.channels.contract import Address
from sportello.channels.queries import mouths
from sportello.commerce.models import Order
from sportello.commerce.queries import numbers_in as order_numbers
from sportello.contacts import events, phones
from sportello.contacts.matching import NUMBERS, Match
from sportello.contacts.models import Contact, Doubt
from sportello.contacts.names import different_people
from sportello.contacts.resolve import claim
from sportello.contacts.suggesting import suggest
from sportello.core import sql
from sportello.core.events import Fact
from sportello.language.references import ticket_numbers
from sportello.tickets.models import Ticket

SILENCE = timedelta(days=365)
"""A telephone number that was silent for so long and comes back with another name has a new owner, likely."""
SIGNED = 8
"""Last lines of a mail in which a signature stands."""
NAMED = 2
"""Ticket numbers of one message that are looked up."""
_QUOTE = re.compile(
    r"^\s*(>|-{2,}\s*(original|messaggio)|(il|on|am|le|el) .{6,80}(ha scritto|wrote|schrieb|a écrit)|(da|from|von|de):\s)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """The first words of a ticket, and who said them."""

    ticket_id: int
    contact_id: int
    name: str
    """As the contact is called."""
    identity_id: int
    kind: str
    author: str
    channel_id: int
    subject: str
    text: str
    quoted: str
    before: datetime | None
    """When this address was heard before."""
    at: datetime


_OPENINGS = """
SELECT t.id, t.contact_id, c.name, i.id, i.kind, m.author_name, m.channel_id, left(m.subject, 500), left(m.text, 6000), left(m.quoted, 3000),
  CASE WHEN m.author_name <> c.name THEN (SELECT max(e.created_at) FROM tickets_ticket o JOIN tickets_message e ON e.ticket_id = o.id
   WHERE o.contact_id = t.contact_id AND o.id < t.id AND e.identity_id = i.id) END, m.created_at
FROM unnest(%s::bigint[]) AS w(id)
JOIN tickets_ticket t ON t.id = w.id
JOIN contacts_contact c ON c.id = t.contact_id
CROSS JOIN LATERAL (
  SELECT * FROM tickets_message WHERE ticket_id = t.id AND direction = 'in' AND nature = 'person' AND NOT is_held
  ORDER BY id LIMIT 1
) m
JOIN contacts_identity i ON i.id = m.identity_id AND i.contact_id = t.contact_id
WHERE m.author_name <> c.name OR m.quoted ~ '[0-9]{3}' OR m.text ~ '[0-9]{3}' OR m.subject ~ '[0-9]{3}'
"""


def notice(ticket_ids: Sequence[int], *, now: datetime) -> list[Fact]:
    """Look at newly opened tickets, set-based. Inside the caller's transaction; returns the facts to record."""
    if not ticket_ids:
        return []
    openings = [Opening(*row) for row in sql.fetch(_OPENINGS, [sorted(set(ticket_ids))])]
    signed = [row for opening in openings for row in _signature(opening)]
    return [
        *_doubts(openings),
        *claim(signed, now=now, how="signature"),
        *_orders(openings, now=now),
        *_tickets(openings, now=now),
    ]


_DOUBT = """
UPDATE contacts_identity i SET doubt = t.doubt FROM unnest(%s::bigint[], %s::text[]) AS t(id, doubt)
WHERE i.id = t.id AND i.doubt = '' RETURNING i.id
"""


def _doubts(openings: Sequence[Opening]) -> list[Fact]:
    """Another full name than the contact's: a shared address, or a number with a new owner."""
    doubted: dict[int, tuple[Opening, Doubt]] = {}
    for opening in openings:
        if different_people(opening.name, opening.author):
            quiet = opening.before is not None and opening.at - opening.before > SILENCE
            doubt = Doubt.RECYCLED if quiet and opening.kind in NUMBERS else Doubt.SHARED
            doubted.setdefault(opening.identity_id, (opening, doubt))
    if not doubted:
        return []
    rows = [(identity, str(doubt)) for identity, (_, doubt) in sorted(doubted.items())]
    marked = {row[0] for row in sql.fetch(_DOUBT, sql.columns(rows))}
    return [
        Fact(
            events.IDENTITY_DOUBTED,
            None,
            opening.contact_id,
            payload={"identity": identity, "kind": opening.kind, "doubt": str(doubt)},
        )
        for identity, (opening, doubt) in doubted.items()
        if identity in marked
    ]


def _signature(opening: Opening) -> list[tuple[int, Address]]:
    """A telephone written below his name is claimed: it proves nothing, and may lead to a suggestion."""
    mouth = mouths().get(opening.channel_id)
    if opening.kind != "email" or mouth is None:
        return []
    region = phones.region_of(mouth.settings)
    found = list(dict.fromkeys(phones.numbers_in(signature_of(opening), region=region)))[:2]
    return [(opening.contact_id, Address("phone", number)) for number in found]


def signature_of(opening: Opening) -> str:
    """The last lines of what he wrote, and what was folded away up to the first quote."""
    lines = opening.text.splitlines()[-SIGNED:]
    for line in opening.quoted.splitlines()[: SIGNED * 2]:
        if _QUOTE.match(line):
            break
        lines.append(line)
    return "\n".join(lines)


def _orders(openings: Sequence[Opening], *, now: datetime) -> list[Fact]:
    """He speaks of an order that another contact placed: perhaps the same person under another address."""
    named = {o.contact_id: (o.name, order_numbers(o.text)) for o in openings}
    wanted = sorted({key for _, keys in named.values() for key in keys})
    if not wanted:
        return []
    orders = Order.objects.filter(number_key__in=wanted).exclude(contact=None)
    owners: dict[str, dict[int, str]] = {}
    for key, owner, name in orders.values_list("number_key", "contact_id", "contact__name"):
        owners.setdefault(key, {})[owner or 0] = name
    found = [
        Match(contact_id, other_id, "order", "", key)
        for contact_id, (name, keys) in named.items()
        for key in keys
        if len(theirs := owners.get(key, {})) == 1
        for other_id, other_name in theirs.items()
        if other_id != contact_id and not different_people(name, other_name)
    ]
    return suggest(found, now=now)


def _tickets(openings: Sequence[Opening], *, now: datetime) -> list[Fact]:
    """He names the number of somebody else's ticket: perhaps the same person under another address.

    Anybody can write a number: it is told to agents who see both, and to nobody else.
    """
    named = {
        o.contact_id: sorted(ticket_numbers(f"{o.subject}\n{o.text}"))[:NAMED] for o in openings
    }
    wanted = {number for numbers in named.values() for number in numbers}
    if not wanted:
        return []
    rows = Ticket.objects.filter(number__in=wanted, is_spam=False).exclude(team__is_private=True)
    tickets = {row.number: row for row in rows.select_related("contact")}
    people = Contact.objects.in_bulk(named)
    found = [
        Match(one.pk, other.pk, "ticket", "", str(number))
        for contact_id, numbers in named.items()
        for number in numbers
        if (one := people.get(contact_id)) and number in tickets
        if (other := tickets[number].contact) != one and not different_people(one.name, other.name)
    ]
    return suggest(found, now=now)
