"""Who may be the same person as this contact, and why. Reads only; nothing is merged on such reasons.

A claimed address that somebody else writes from; the same name at one company's domain; one mailbox
spelled in two ways; one telephone on several channels. Never an office's address, a shared one, or a
number that may have passed to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from sportello.contacts import mailboxes
from sportello.contacts.models import Contact, Identity, Proof
from sportello.contacts.names import different_people, same_name
from sportello.core import sql

AT_MOST = 5
"""More people behind one address than this are a crowd, not a person."""
NUMBERS = ("phone", "sms", "whatsapp", "viber", "telegram", "rcs")
"""Kinds whose address may be a telephone number."""


@dataclass(frozen=True, slots=True)
class Match:
    """Another contact, and one reason."""

    contact: Contact
    reason: str
    """``claimed``, ``proved``, ``number``, ``mailbox``, ``name``, ``signature``, ``moved``, ``order``."""
    kind: str = ""
    value: str = ""
    """What both have, to be shown."""

    @property
    def as_json(self) -> dict[str, Any]:
        return {"reason": self.reason, "kind": self.kind, "value": self.value}


def matches(contact: Contact) -> list[Match]:
    """All that speaks for somebody else being this person."""
    own = list(contact.identities.all())
    found = [
        match
        for identity in own
        if not identity.doubt
        for match in (*_same_address(contact, identity), *_same_mailbox(contact, identity))
    ]
    return [*found, *_same_name(contact, own)]


def _same_address(contact: Contact, identity: Identity) -> Iterator[Match]:
    if identity.kind == "email" and mailboxes.is_office(identity.address):
        return
    number = number_of(identity)
    same = Q(kind=identity.kind, address=identity.address)
    if number:
        same |= Q(kind__in=NUMBERS, address__in=[number, number.removeprefix("+")])
    others = (
        Identity.objects.filter(same, doubt="")
        .exclude(contact=contact)
        .select_related("contact")
        .order_by("pk")
    )
    rows = list(others[: AT_MOST + 1])
    if len(rows) > AT_MOST:
        return
    for other in rows:
        if different_people(contact.name, other.contact.name):
            continue
        # Two people who only said so prove nothing of each other but that they know one address.
        claimed = Proof.CLAIMED in {identity.proof, other.proof}
        signed = "signature" in {identity.how, other.how}
        reason = "signature" if signed else "claimed" if claimed else "number"
        yield Match(other.contact, reason, identity.kind, number or identity.address)


def number_of(identity: Identity) -> str:
    """The telephone number that an address is, in E.164; "" when it is none."""
    digits = identity.address.removeprefix("+")
    if identity.kind not in NUMBERS or not digits.isdigit() or not 8 <= len(digits) <= 15:
        return ""
    return f"+{digits}" if identity.kind != "telegram" else ""


def _same_mailbox(contact: Contact, identity: Identity) -> Iterator[Match]:
    """``ada.neri@work.example`` and ``ada.neri+shop@work.example``."""
    if identity.kind != "email" or mailboxes.is_office(identity.address):
        return
    box = mailboxes.mailbox(identity.address)
    local, _at, domain = box.rpartition("@")
    spelled = Q(address=box) | Q(address__startswith=f"{local}+", address__endswith=f"@{domain}")
    rows = Identity.objects.filter(spelled, kind="email", doubt="").exclude(contact=contact)
    for other in rows.exclude(address=identity.address).select_related("contact")[:AT_MOST]:
        yield Match(other.contact, "mailbox", "email", other.address)


def _same_name(contact: Contact, own: list[Identity]) -> Iterator[Match]:
    """The same full name at one company: two addresses of one colleague, or a namesake. Somebody will know."""
    domains = {
        mailboxes.company_domain(i.address)
        for i in own
        if i.kind == "email" and i.proof != Proof.CLAIMED and not mailboxes.is_office(i.address)
    } - {""}
    if not domains or len(contact.name.split()) < 2:
        return
    words = max(contact.name.split(), key=len)
    for domain in sorted(domains):
        rows = (
            Identity.objects.filter(kind="email", address__endswith=f"@{domain}", doubt="")
            .filter(contact__name__contains=words)
            .exclude(contact=contact)
            .exclude(proof=Proof.CLAIMED)
        )
        # Namesakes are told apart by their names alone: a crowd of them is not worth loading.
        named = rows.values_list("contact_id", "contact__name", "address")[: AT_MOST * 4]
        found = {
            other
            for other, name, address in named
            if same_name(contact.name, name) and not mailboxes.is_office(address)
        }
        if 0 < len(found) <= AT_MOST:
            for other in Contact.objects.filter(pk__in=found).order_by("pk"):
                yield Match(other, "name", "email", domain)


_WORTH = """
SELECT DISTINCT i.contact_id FROM contacts_identity i JOIN contacts_contact c ON c.id = i.contact_id
WHERE i.contact_id = ANY(%s) AND i.doubt = '' AND (
  EXISTS (SELECT FROM contacts_identity o
          WHERE o.address = i.address AND o.kind = i.kind AND o.contact_id <> i.contact_id)
  OR i.kind = ANY(%s::text[]) AND EXISTS (
          SELECT FROM contacts_identity o
          WHERE o.address = ANY(ARRAY[i.address, '+' || i.address, ltrim(i.address, '+')])
            AND o.kind = ANY(%s::text[]) AND o.contact_id <> i.contact_id)
  OR i.kind = 'email' AND (i.address LIKE '%%+%%@%%'
     OR c.name LIKE '%% %%' AND split_part(i.address, '@', 2) <> ALL(%s::text[])))
"""


def worth_looking(contact_ids: Sequence[int]) -> list[int]:
    """Those of whom anything could be found, by one statement: most customers need no second look."""
    if not contact_ids:
        return []
    numbers = list(NUMBERS)
    parameters = [sorted(set(contact_ids)), numbers, numbers, mailboxes.free_domains()]
    return [row[0] for row in sql.fetch(_WORTH, parameters)]
