"""What comes back to a Shopify shop: returns by webhook, by the orders they hang on, and the refunds made for them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sportello.commerce.connectors.shopify.api import PAGE
from sportello.commerce.connectors.shopify.shapes import MoneyBag
from sportello.commerce.records import ReturnRecord
from sportello.commerce.wire.values import Moment, NullIsEmpty, Shape, Text

CHANGED = f"""query Returned($query: String!, $after: String) {{
  orders(first: {PAGE}, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ legacyResourceId updatedAt returns(first: 10) {{ nodes {{ id status createdAt
      decline {{ reason note }} refunds(first: 10) {{ nodes {{ totalRefundedSet {{ shopMoney {{ amount }} }} }} }}
      returnLineItems(first: 5) {{ nodes {{ ... on ReturnLineItem {{ returnReason returnReasonNote customerNote }} }} }}
    }} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
"""Needs the scope ``read_returns``; asked apart, so that a shop which did not grant it still tells its orders."""
WITH_RETURNS = " AND -return_status:no_return"

STATES = {
    "requested": "requested", "open": "approved", "closed": "received", "declined": "refused", "canceled": "cancelled",
    "cancelled": "cancelled",
}  # fmt: skip


class ReturnLine(Shape):
    return_reason: Text = ""
    return_reason_note: Text = ""
    customer_note: Text = ""


class Named(Shape):
    id: Text = ""


class Decline(Shape):
    reason: Text = ""
    note: Text = ""


class WebhookReturn(Shape):
    """The body of ``returns/*``. It does not say when: the header ``X-Shopify-Triggered-At`` does."""

    id: Text
    status: Text = ""
    order: Named = Named()
    decline: Decline | None = None
    return_line_items: Annotated[list[ReturnLine], NullIsEmpty] = []


def of_webhook(one: WebhookReturn, at: datetime | None) -> ReturnRecord:
    reasons = [_reason(li.customer_note, li.return_reason_note, li.return_reason) for li in one.return_line_items]  # fmt: skip
    state = STATES.get(one.status.lower())
    return ReturnRecord(
        external_id=one.id,
        order=one.order.id,
        updated_at=at,
        state=state,
        reason=_said(reasons, one.decline),
        requested_at=at if state == "requested" else None,
    )


class NodeLine(Shape):
    returnReason: Text = ""  # noqa: N815  (Shopify's spelling)
    returnReasonNote: Text = ""  # noqa: N815
    customerNote: Text = ""  # noqa: N815


class NodeRefund(Shape):
    totalRefundedSet: MoneyBag = MoneyBag()  # noqa: N815


class NodeReturn(Shape):
    id: Text
    status: Text = ""
    createdAt: Moment = None  # noqa: N815
    decline: Decline | None = None
    refunds: dict[str, Any] = {}
    returnLineItems: dict[str, Any] = {}  # noqa: N815


class Returned(Shape):
    """An order with its returns. `CHANGED` asks for it."""

    legacyResourceId: Text  # noqa: N815
    updatedAt: Moment = None  # noqa: N815
    returns: dict[str, Any] = {}


def of_node(order: Returned) -> list[ReturnRecord]:
    return [_of_node(NodeReturn.model_validate(one), order) for one in _nodes(order.returns)]


def _of_node(one: NodeReturn, order: Returned) -> ReturnRecord:
    lines = [NodeLine.model_validate(line) for line in _nodes(one.returnLineItems)]
    reasons = [_reason(li.customerNote, li.returnReasonNote, li.returnReason) for li in lines]
    paid = [NodeRefund.model_validate(r).totalRefundedSet.shopMoney.amount for r in _nodes(one.refunds)]  # fmt: skip
    amount = sum((sum_ or Decimal(0) for sum_ in paid), Decimal(0))
    return ReturnRecord(
        # Webhooks name returns by number, nodes by ``gid://shopify/Return/<number>``.
        external_id=one.id.rpartition("/")[2],
        order=order.legacyResourceId,
        updated_at=order.updatedAt,
        state="refunded" if amount else STATES.get(one.status.lower()),
        reason=_said(reasons, one.decline),
        amount=amount if paid else None,
        requested_at=one.createdAt,
    )


def _nodes(connection: dict[str, Any]) -> list[Any]:
    found = connection.get("nodes")
    return found if isinstance(found, list) else []


def _reason(*words: str) -> str:
    """What somebody wrote, else the shop's word: ``wrong_item`` becomes “wrong item”."""
    said = next((word for word in words if word.strip()), "")
    return said.replace("_", " ").lower() if said == words[-1] else said


def _said(reasons: list[str], decline: Decline | None) -> str | None:
    words = list(dict.fromkeys(reason for reason in reasons if reason))
    if decline is not None and (decline.note or decline.reason):
        words.append(_reason(decline.note, decline.reason))
    return "; ".join(words) or None
