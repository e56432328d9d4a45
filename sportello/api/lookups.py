"""Whom and what a request names: tickets, people, channels, agents, teams. All within the caller's rights."""

from __future__ import annotations

from django.db.models import QuerySet

from sportello.accounts.models import Agent, Brand, Team
from sportello.accounts.queries import agents_visible, teams_visible
from sportello.accounts.rights import Rights
from sportello.api.problems import NotFound, invalid
from sportello.api.requests import ApiRequest, require
from sportello.channels.models import Channel
from sportello.contacts.models import Contact, Organization
from sportello.tickets import people
from sportello.tickets.models import Ticket
from sportello.tickets.queries import visible_to


def tickets(request: ApiRequest) -> QuerySet[Ticket]:
    """What he may see, with what `show.ticket` needs."""
    related = ("contact", "organization", "assignee", "team", "brand", "merged_into")
    return visible_to(request.agent).select_related(*related)


def ticket(request: ApiRequest, number: int) -> Ticket:
    found = tickets(request).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def answerable(request: ApiRequest, number: int) -> Ticket:
    """A ticket that he may change: 404 when hidden, 403 when he may only read it."""
    found = ticket(request, number)
    require(answers(request.rights, found))
    return found


def answers(rights: Rights, ticket: Ticket) -> bool:
    private = bool(ticket.team and ticket.team.is_private)
    return rights.answers(ticket.team_id, private, ticket.brand_id)


def contact(request: ApiRequest, contact_id: int) -> Contact:
    rows = people.visible_to(request.agent).select_related("organization")
    found = rows.filter(pk=contact_id).first()
    if found is None:
        raise NotFound
    return found


def changeable(request: ApiRequest, contact_id: int) -> Contact:
    """A contact that he may change: 404 when hidden, 403 when he may only read."""
    found = contact(request, contact_id)
    require(people.may_change(request.agent, found))
    return found


def organization(organization_id: int) -> Organization:
    found = Organization.objects.filter(pk=organization_id).first()
    if found is None:
        raise invalid("organization", "There is no such organization.")
    return found


def visible_organization(request: ApiRequest, organization_id: int) -> Organization:
    found = people.organizations_visible_to(request.agent).filter(pk=organization_id).first()
    if found is None:
        raise NotFound
    return found


def agent(request: ApiRequest, agent_id: int) -> Agent:
    found = agents_visible(request.agent).filter(pk=agent_id).first()
    if found is None:
        raise invalid("assignee", "There is no such agent.")
    return found


def team(request: ApiRequest, team_id: int) -> Team:
    found = teams_visible(request.agent).filter(pk=team_id).first()
    if found is None:
        raise invalid("team", "There is no such team.")
    return found


def brands(rights: Rights) -> QuerySet[Brand]:
    """The brands within his grants."""
    rows = Brand.objects.order_by("pk")
    if any(scope.brand_id is None for scope in rights.scopes):
        return rows
    return rows.filter(pk__in=[scope.brand_id for scope in rights.scopes])


def channels(rights: Rights) -> QuerySet[Channel]:
    """The channels of his brands."""
    return Channel.objects.filter(brand__in=brands(rights)).select_related("brand").order_by("pk")


def channel(request: ApiRequest, name: str, *, brand_id: int | None = None) -> Channel:
    """By its id; or by its provider's kind, where one channel of that kind is on."""
    rows = channels(request.rights)
    found = rows.filter(public_id=name).first()
    if found is None:
        of_kind = rows.filter(provider=name, is_active=True)
        if brand_id is not None:
            of_kind = of_kind.filter(brand_id=brand_id)
        some = list(of_kind[:2])
        found = some[0] if len(some) == 1 else None
    if found is None:
        raise invalid("channel", "There is no such channel.")
    return found
