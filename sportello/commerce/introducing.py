"""Buyers for whose mail address their shop vouches are people we know before they write.

A shop that had an account's owner open what it sent to an address is a provider like any other: its word proves the
address. What somebody only typed at the till proves nothing: such an order waits for its buyer.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sportello.channels.contract import Address
from sportello.commerce.matching import TABLES, attach
from sportello.commerce.touching import touch_orders
from sportello.contacts import events as people
from sportello.contacts.resolve import Key, Known, find, key_of, resolve
from sportello.core import sql
from sportello.core.actors import SYSTEM
from sportello.core.events import Fact, record_many

HOW = "shop"
"""What the proof rests on, as the person's page says it."""
BATCH = 200

_WAITING = " UNION ALL ".join(
    f"(SELECT email, buyer_name FROM commerce_{table} "  # noqa: S608  (names of our own tables)
    "WHERE contact_id IS NULL AND is_confirmed AND NOT is_erased AND email <> '' ORDER BY id LIMIT %s)"
    for table in TABLES
)


def introduce(*, now: datetime) -> int:
    """Everybody who waits becomes a contact, or turns out to be one; returns how many people had been waiting.

    A transaction of its own for each batch, people before orders as everywhere.
    """
    met: set[str] = set()
    while (found := _batch(now)) - met:
        met |= found
    return len(met)


def _batch(now: datetime) -> set[str]:
    """The addresses of some who wait."""
    with transaction.atomic():
        rows = sql.fetch(_WAITING, [BATCH] * len(TABLES))
        if not rows:
            return set()
        names: dict[str, str] = {}
        for email, name in rows:
            names[email] = names.get(email) or name
        addresses = [Address("email", email, name, True, HOW) for email, name in names.items()]
        before = find(key_of(address) for address in addresses)
        known = resolve(addresses, now=now)
        facts = _facts(before, known)
        found = attach(sorted({one.contact_id for one in known.values()}))
        touch_orders(found)
        record_many(facts, now=now)
    return set(names)


def _facts(before: dict[Key, Known], known: dict[Key, Known]) -> list[Fact]:
    facts = []
    for key, one in known.items():
        was = before.get(key)
        if was is None:
            facts.append(Fact(people.CONTACT_CREATED, None, one.contact_id, SYSTEM, {}))
        elif was.proof != "verified":
            identity = {"identity": one.identity_id}
            facts.append(Fact(people.IDENTITY_VERIFIED, None, one.contact_id, SYSTEM, identity))
    return facts
