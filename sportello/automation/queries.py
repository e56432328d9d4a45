"""Which saved replies an agent is offered, and what fills their placeholders."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.automation.models import SavedReply
from sportello.automation.placeholders import fill
from sportello.tickets.models import Ticket


def saved_replies_for(agent: Agent, ticket: Ticket | None = None) -> QuerySet[SavedReply]:
    """Those of everybody and of his teams; for a ticket also only those of its brand."""
    rights = rights_of(agent)
    if not rights.scopes:
        return SavedReply.objects.none()
    found = SavedReply.objects.order_by("shortcut", "language")
    if not rights.is_supervisor:
        found = found.filter(Q(team=None) | Q(team_id__in=rights.teams))
    if ticket is not None:
        found = found.filter(Q(brand=None) | Q(brand_id=ticket.brand_id))
    return found


def table_for(ticket: Ticket, agent: Agent) -> dict[str, str]:
    """What placeholders mean on this ticket, for this agent: a flat table of words."""
    contact = ticket.contact.name
    return {
        "contact.name": contact,
        "contact.first_name": contact.split()[0] if contact else "",
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "agent.name": agent.name,
        "agent.first_name": agent.name.split()[0] if agent.name else "",
        "brand.name": ticket.brand.name,
    }


def expand(reply: SavedReply, ticket: Ticket, agent: Agent) -> str:
    """The text of a saved reply, ready for the composer."""
    return fill(reply.text, table_for(ticket, agent))
