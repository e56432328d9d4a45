"""Cancel an order that has not left yet."""

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
class CancelOrder:
    order: int
    """Its id, as the contact's orders have it."""
    reason: str = ""


@operation(
    name="cancel_order", label="Cancel an order", params=CancelOrder, writes_to_customer=True
)
def run(*, ticket: Any, actor: Actor, now: datetime, params: CancelOrder) -> Deed:
    return actions.ask(
        order=order_of(ticket, params.order, actor),
        act=Act.CANCEL,
        actor=actor,
        now=now,
        reason=params.reason,
        ticket_id=ticket.pk,
    )
