"""What Shopify says of an order: the REST-shaped webhook body and the GraphQL node become the same record."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from sportello.commerce.records import Buyer, Line, OrderRecord, ReturnRecord, ShipmentRecord
from sportello.commerce.wire.values import Amount, Moment, NullIsEmpty, Shape, Text, at

PAYMENTS = {
    "pending": "pending", "authorized": "pending", "expired": "voided", "partially_paid": "pending", "paid": "paid",
    "partially_refunded": "partly_refunded", "refunded": "refunded", "voided": "voided",
}  # fmt: skip
PARCELS = {
    "label_printed": "label", "label_purchased": "label", "confirmed": "label", "submitted": "label",
    "ready_for_pickup": "shipped", "in_transit": "shipped", "fulfilled": "shipped", "success": "shipped",
    "marked_as_fulfilled": "shipped", "attempted_delivery": "out_for_delivery", "out_for_delivery": "out_for_delivery",
    "delivered": "delivered", "picked_up": "delivered", "not_delivered": "failed", "failure": "failed",
}  # fmt: skip
DEAD = {"canceled", "cancelled", "error"}


class Customer(Shape):
    id: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""
    state: Text = ""
    verified_email: bool | None = None


class Item(Shape):
    id: Text = ""
    sku: Text = ""
    title: Text = ""
    name: Text = ""
    quantity: int = 1
    price: Amount = None


class Fulfillment(Shape):
    id: Text
    order_id: Text = ""
    status: Text = ""
    shipment_status: Text = ""
    tracking_company: Text = ""
    tracking_number: Text = ""
    tracking_url: Text = ""
    created_at: Moment = None
    updated_at: Moment = None


class Transaction(Shape):
    kind: Text = ""
    status: Text = ""
    amount: Amount = None


class Returned(Shape):
    id: Text = ""


class Refund(Shape):
    """One of an order's ``refunds``, and the body of ``refunds/create``."""

    order_id: Text = ""
    created_at: Moment = None
    returned: Annotated[Returned | None, Field(alias="return")] = None
    """Set when something was sent back for it."""
    transactions: Annotated[list[Transaction], NullIsEmpty] = []

    @property
    def paid(self) -> Decimal:
        """What went back to the customer."""
        back = (t for t in self.transactions if t.kind == "refund" and t.status in {"success", ""})
        return sum((t.amount or Decimal(0) for t in back), Decimal(0))


class WebhookOrder(Shape):
    """The body of ``orders/*``."""

    id: Text
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    currency: Text = ""
    financial_status: Text = ""
    fulfillment_status: Text = ""
    total_price: Amount = None
    created_at: Moment = None
    updated_at: Moment = None
    cancelled_at: Moment = None
    order_status_url: Text = ""
    customer: Customer | None = None
    line_items: Annotated[list[Item], NullIsEmpty] = []
    fulfillments: Annotated[list[Fulfillment], NullIsEmpty] = []
    refunds: Annotated[list[Refund], NullIsEmpty] = []


def of_webhook(order: WebhookOrder) -> OrderRecord:
    who = order.customer or Customer()
    parcels = tuple(p for f in order.fulfillments if (p := of_fulfillment(f)) is not None)
    return OrderRecord(
        external_id=order.id,
        updated_at=order.updated_at,
        number=order.name or order.id,
        state=_state(order.fulfillment_status, order.cancelled_at, parcels),
        payment=PAYMENTS.get(order.financial_status),
        currency=order.currency or None,
        total=order.total_price,
        refunded=sum((refund.paid for refund in order.refunds), Decimal(0)),
        placed_at=order.created_at,
        status_url=order.order_status_url or None,
        buyer=Buyer(
            who.id,
            order.email or who.email,
            order.phone or who.phone,
            f"{who.first_name} {who.last_name}".strip(),
            _confirmed(who.state, who.verified_email, who.email, order.email or who.email),
        ),
        lines=tuple(
            _line(i.id or str(n), i.name or i.title, i.sku, i.quantity, i.price)
            for n, i in enumerate(order.line_items)
        ),
        shipments=parcels,
        returns=tuple(b for r in order.refunds if (b := of_refund(r)) is not None),
    )


def _confirmed(state: str, verified: object, account: str, given: str) -> bool:
    """Whether the shop vouches for the order's address.

    “Verified” alone does not say so: it is what addresses are that staff or an app typed in. An account that is
    enabled was opened, or is entered, by what was sent to its address; an order may still name another one.
    """
    same = bool(account) and account.strip().lower() == given.strip().lower()
    return same and verified is True and state.lower() == "enabled"


def of_refund(one: Refund) -> ReturnRecord | None:
    """The return that this refund pays for; none when money went back for another reason."""
    if one.returned is None or not one.returned.id:
        return None
    return ReturnRecord(
        one.returned.id, one.order_id, one.created_at, state="refunded", amount=one.paid
    )


