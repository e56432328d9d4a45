"""Have the shop send the confirmation of an order again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sportello.commerce import actions
from sportello.commerce.contract import Act
from sportello.commerce.models import Deed
from sportello.commerce.orders_of_tickets import order_of
from sportello.core.actors import Actor
from sportello.core.operations import operation


@dataclass(frozen=True, slots=True)
class ResendOrder:
    order: int
    """Its id, as the contact's orders have it."""


@operation(
    name="resend_order",
    label="Send an order confirmation again",
    params=ResendOrder,
    writes_to_customer=True,
)
def run(*, ticket: Any, actor: Actor, now: datetime, params: ResendOrder) -> Deed:
    return actions.ask(
        order=order_of(ticket, params.order, actor),
        act=Act.RESEND,
        actor=actor,
        now=now,
        ticket_id=ticket.pk,
    )
