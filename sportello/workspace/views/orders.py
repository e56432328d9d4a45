"""A customer's orders beside his ticket: all of them, one in detail, and what the shop is asked to do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.commerce import money, queries
from sportello.commerce.actions import ActRefused
from sportello.commerce.contract import Act
from sportello.commerce.models import Order
from sportello.core import operations
from sportello.tickets.models import Ticket
from sportello.workspace import purchases
from sportello.workspace.access import (
    AgentRequest,
    agent_page,
    may_answer,
    require_answer,
    ticket_or_404,
)
from sportello.workspace.views.ticket import update
from sportello.workspace.views.verbs import refused

MOST = 50


@agent_page()
def every(request: AgentRequest, number: int) -> HttpResponse:
    """All orders of the requester, in the card's place."""
    ticket = ticket_or_404(request, number)
    bought = purchases.card(ticket.contact_id, request.rights, most=MOST)
    context = {"ticket": ticket, "bought": bought, "can_answer": may_answer(request, ticket)}
    return render(request, "workspace/orders/card.html", context)


@agent_page()
def menu(request: AgentRequest, number: int, order_id: int) -> HttpResponse:
    """What can be done with one order."""
    ticket = ticket_or_404(request, number)
    order = _order(request, ticket, order_id)
    context: dict[str, Any] = {"ticket": ticket, "order": order, "stock": purchases.stock(order)}
    if may_answer(request, ticket):
        language = ticket.language or ticket.contact.language or ticket.brand.language
        context |= {"acts": queries.acts_on(order), "quote": purchases.quote(order, language)}
    return render(request, "workspace/orders/menu.html", context)


@agent_page("GET", "POST")
def act(request: AgentRequest, number: int, order_id: int, name: str) -> HttpResponse:
    """Asked for: says what will happen. Confirmed: has it done, and shows the ticket as it is then."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    order = _order(request, ticket, order_id)
    if name not in set(Act):
        raise Http404
    if request.method != "POST":
        left = order.total - order.refunded
        places = money.places(order.currency)
        context = {
            "ticket": ticket, "order": order, "name": name, "left": money.shown(left, order.currency),
            "amount": f"{left:.{places}f}", "step": f"{Decimal(10) ** -places:f}",
        }  # fmt: skip
        return render(request, "workspace/orders/confirm.html", context)
    try:
        _do(request, ticket, order, name)
    except ActRefused as refusal:
        return refused(request, str(refusal))
    response = update(request, ticket_or_404(request, number))
    response["HX-Trigger"] = "sportello:done"
    return response


def _do(request: AgentRequest, ticket: Ticket, order: Order, name: str) -> None:
    operation = operations.get(f"{name}_order")
    values: dict[str, Any] = {"order": order.pk}
    if name != Act.RESEND:
        values["reason"] = request.POST.get("reason", "")[:300]
    if name == Act.REFUND:
        try:
            values["amount"] = Decimal(request.POST.get("amount", ""))
        except ArithmeticError:
            raise ActRefused(_("Say how much, in figures.")) from None
    params = operation.params(**values)
    operation.run(ticket=ticket, actor=request.actor, now=timezone.now(), params=params)


def _order(request: AgentRequest, ticket: Ticket, order_id: int) -> Order:
    brands = queries.brands_of(request.rights)
    found = queries.of_contact(ticket.contact_id, brands).filter(pk=order_id).first()
    if found is None:
        raise Http404
    return found
