"""Whose is it? Only a proved address says so: what a shop claims opens nobody's ticket."""

from __future__ import annotations

from collections.abc import Sequence

from sportello.commerce.records import Buyer
from sportello.contacts import addresses
from sportello.contacts.models import Contact, Identity, Proof
from sportello.core import sql
from sportello.core.plain import storable

PHONES = ("phone", "sms", "whatsapp")
TABLES = ("order", "subscription", "device", "warranty", "loyalty")


def email_of(buyer: Buyer) -> str:
    return _clean("email", buyer.email)


def phone_of(buyer: Buyer) -> str:
    return _clean("phone", buyer.phone)[:32]


def _clean(kind: str, address: str) -> str:
    """As an identity would be kept; empty for what is no address."""
    if not address.strip():
        return ""
    try:
        return addresses.clean(kind, storable(address))[1]
    except addresses.BadAddress:
        return ""


def contact_of(buyer: Buyer, email: str, phone: str) -> int | None:
    """The contact that has proved one of the buyer's addresses; the mail address counts before the number."""
    if buyer.contact_id and Contact.objects.filter(pk=buyer.contact_id).exists():
        return buyer.contact_id
    proved = Identity.objects.filter(proof=Proof.VERIFIED)
    if email:
        found = proved.filter(kind="email", address=email).values_list("contact_id", flat=True)
        if (owner := found.first()) is not None:
            return owner
    if phone:
        numbers = proved.filter(kind__in=PHONES, address=phone)
        owners = set(numbers.values_list("contact_id", flat=True))
        if len(owners) == 1:
            return owners.pop()
    return None


_ATTACH = """
UPDATE commerce_{table} o SET contact_id = i.contact_id
FROM contacts_identity i
WHERE i.contact_id = ANY(%s) AND i.proof = 'verified' AND o.contact_id IS NULL AND NOT o.is_erased
  AND ((i.kind = 'email' AND o.email <> '' AND o.email = i.address)
    OR (i.kind IN ('phone', 'sms', 'whatsapp') AND o.phone <> '' AND o.phone = i.address))
RETURNING o.id
"""


def attach(contact_ids: Sequence[int]) -> list[int]:
    """What belonged to nobody becomes theirs whose proved address it carries. Returns ids of such orders."""
    found: list[int] = []
    for table in TABLES:
        rows = sql.fetch(_ATTACH.format(table=table), [sorted(set(contact_ids))])
        if table == "order":
            found = [row[0] for row in rows]
    return found
