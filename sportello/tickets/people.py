"""Which people an agent may see and change: those of tickets that he may see, and those without any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of, shape_of, within
from sportello.accounts.rights import Rights
from sportello.contacts.models import Contact, Membership, Organization
from sportello.core.compiled import Among, compiled
from sportello.tickets.models import Ticket
from sportello.tickets.queries import visible_to as visible_tickets


def visible_to(agent: Agent) -> QuerySet[Contact]:
    """Contacts with a visible ticket, or with no ticket at all."""
    return _visible(rights_of(agent))


def _visible(rights: Rights) -> QuerySet[Contact]:
    if not rights.scopes:
        return Contact.objects.none()
    theirs = Ticket.objects.filter(contact=OuterRef("pk"))
    return Contact.objects.filter(Exists(theirs.filter(within(rights))) | ~Exists(theirs))


def seen_by(agent: Agent, contact_ids: list[int]) -> list[Contact]:
    """Those of these people whom he may see, with their organizations; the newest first."""
    shape = shape_of(agent)
    return _seen(shape, contacts=contact_ids) if shape.scopes else []


@compiled
def _seen(rights: Rights, *, contacts: Any) -> QuerySet[Contact]:
    rows = _visible(rights).filter(Among("id", contacts))
    return rows.select_related("organization").order_by("-pk")


def may_change(agent: Agent, contact: Contact) -> bool:
    """Whether he may answer on one ticket of this person at least, or there is none yet."""
    return reach_of(agent, contact).some


def reaches_all(agent: Agent, contact: Contact) -> bool:
    """Whether he may answer on every ticket of this person: then nothing is hidden from him."""
    return reach_of(agent, contact).all


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an agent's right to answer goes with one person."""

    some: bool
    """On one ticket at least, or there is none yet."""
    all: bool
    """On every ticket."""


def reach_of(agent: Agent, contact: Contact) -> Reach:
    if not rights_of(agent).can_answer:
        return Reach(some=False, all=False)
    for theirs, others in _answers(shape_of(agent), contact=contact.pk):
        return Reach(some=theirs or not others, all=not others)
    return Reach(some=True, all=True)


@compiled
def _answers(rights: Rights, *, contact: Any) -> QuerySet[Contact, tuple[bool, bool]]:
    """Whether the person has tickets on which these rights answer, and others."""
    own = Ticket.objects.filter(contact_id=contact)
    theirs = own.filter(within(rights, answering=True))
    others = own.exclude(pk__in=theirs.values("pk"))
    return Contact.objects.filter(pk=contact).values_list(Exists(theirs), Exists(others))


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
