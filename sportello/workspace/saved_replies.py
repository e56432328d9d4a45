"""Saved replies: which fit a ticket, and their placeholders filled from a flat table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.db.models import Q, QuerySet

from sportello.accounts.models import Agent
from sportello.automation.models import SavedReply
from sportello.tickets.language import language_for
from sportello.tickets.models import Ticket

_PLACE = re.compile(r"\{\{\s*([a-z_.]+)\s*\}\}")

PLACES: Mapping[str, Callable[[Ticket, Agent], str]] = {
    "contact.name": lambda ticket, agent: ticket.contact.name,
    "contact.first_name": lambda ticket, agent: ticket.contact.name.split(" ")[0],
    "agent.name": lambda ticket, agent: agent.name,
    "agent.first_name": lambda ticket, agent: agent.name.split(" ")[0],
    "ticket.number": lambda ticket, agent: str(ticket.number),
    "ticket.subject": lambda ticket, agent: ticket.subject,
    "brand.name": lambda ticket, agent: ticket.brand.name,
}


def fitting(replies: QuerySet[SavedReply], ticket: Ticket) -> list[SavedReply]:
    """Of the ticket's team and brand or of all, its language first."""
    mine = replies.filter(
        Q(team=None) | Q(team=ticket.team_id), Q(brand=None) | Q(brand=ticket.brand_id)
    )
    found = list(mine.order_by("shortcut", "pk")[:500])
    return sorted(
        found, key=lambda reply: (reply.language not in {"", language_for(ticket)}, reply.shortcut)
    )


def places(ticket: Ticket, agent: Agent) -> list[str]:
    """What the placeholders would say here: offered where a value is to be filled in."""
    said = (place(ticket, agent).strip() for place in PLACES.values())
    return list(dict.fromkeys(value for value in said if value))


def fill(text: str, ticket: Ticket, agent: Agent) -> str:
    """Unknown placeholders stay as they are, so that the agent sees them."""
    return _PLACE.sub(lambda m: PLACES[m[1]](ticket, agent) if m[1] in PLACES else m[0], text)
