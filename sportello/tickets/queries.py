"""The permission door: which tickets may this agent see? Every read of tickets starts here."""

from __future__ import annotations

from django.db.models import QuerySet

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of, within
from sportello.tickets.models import Ticket


def visible_to(agent: Agent) -> QuerySet[Ticket]:
    """Tickets of the brands and teams that the agent's grants reach, asked anew at each call."""
    return Ticket.objects.filter(within(rights_of(agent)))


def answerable_by(agent: Agent) -> QuerySet[Ticket]:
    """Those of them where he may write to the customer."""
    return Ticket.objects.filter(within(rights_of(agent), answering=True))
