"""Locks and rights that the verbs share."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.core.actors import Actor
from sportello.tickets.models import Ticket


class NotAllowed(Exception):
    """The agent's rights do not reach so far (any more)."""


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends. Inserts that refer to it go on."""
    return (
        Ticket.objects.select_for_update(no_key=True, of=("self",))
        .select_related("team")
        .get(pk=ticket.pk)
    )


def lock_many(tickets: Iterable[Ticket]) -> dict[int, Ticket]:
    """Several tickets, locked in order of id."""
    return lock_ids(ticket.pk for ticket in tickets)


def lock_ids(ids: Iterable[int]) -> dict[int, Ticket]:
    """The same by id."""
    rows = (
        Ticket.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=sorted(set(ids)))
        .order_by("pk")
    )
    return {ticket.pk: ticket for ticket in rows}


def check_sees(ticket: Ticket, actor: Actor) -> None:
    """An agent who writes a note must see the ticket. Raises `NotAllowed`."""
    if actor.agent_id is not None and not sees(ticket, actor.agent_id):
        raise NotAllowed(_("This agent does not see this ticket."))


def sees(ticket: Ticket, agent_id: int) -> bool:
    """Whether this agent may read the ticket now."""
    agent = Agent.objects.filter(pk=agent_id, is_active=True).first()
    return agent is not None and rights_of(agent).sees(
        ticket.team_id, bool(ticket.team and ticket.team.is_private), ticket.brand_id
    )


def check_answers(ticket: Ticket, actor: Actor) -> Agent | None:
    """The agent behind the actor, who may write to customers of this ticket. Raises `NotAllowed`.

    Asked again here, whatever door the answer came through.
    """
    if actor.agent_id is None:
        return None
    agent = Agent.objects.filter(pk=actor.agent_id, is_active=True).first()
    if agent is None or not rights_of(agent).answers(
        ticket.team_id, bool(ticket.team and ticket.team.is_private), ticket.brand_id
    ):
        raise NotAllowed(_("This agent may not answer here."))
    return agent
