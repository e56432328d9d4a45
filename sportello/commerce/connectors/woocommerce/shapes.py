"""An order of WooCommerce's REST API v3, which its webhooks carry too."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from sportello.commerce.records import Buyer, Line, OrderRecord, ReturnRecord, ShipmentRecord
from sportello.commerce.wire.values import Amount, Moment, NullIsEmpty, Shape, Text

STATES = {
    "pending": "placed", "on-hold": "placed", "checkout-draft": "placed", "failed": "placed", "processing": "processing",
    "completed": "shipped", "cancelled": "cancelled", "refunded": "returned", "trash": "cancelled",
    "ready-for-pickup": "ready_for_pickup", "ready-pickup": "ready_for_pickup", "shipped": "shipped", "delivered": "delivered",
}  # fmt: skip
"""Its own seven, and those that common extensions add."""


class Billing(Shape):
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""


class Item(Shape):
    id: Text
    name: Text = ""
    sku: Text = ""
    quantity: Amount = None
    price: Amount = None
    total: Amount = None


class Refund(Shape):
    id: Text = ""
    reason: Text = ""
    total: Amount = None


class Meta(Shape):
    key: Text = ""
    value: Any = None


class Order(Shape):
    id: Text
    number: Text = ""
    status: Text = ""
    currency: Text = ""
    total: Amount = None
    shipping_total: Amount = None
    date_created_gmt: Moment = None
    date_modified_gmt: Moment = None
    date_paid_gmt: Moment = None
    customer_id: Text = ""
    order_key: Text = ""
    billing: Billing = Billing()
    line_items: Annotated[list[Item], NullIsEmpty] = []
    refunds: Annotated[list[Refund], NullIsEmpty] = []
    meta_data: Annotated[list[Meta], NullIsEmpty] = []


def record(order: Order) -> OrderRecord:
    refunded = sum((abs(r.total or Decimal(0)) for r in order.refunds), Decimal(0))
    return OrderRecord(
        external_id=order.id,
        updated_at=order.date_modified_gmt,
        number=order.number or order.id,
        state=STATES.get(order.status.removeprefix("wc-")),
        payment=_payment(order, refunded),
        currency=order.currency or None,
        total=order.total,
        shipping=order.shipping_total,
        refunded=refunded,
        placed_at=order.date_created_gmt,
        buyer=Buyer(
            order.customer_id if order.customer_id != "0" else "",
            order.billing.email,
            order.billing.phone,
            f"{order.billing.first_name} {order.billing.last_name}".strip(),
        ),
        lines=tuple(
            Line(i.id, i.name, Decimal(1) if i.quantity is None else i.quantity, i.sku, i.price, i.total)
            for i in order.line_items
        ),
        shipments=_parcels(order),
        returns=tuple(_back(one) for one in order.refunds if one.id),
    )  # fmt: skip


def _back(one: Refund) -> ReturnRecord:
    """WooCommerce knows no returns, only refunds: each is something that came back and was paid."""
    amount = None if one.total is None else abs(one.total)
    return ReturnRecord(one.id, state="refunded", reason=one.reason or None, amount=amount)


def _payment(order: Order, refunded: Decimal) -> str:
    if refunded and order.total is not None:
        return "refunded" if refunded >= order.total else "partly_refunded"
    if order.status in {"cancelled", "failed"} and order.date_paid_gmt is None:
        return "voided"
    return "paid" if order.date_paid_gmt is not None else "pending"


def _parcels(order: Order) -> tuple[ShipmentRecord, ...]:
    """From the Shipment Tracking extension's field, which several others write as well."""
    found = []
    for meta in order.meta_data:
        if meta.key != "_wc_shipment_tracking_items" or not isinstance(meta.value, list):
            continue
        for one in meta.value:
            number = str(one.get("tracking_number") or "") if isinstance(one, dict) else ""
            if number:
                carrier = one.get("tracking_provider") or one.get("custom_tracking_provider")
                link = one.get("custom_tracking_link") or one.get("tracking_link")
                found.append(
                    ShipmentRecord(
                        external_id=f"{order.id}/{number}"[:200],
                        updated_at=order.date_modified_gmt,
                        state="shipped",
                        carrier=str(carrier or ""),
                        tracking_number=number,
                        tracking_url=str(link or ""),
                        shipped_at=order.date_modified_gmt,
                    )
                )
    return tuple(found)
