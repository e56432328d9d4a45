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
from sportello.contacts.models import Contact, Doubt, Identity
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
    facts: list[Fact] = []
    for opening in openings:
        facts += _doubt(opening)
        facts += _signature(opening, now=now)
    return facts + _orders(openings, now=now) + _tickets(openings, now=now)


def _doubt(opening: Opening) -> list[Fact]:
    """Another full name than the contact's: a shared address, or a number with a new owner."""
    if not different_people(opening.name, opening.author):
        return []
    quiet = opening.before is not None and opening.at - opening.before > SILENCE
    doubt = Doubt.RECYCLED if quiet and opening.kind in NUMBERS else Doubt.SHARED
    if not Identity.objects.filter(pk=opening.identity_id, doubt="").update(doubt=doubt):
        return []
    payload = {"identity": opening.identity_id, "kind": opening.kind, "doubt": str(doubt)}
    return [Fact(events.IDENTITY_DOUBTED, None, opening.contact_id, payload=payload)]


def _signature(opening: Opening, *, now: datetime) -> list[Fact]:
    """A telephone written below his name is claimed: it proves nothing, and may lead to a suggestion."""
    mouth = mouths().get(opening.channel_id)
    if opening.kind != "email" or mouth is None:
        return []
    region = phones.region_of(mouth.settings)
    found = list(dict.fromkeys(phones.numbers_in(signature_of(opening), region=region)))[:2]
    rows = [(opening.contact_id, Address("phone", number)) for number in found]
    return claim(rows, now=now, how="signature")


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
    named = {o.contact_id: order_numbers(o.text) for o in openings}
    wanted = sorted({key for keys in named.values() for key in keys})
    if not wanted:
        return []
    orders = Order.objects.filter(number_key__in=wanted).exclude(contact=None)
    owners: dict[str, set[int]] = {}
    for key, owner in orders.values_list("number_key", "contact_id"):
        owners.setdefault(key, set()).add(owner)
    facts: list[Fact] = []
    for contact_id, keys in named.items():
        for key in keys:
            theirs = owners.get(key, set())
            if len(theirs) == 1 and contact_id not in theirs:
                pair = Contact.objects.in_bulk([contact_id, *theirs])
                one, other = pair.get(contact_id), pair.get(next(iter(theirs)))
                if one and other and not different_people(one.name, other.name):
                    facts += suggest([Match(one.pk, other.pk, "order", "", key)], now=now)
    return facts


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