def of_fulfillment(one: Fulfillment, order: str = "") -> ShipmentRecord | None:
    if one.status.lower() in DEAD:
        return None
    state = PARCELS.get((one.shipment_status or one.status).lower(), "shipped")
    moment = one.updated_at or one.created_at
    return ShipmentRecord(
        external_id=one.id,
        order=order,
        updated_at=moment,
        state=state,
        carrier=one.tracking_company,
        tracking_number=one.tracking_number,
        tracking_url=one.tracking_url,
        shipped_at=one.created_at if state != "label" else None,
        delivered_at=moment if state == "delivered" else None,
    )


class Money(Shape):
    amount: Amount = None


class MoneyBag(Shape):
    shopMoney: Money = Money()  # noqa: N815  (Shopify's spelling)


class Node(Shape):
    """A node of ``orders`` in the GraphQL Admin API. `QUERY` in `api` asks for it."""

    legacyResourceId: Text  # noqa: N815
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    createdAt: Moment = None  # noqa: N815
    updatedAt: Moment = None  # noqa: N815
    cancelledAt: Moment = None  # noqa: N815
    displayFinancialStatus: Text = ""  # noqa: N815
    displayFulfillmentStatus: Text = ""  # noqa: N815
    currencyCode: Text = ""  # noqa: N815
    statusPageUrl: Text = ""  # noqa: N815
    totalPriceSet: MoneyBag = MoneyBag()  # noqa: N815
    totalRefundedSet: MoneyBag = MoneyBag()  # noqa: N815
    customer: dict[str, Any] | None = None
    lineItems: dict[str, Any] = {}  # noqa: N815
    fulfillments: Annotated[list[dict[str, Any]], NullIsEmpty] = []


def of_node(node: Node) -> OrderRecord:
    who = node.customer or {}
    parcels = tuple(p for f in node.fulfillments if (p := _parcel(f)) is not None)
    return OrderRecord(
        external_id=node.legacyResourceId,
        updated_at=node.updatedAt,
        number=node.name or node.legacyResourceId,
        state=_state(node.displayFulfillmentStatus, node.cancelledAt, parcels),
        payment=PAYMENTS.get(node.displayFinancialStatus.lower()),
        currency=node.currencyCode or None,
        total=node.totalPriceSet.shopMoney.amount,
        refunded=node.totalRefundedSet.shopMoney.amount,
        placed_at=node.createdAt,
        status_url=node.statusPageUrl or None,
        buyer=Buyer(
            str(who.get("legacyResourceId") or ""),
            node.email,
            node.phone,
            str(who.get("displayName") or ""),
            _confirmed(
                str(who.get("state") or ""),
                who.get("verifiedEmail"),
                str(at(who, "defaultEmailAddress", "emailAddress") or ""),
                node.email,
            ),
        ),
        lines=tuple(_node_line(n, one) for n, one in enumerate(node.lineItems.get("nodes") or [])),
        shipments=parcels,
    )


class NodeItem(Shape):
    id: Text = ""
    sku: Text = ""
    name: Text = ""
    quantity: int = 1
    originalUnitPriceSet: MoneyBag = MoneyBag()  # noqa: N815


def _node_line(position: int, one: dict[str, Any]) -> Line:
    item = NodeItem.model_validate(one)
    price = item.originalUnitPriceSet.shopMoney.amount
    # Webhooks name lines by number, nodes by ``gid://shopify/LineItem/<number>``.
    return _line(item.id.rpartition("/")[2] or str(position), item.name, item.sku, item.quantity, price)  # fmt: skip


def _line(id: str, name: str, sku: str, quantity: int, price: Decimal | None) -> Line:
    total = None if price is None else price * quantity
    return Line(id, name, Decimal(quantity), sku, price, total)


class NodeParcel(Shape):
    legacyResourceId: Text  # noqa: N815
    status: Text = ""
    displayStatus: Text = ""  # noqa: N815
    createdAt: Moment = None  # noqa: N815
    updatedAt: Moment = None  # noqa: N815
    deliveredAt: Moment = None  # noqa: N815
    trackingInfo: Annotated[list[dict[str, Any]], NullIsEmpty] = []  # noqa: N815


def _parcel(one: dict[str, Any]) -> ShipmentRecord | None:
    node = NodeParcel.model_validate(one)
    track = node.trackingInfo[0] if node.trackingInfo else {}
    return of_fulfillment(
        Fulfillment(
            id=node.legacyResourceId,
            status=node.status,
            shipment_status=node.displayStatus,
            tracking_company=str(track.get("company") or ""),
            tracking_number=str(track.get("number") or ""),
            tracking_url=str(track.get("url") or ""),
            created_at=node.createdAt,
            updated_at=node.deliveredAt or node.updatedAt,
        )
    )


def _state(
    fulfilment: str, cancelled_at: datetime | None, parcels: tuple[ShipmentRecord, ...]
) -> str:
    if cancelled_at is not None:
        return "cancelled"
    if parcels and all(p.state == "delivered" for p in parcels):
        return "delivered"
    return {
        "fulfilled": "shipped",
        "partial": "shipped",
        "partially_fulfilled": "shipped",
        "restocked": "returned",
        "in_progress": "processing",
        "pending_fulfillment": "processing",
    }.get(fulfilment.lower(), "placed")
