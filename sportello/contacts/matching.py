"""Who may be the same person as these contacts, and why. Reads only; nothing is merged on such reasons.

A claimed address that somebody else writes from; the same name at one company's domain; one mailbox
spelled in two ways; one telephone on several channels. Never an office's address, a shared one, or a
number that may have passed to somebody else.

Set-based: five statements at most, however many contacts a batch of facts names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sportello.contacts import mailboxes
from sportello.contacts.models import Identity, Proof
from sportello.contacts.names import different_people, same_name
from sportello.core import sql

AT_MOST = 5
"""More people behind one address than this are a crowd, not a person."""
COLLEAGUES = 500
"""A domain at which more people than this have mailboxes is taken for a provider's, not for a company's."""
NUMBERS = ("phone", "sms", "whatsapp", "viber", "telegram", "rcs")
"""Kinds whose address may be a telephone number."""


@dataclass(frozen=True, slots=True)
class Match:
    """A contact, another one, and one reason why they may be the same person."""

    contact_id: int
    other_id: int
    reason: str
    """``claimed``, ``proved``, ``number``, ``mailbox``, ``name``, ``signature``, ``moved``, ``order``, ``ticket``."""
    kind: str = ""
    value: str = ""
    """What both have, to be shown."""

    @property
    def as_json(self) -> dict[str, Any]:
        return {"reason": self.reason, "kind": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Own:
    """An address of somebody who is looked at."""

    contact_id: int
    name: str
    kind: str
    address: str
    proof: str
    how: str
    doubt: str

    @property
    def is_personal(self) -> bool:
        """One person reads it, as far as one can tell."""
        return not self.doubt and not self.is_office

    @property
    def is_office(self) -> bool:
        return self.kind == "email" and mailboxes.is_office(self.address)


_OWN = """
SELECT i.contact_id, c.name, i.kind, i.address, i.proof, i.how, i.doubt
FROM contacts_identity i JOIN contacts_contact c ON c.id = i.contact_id
WHERE i.contact_id = ANY(%s) ORDER BY i.contact_id, i.id
"""


def matches(contact_ids: Sequence[int]) -> list[Match]:
    """All that speaks for each of these contacts being somebody else, too; contact by contact."""
    worth = worth_looking(contact_ids)
    if not worth:
        return []
    own = [Own(*row) for row in sql.fetch(_OWN, [worth])]
    found = [*_same_address(own), *_same_mailbox(own), *_same_name(own)]
    return sorted(found, key=lambda match: match.contact_id)


_SAME_ADDRESS = """
SELECT w.n, o.contact_id, c.name, o.proof, o.how
FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bool[])
     AS w(n, contact_id, kind, address, number, is_number)
