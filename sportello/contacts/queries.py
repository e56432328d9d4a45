"""Reads about people. Which of them an agent may see is asked in `tickets.people.visible_to`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from sportello.channels.offers import Asker
from sportello.contacts import fields
from sportello.contacts.models import Contact, Identity, Proof
from sportello.core.compiled import compiled


def matching(q: str) -> Q:
    """Contacts called, addressed or grouped so, or of whom a field says it. Wildcards in `q` are letters like others."""
    words = " ".join(q.replace("\x00", "").split())[:200]
    addressed = Identity.objects.filter(address__icontains=words).values("contact_id")
    noted = Contact.objects.filter(fields.having(words)).values("pk")
    condition = Q(name__icontains=words) | Q(pk__in=addressed) | Q(pk__in=noted)
    return condition | Q(organization__name__icontains=words)


def search(contacts: QuerySet[Contact], q: str) -> QuerySet[Contact]:
    """Narrow `contacts` to those that `matching` finds; the trigram indexes carry it."""
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
