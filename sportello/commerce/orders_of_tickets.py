"""An order is acted upon from a ticket of its buyer, and from no other."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.commerce.actions import ActRefused
from sportello.commerce.models import Order
from sportello.commerce.queries import brands_of as of_agent
from sportello.commerce.queries import of_contact
from sportello.core.actors import Actor


def order_of(ticket: Any, order_id: int, actor: Actor) -> Order:
    """The order, when it is the requester's and the actor may answer on the ticket. Raises `ActRefused`."""
    brands = None
    if actor.agent_id is not None:
        agent = Agent.objects.filter(pk=actor.agent_id, is_active=True).first()
        private = bool(ticket.team and ticket.team.is_private)
        if agent is None or not rights_of(agent).answers(ticket.team_id, private, ticket.brand_id):
            raise ActRefused(_("You may not do this."))
        brands = of_agent(rights_of(agent))
    found = of_contact(ticket.contact_id, brands).filter(pk=order_id).first()
    if found is None:
        raise ActRefused(_("This order is not of this customer."))
    return found