CROSS JOIN LATERAL (
  SELECT id, contact_id, proof, how FROM contacts_identity
  WHERE address = ANY(ARRAY[w.address, w.number, ltrim(w.number, '+')])
    AND (kind = w.kind AND address = w.address OR w.is_number AND kind = ANY(%s::text[]))
    AND doubt = '' AND contact_id <> w.contact_id
  ORDER BY id LIMIT %s
) o
JOIN contacts_contact c ON c.id = o.contact_id
ORDER BY w.n, o.id
"""


def _same_address(own: Sequence[Own]) -> Iterator[Match]:
    looked = [one for one in own if one.is_personal]
    if not looked:
        return
    rows = [
        (n, one.contact_id, one.kind, one.address, number or one.address, bool(number))
        for n, one in enumerate(looked)
        for number in [number_of(one)]
    ]
    others: dict[int, list[tuple[int, str, str, str]]] = {}
    for n, *other in sql.fetch(_SAME_ADDRESS, [*sql.columns(rows), list(NUMBERS), AT_MOST + 1]):
        others.setdefault(n, []).append((other[0], other[1], other[2], other[3]))
    for n, found in others.items():
        one, value = looked[n], rows[n][4]
        if len(found) > AT_MOST:
            continue
        for other_id, name, proof, how in found:
            if different_people(one.name, name):
                continue
            # Two people who only said so prove nothing of each other but that they know one address.
            claimed = Proof.CLAIMED in {one.proof, proof}
            signed = "signature" in {one.how, how}
            reason = "signature" if signed else "claimed" if claimed else "number"
            yield Match(one.contact_id, other_id, reason, one.kind, value)


def number_of(identity: Own | Identity) -> str:
    """The telephone number that an address is, in E.164; "" when it is none."""
    digits = identity.address.removeprefix("+")
    if identity.kind not in NUMBERS or not digits.isdigit() or not 8 <= len(digits) <= 15:
        return ""
    return f"+{digits}" if identity.kind != "telegram" else ""


_SAME_MAILBOX = """
SELECT w.n, o.contact_id, o.address
FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS w(n, contact_id, address, box, domain, first, after)
CROSS JOIN LATERAL (
  SELECT contact_id, address FROM contacts_identity
  WHERE (address = w.box
         OR address ~>=~ w.first AND address ~<~ w.after AND split_part(address, '@', -1) = w.domain)
    AND kind = 'email' AND doubt = '' AND contact_id <> w.contact_id AND address <> w.address
  LIMIT %s
) o
ORDER BY w.n
"""


def _same_mailbox(own: Sequence[Own]) -> Iterator[Match]:
    """``ada.neri@work.example`` and ``ada.neri+shop@work.example``."""
    looked = [one for one in own if one.kind == "email" and one.is_personal]
    if not looked:
        return
    rows = []
    for n, one in enumerate(looked):
        box = mailboxes.mailbox(one.address)
        local, _at, domain = box.rpartition("@")
        # All that begins with "local+" stands between these two, a comma being the next character.
        rows.append((n, one.contact_id, one.address, box, domain, f"{local}+", f"{local},"))
    for n, other_id, address in sql.fetch(_SAME_MAILBOX, [*sql.columns(rows), AT_MOST]):
        yield Match(looked[n].contact_id, other_id, "mailbox", "email", address)


_NAMESAKES = """
WITH company AS MATERIALIZED (
  SELECT d.domain FROM unnest(%s::text[]) AS d(domain)
  CROSS JOIN LATERAL (
    SELECT count(*) AS mailboxes FROM (
      SELECT FROM contacts_identity
      WHERE kind = 'email' AND proof <> 'claimed' AND split_part(address, '@', -1) = d.domain LIMIT %s
    ) capped
  ) known
  WHERE known.mailboxes <= %s
)
SELECT w.n, o.contact_id, o.name, o.address
FROM company
JOIN unnest(%s::int[], %s::text[], %s::text[]) AS w(n, domain, word) USING (domain)
CROSS JOIN LATERAL (
  SELECT i.contact_id, c.name, i.address FROM contacts_identity i JOIN contacts_contact c ON c.id = i.contact_id
  WHERE i.kind = 'email' AND i.proof <> 'claimed' AND split_part(i.address, '@', -1) = company.domain
    AND i.doubt = '' AND strpos(lower(c.name), w.word) > 0
  LIMIT %s
) o
"""


def _same_name(own: Sequence[Own]) -> Iterator[Match]:
    """The same full name at one company: two addresses of one colleague, or a namesake. Somebody will know."""
    looked: dict[tuple[int, str], tuple[str, str]] = {}
    for one in own:
        is_his = one.kind == "email" and one.proof != Proof.CLAIMED and not one.is_office
        domain = mailboxes.company_domain(one.address) if is_his else ""
        words = one.name.lower().split()
        if domain and len(words) >= 2:
            looked[one.contact_id, domain] = one.name, max(words, key=len)
    if not looked:
        return
    asked = sorted({(domain, word) for (_, domain), (_, word) in looked.items()})
    namesakes = _namesakes(asked)
    for (contact_id, domain), (name, word) in sorted(looked.items()):
        found = {
            other_id
            for other_id, other_name, address in namesakes.get((domain, word), ())
            if other_id != contact_id
            and same_name(name, other_name)
            and not mailboxes.is_office(address)
        }
        # Namesakes are told apart by their names alone: a crowd of them tells nothing.
        if len(found) <= AT_MOST:
            for other_id in sorted(found):
                yield Match(contact_id, other_id, "name", "email", domain)


def _namesakes(
    asked: Sequence[tuple[str, str]],
) -> dict[tuple[str, str], list[tuple[int, str, str]]]:
    """(domain, word of a name) → contact, name and address of some who have both; more than enough to see a crowd."""
    rows = [(n, domain, word) for n, (domain, word) in enumerate(asked)]
    domains = sorted({domain for domain, _ in asked})
    parameters = [domains, COLLEAGUES + 1, COLLEAGUES, *sql.columns(rows), AT_MOST * 4 + 1]
    found: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    for n, other_id, name, address in sql.fetch(_NAMESAKES, parameters):
        found.setdefault(asked[n], []).append((other_id, name, address))
    return found


_WORTH = """
SELECT DISTINCT w.id FROM unnest(%s::bigint[]) AS w(id)
JOIN contacts_identity i ON i.contact_id = w.id
WHERE i.doubt = '' AND (
  EXISTS (SELECT FROM contacts_identity o
          WHERE o.address = i.address AND o.kind = i.kind AND o.contact_id <> i.contact_id)
  OR i.kind = ANY(%s::text[]) AND EXISTS (
          SELECT FROM contacts_identity o
          WHERE o.address = ANY(ARRAY[i.address, '+' || i.address, ltrim(i.address, '+')])
            AND o.kind = ANY(%s::text[]) AND o.contact_id <> i.contact_id)
  OR i.kind = 'email' AND (i.address LIKE '%%+%%@%%'
     OR split_part(i.address, '@', -1) <> ALL(%s::text[])
        AND (SELECT c.name LIKE '%% %%' FROM contacts_contact c WHERE c.id = w.id)))
"""


def worth_looking(contact_ids: Sequence[int]) -> list[int]:
    """Those of whom anything could be found, by one statement: most customers need no second look."""
    if not contact_ids:
        return []
    numbers = list(NUMBERS)
    parameters = [sorted(set(contact_ids)), numbers, numbers, mailboxes.free_domains()]
    return [row[0] for row in sql.fetch(_WORTH, parameters)]
