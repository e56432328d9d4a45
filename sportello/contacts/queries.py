"""Reads about people. Which of them an agent may see is asked in `tickets.people.visible_to`."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from sportello.channels.offers import Asker
from sportello.contacts import fields
from sportello.contacts.models import Contact, Identity, Proof
from sportello.core.compiled import compiled

_CALLED = """
SELECT id FROM contacts_contact WHERE name ILIKE %s
UNION ALL
SELECT contact_id FROM contacts_identity WHERE address ILIKE %s
UNION ALL
SELECT c.id FROM contacts_contact c JOIN contacts_organization o ON o.id = c.organization_id WHERE o.name ILIKE %s
"""
_NOTED = """UNION ALL
SELECT id FROM contacts_contact WHERE custom <> '{}' AND custom @> %s::jsonb
"""


def matching(q: str) -> Q:
    """Contacts called, addressed or grouped so, or of whom a field says it. Wildcards in `q` are letters like others.

    Each part is asked for by itself, so that each has its index; the last holds only those of whom anything is noted.
    """
    words = " ".join(q.replace("\x00", "").split())[:200]
    like = "%" + re.sub(r"([%_\\])", r"\\\1", words) + "%"
    noted = fields.saying(words)
    found = RawSQL(_CALLED + _NOTED * len(noted), [like, like, like, *noted])  # noqa: S611
    return Q(pk__in=found)


def search(contacts: QuerySet[Contact], q: str) -> QuerySet[Contact]:
    """Narrow `contacts` to those that `matching` finds."""
    return contacts.filter(matching(q)) if q.strip() else contacts


@compiled
def identities_of(*, contact: Any) -> QuerySet[Identity]:
    """All addresses of a contact, in the order in which they came."""
    return Identity.objects.filter(contact_id=contact).order_by("id")


def owner_of(kind: str, address: str) -> Identity | None:
    """Who owns the address. Claims do not count."""
    owned = Identity.objects.filter(kind=kind, address=address).exclude(proof=Proof.CLAIMED)
    return owned.select_related("contact").first()


def asker_of(contact: Contact) -> Asker:
    """What decides which channels he is offered. His own custom fields go before his organization's."""
    theirs = contact.organization.custom if contact.organization else {}
    segments = frozenset(name.lower() for name in contact.segments)
    return Asker(contact.organization_id, segments, {**theirs, **contact.custom})
