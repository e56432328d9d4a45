"""Pay an order back, wholly or in part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sportello.commerce import actions
from sportello.commerce.contract import Act
from sportello.commerce.models import Deed
from sportello.commerce.orders_of_tickets import order_of
from sportello.core.actors import Actor
from sportello.core.operations import operation


@dataclass(frozen=True, slots=True)
class RefundOrder:
    order: int
    """Its id, as the contact's orders have it."""
    amount: Decimal | None = None
    """In the order's currency; all that is left when none is given."""
    reason: str = ""


@operation(
    name="refund_order", label="Refund an order", params=RefundOrder, writes_to_customer=True
)
def run(*, ticket: Any, actor: Actor, now: datetime, params: RefundOrder) -> Deed:
    return actions.ask(
        order=order_of(ticket, params.order, actor),
        act=Act.REFUND,
        actor=actor,
        now=now,
        amount=params.amount,
        reason=params.reason,
        ticket_id=ticket.pk,
    )
