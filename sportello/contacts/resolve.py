"""Resolve: which contact does this address belong to? Set-based, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sportello.channels.contract import Address
from sportello.contacts import events, mailboxes, phones
from sportello.contacts.organizations import join_by_domain
from sportello.core import sql
from sportello.core.actors import Actor
from sportello.core.events import Fact
from sportello.core.plain import storable


@dataclass(frozen=True, slots=True)
class Known:
    """The identity that owns an address, and its contact."""

    identity_id: int
    contact_id: int
    proof: str


type Key = tuple[str, str]

_FIND = """
SELECT i.kind, i.address, i.id, i.contact_id, i.proof
FROM contacts_identity i
JOIN unnest(%s::text[], %s::text[]) AS wanted(kind, address) ON (i.kind, i.address) = (wanted.kind, wanted.address)
WHERE i.proof <> 'claimed'
"""

_CREATE = """
WITH wanted AS (
  SELECT *, nextval(pg_get_serial_sequence('contacts_contact', 'id')) AS contact_id
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS t(kind, address, display, proof, how, existing_contact)
  ORDER BY kind, address
), identity AS (
  INSERT INTO contacts_identity (contact_id, kind, address, display, proof, how, proved_at, created_at)
  SELECT coalesce(existing_contact, contact_id), kind, address, display, proof, how,
         CASE WHEN proof = 'verified' THEN %s::timestamptz END, %s
  FROM wanted
  ON CONFLICT DO NOTHING
  RETURNING id, contact_id, kind, address, proof
)
, contact AS (
  INSERT INTO contacts_contact (id, name, language, notes, custom, blocked, created_at)
  SELECT contact_id, left(display, 200), '', '', '{}', false, %s FROM wanted
  WHERE existing_contact IS NULL AND contact_id IN (SELECT contact_id FROM identity)
)
SELECT kind, address, id, contact_id, proof FROM identity
"""

_PROMOTE = """
UPDATE contacts_identity SET proof = 'verified', how = %s, proved_at = %s
WHERE contact_id = %s AND kind = %s AND address = %s AND proof = 'claimed'
  AND NOT EXISTS (SELECT FROM contacts_identity WHERE kind = %s AND address = %s AND proof <> 'claimed')
"""

_PROVE = """
UPDATE contacts_identity SET proof = 'verified', how = t.how, proved_at = %s
FROM unnest(%s::bigint[], %s::text[]) AS t(id, how)
WHERE contacts_identity.id = t.id AND contacts_identity.proof = 'none'
"""

_CLAIM = """
INSERT INTO contacts_identity (contact_id, kind, address, display, proof, how, created_at)
SELECT DISTINCT ON (contact_id, kind, address) contact_id, kind, address, display, 'claimed', %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS t(contact_id, kind, address, display)
ON CONFLICT DO NOTHING
RETURNING id, contact_id, kind
"""

_NAME = """
UPDATE contacts_contact SET name = left(t.name, 200)
FROM (SELECT id, max(name) AS name FROM unnest(%s::bigint[], %s::text[]) AS u(id, name) GROUP BY id) t
WHERE contacts_contact.id = t.id AND contacts_contact.name = '' AND t.name <> ''
"""


def normalise(kind: str, address: str, *, region: str = "") -> str:
    """The spelling under which an address is kept.

    E-mail: lower case, the domain in its ASCII form; nothing else is changed, `contacts.mailboxes`
    knows what may be one mailbox. Telephones: E.164, where it is a number at all.
    """
    text = storable(address).strip()
    if kind == "email":
        return mailboxes.plain(text)[:320]
    if kind in phones.KINDS:
        return (phones.e164(text, region=region) or text)[:320]
    return text[:320]


def key_of(address: Address) -> Key:
    return address.kind, normalise(address.kind, address.address)


def find(keys: Iterable[Key]) -> dict[Key, Known]:
    """Owners of the addresses that have one."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    return {
        (k, a): Known(i, c, p)
        for k, a, i, c, p in sql.fetch(_FIND, [[k for k, _ in wanted], [a for _, a in wanted]])
    }


def resolve(
    addresses: Sequence[Address], *, now: datetime, owned_by: dict[Key, int] | None = None
) -> dict[Key, Known]:
    """The owner of each address; contacts are made for addresses never seen.

    `owned_by` names the contact that a new identity joins instead of a contact of its own (a visitor
    who is signed in). An address vouched for by its channel becomes verified.
    """
    owned_by = owned_by or {}
    by_key = {key_of(a): a for a in addresses}
    for key, contact_id in owned_by.items():
        _promote(contact_id, key, by_key[key], now=now)
    known = find(by_key)
    missing = sorted(k for k in by_key if k not in known)
    if missing:
        known |= _create([(k, by_key[k], owned_by.get(k)) for k in missing], now=now)
        lost = [k for k in missing if k not in known]
        if lost:
            known |= find(lost)
    _prove_and_name(by_key, known, now=now)
    proved = [
        known[k].identity_id
        for k, a in by_key.items()
        if k[0] == "email" and a.verified and (k in missing or known[k].proof == "none")
    ]
    join_by_domain(proved, now=now)
    return known


def _promote(contact_id: int, key: Key, address: Address, *, now: datetime) -> None:
    """A claimed address that its contact now writes from becomes his, unless somebody else owns it."""
    sql.fetch(_PROMOTE, [address.how, now, contact_id, *key, *key])


def _create(wanted: list[tuple[Key, Address, int | None]], *, now: datetime) -> dict[Key, Known]:
    rows = sql.fetch(
        _CREATE,
        [
            [k for (k, _), _, _ in wanted],
            [a for (_, a), _, _ in wanted],
            [storable(address.name)[:320] for _, address, _ in wanted],
            ["verified" if address.verified else "none" for _, address, _ in wanted],
            [address.how for _, address, _ in wanted],
            [contact_id for _, _, contact_id in wanted],
            now,
            now,
            now,
        ],
    )
    return {(k, a): Known(i, c, p) for k, a, i, c, p in rows}


def _prove_and_name(by_key: dict[Key, Address], known: dict[Key, Known], *, now: datetime) -> None:
    prove = [
        (known[k].identity_id, a.how)
        for k, a in by_key.items()
        if a.verified and known[k].proof == "none"
    ]
    named = [(known[k].contact_id, storable(a.name)) for k, a in by_key.items() if a.name]
    if prove:
        sql.fetch(_PROVE, [now, [i for i, _ in prove], [how for _, how in prove]])
    if named:
        sql.fetch(_NAME, [[c for c, _ in named], [n for _, n in named]])


def claim(
    rows: Sequence[tuple[int, Address]], *, now: datetime, how: str = "form", region: str = ""
) -> list[Fact]:
    """Note addresses that contacts said are theirs. Nothing is merged, nothing becomes theirs by it.

    `how`: ``form`` or ``signature``; `region` is the country of telephone numbers without a prefix,
    the company's when not given. Returns the facts to record.
    """
    if not rows:
        return []
    new = sql.fetch(
        _CLAIM,
        [
            how,
            now,
            [contact_id for contact_id, _ in rows],
            [a.kind for _, a in rows],
            [normalise(a.kind, a.address, region=region) for _, a in rows],
            [storable(a.address)[:320] for _, a in rows],
        ],
    )
    return [
        Fact(
            events.IDENTITY_CLAIMED,
            None,
            contact_id,
            Actor.contact(contact_id),
            {"identity": identity_id, "kind": kind},
        )
        for identity_id, contact_id, kind in new
    ]
