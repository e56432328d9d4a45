"""``/tickets/{number}/order-acts``: what the shop is asked to do with an order of the requester."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Router, Status
from pydantic import Field

from sportello.api import bought, lookups
from sportello.api.bought import DeedOut
from sportello.api.requests import ApiRequest
from sportello.api.schemas import Id, In, Number
from sportello.core import operations
from sportello.core.clock import now

router = Router(tags=["orders"])


class OrderActIn(In):
    order: Id
    act: Literal["refund", "cancel", "resend"]
    amount: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)] | None = None
    """With a refund: in the order's currency, all that is left when none is given."""
    reason: Annotated[str, Field(max_length=300)] = ""


@router.post(
    "/{number}/order-acts", response={202: DeedOut}, summary="Refund, cancel or confirm an order"
)
def act(request: ApiRequest, number: Number, payload: OrderActIn) -> Any:
    """Noted, then done by the shop; the log says what came of it (`order_act_settled`)."""
    ticket = lookups.answerable(request, number)
    found = operations.get(f"{payload.act}_order")
    values: dict[str, Any] = {"order": payload.order}
    if payload.act != "resend":
        values["reason"] = payload.reason
    if payload.act == "refund":
        values["amount"] = payload.amount
    deed = found.run(ticket=ticket, actor=request.actor, now=now(), params=found.params(**values))
    return Status(202, bought.deed(deed))
