"""Which people an agent may see and change: those of tickets that he may see, and those without any."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.contacts.models import Contact, Membership, Organization
from sportello.tickets.models import Ticket
from sportello.tickets.queries import answerable_by
from sportello.tickets.queries import visible_to as visible_tickets


def visible_to(agent: Agent) -> QuerySet[Contact]:
    """Contacts with a visible ticket, or with no ticket at all."""
    if not rights_of(agent).scopes:
        return Contact.objects.none()
    theirs = Ticket.objects.filter(contact=OuterRef("pk"))
    seen = visible_tickets(agent).filter(contact=OuterRef("pk"))
    return Contact.objects.filter(Exists(seen) | ~Exists(theirs))


def may_change(agent: Agent, contact: Contact) -> bool:
    """Whether he may answer on one ticket of this person at least, or there is none yet."""
    if not rights_of(agent).can_answer:
        return False
    own = Ticket.objects.filter(contact=contact)
    return answerable_by(agent).filter(contact=contact).exists() or not own.exists()


def reaches_all(agent: Agent, contact: Contact) -> bool:
    """Whether he may answer on every ticket of this person: then nothing is hidden from him."""
    if not rights_of(agent).can_answer:
        return False
    own = Ticket.objects.filter(contact=contact)
    return not own.exclude(
        pk__in=answerable_by(agent).filter(contact=contact).values("pk")
    ).exists()


def organizations_visible_to(agent: Agent) -> QuerySet[Organization]:
    """Organizations with a ticket or a person that he may see, and those with neither."""
    if not rights_of(agent).scopes:
        return Organization.objects.none()
    tickets = Ticket.objects.filter(organization=OuterRef("pk"))
    members = Membership.objects.filter(organization=OuterRef("pk"))
    people = Contact.objects.filter(organization=OuterRef("pk"))
    shown = visible_to(agent)
    seen = (
        Exists(visible_tickets(agent).filter(organization=OuterRef("pk")))
        | Exists(shown.filter(organization=OuterRef("pk")))
        | Exists(members.filter(Exists(shown.filter(pk=OuterRef("contact_id")))))
    )
    empty = ~Exists(tickets) & ~Exists(members) & ~Exists(people)
    return Organization.objects.filter(seen | empty)
