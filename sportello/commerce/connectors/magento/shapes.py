"""Orders, shipments, invoices and credit memos of Magento Open Source and Adobe Commerce, REST V1."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from sportello.commerce.records import (
    Buyer,
    InvoiceRecord,
    Line,
    OrderRecord,
    ReturnRecord,
    ShipmentRecord,
)
from sportello.commerce.wire.values import Amount, Moment, NullIsEmpty, Shape, Text

STATES = {
    "new": "placed", "pending_payment": "placed", "payment_review": "placed", "holded": "placed", "processing": "processing",
    "complete": "shipped", "canceled": "cancelled", "closed": "returned",
}  # fmt: skip
CARRIERS = {"dhl": "DHL", "ups": "UPS", "fedex": "FedEx", "usps": "USPS"}


class Address(Shape):
    telephone: Text = ""


class Item(Shape):
    item_id: Text
    parent_item_id: Text = ""
    name: Text = ""
    sku: Text = ""
    qty_ordered: Amount = None
    price_incl_tax: Amount = None
    price: Amount = None
    row_total_incl_tax: Amount = None


class Order(Shape):
    entity_id: Text
    increment_id: Text = ""
    state: Text = ""
    status: Text = ""
    order_currency_code: Text = ""
    grand_total: Amount = None
    shipping_incl_tax: Amount = None
    total_paid: Amount = None
    total_refunded: Amount = None
    created_at: Moment = None
    updated_at: Moment = None
    customer_id: Text = ""
    customer_email: Text = ""
    customer_firstname: Text = ""
    customer_lastname: Text = ""
    billing_address: Address | None = None
    items: Annotated[list[Item], NullIsEmpty] = []


def of_order(order: Order) -> OrderRecord:
    return OrderRecord(
        external_id=order.entity_id,
        updated_at=order.updated_at,
        number=order.increment_id or order.entity_id,
        state="ready_for_pickup"
        if order.status == "ready_for_pickup"
        else STATES.get(order.state or order.status),
        payment=_payment(order),
        currency=order.order_currency_code or None,
        total=order.grand_total,
        shipping=order.shipping_incl_tax,
        refunded=order.total_refunded or Decimal(0),
        placed_at=order.created_at,
        buyer=Buyer(
            order.customer_id,
            order.customer_email,
            order.billing_address.telephone if order.billing_address else "",
            f"{order.customer_firstname} {order.customer_lastname}".strip(),
        ),
        # The simple product below a configurable one repeats it without a price.
        lines=tuple(_line(item) for item in order.items if not item.parent_item_id),
    )


def _line(item: Item) -> Line:
    price = item.price if item.price_incl_tax is None else item.price_incl_tax
    count = Decimal(1) if item.qty_ordered is None else item.qty_ordered
    return Line(item.item_id, item.name, count, item.sku, price, item.row_total_incl_tax)


def _payment(order: Order) -> str:
    total, refunded = order.grand_total or Decimal(0), order.total_refunded or Decimal(0)
    if refunded:
        return "refunded" if refunded >= total else "partly_refunded"
    if order.state == "canceled":
        return "voided"
    return "paid" if (order.total_paid or Decimal(0)) >= total > 0 else "pending"


class Comment(Shape):
    comment: Text = ""


class CreditMemo(Shape):
    entity_id: Text
    order_id: Text
    state: Text = ""
    grand_total: Amount = None
    created_at: Moment = None
    updated_at: Moment = None
    comments: Annotated[list[Comment], NullIsEmpty] = []


MEMOS = {"1": "approved", "2": "refunded", "3": "cancelled"}


def of_credit_memo(one: CreditMemo) -> ReturnRecord:
    """Magento's word for what is paid back. Open Source knows no other returns."""
    words = next((said.comment for said in one.comments if said.comment), "")
    return ReturnRecord(
        external_id=one.entity_id,
        order=one.order_id,
        updated_at=one.updated_at or one.created_at,
        state=MEMOS.get(one.state, "refunded"),
        # Ours end with the key under which we asked for them.
        reason=re.sub(r"\s*\[[0-9a-f-]{36}\]$", "", words) or None,
        amount=one.grand_total,
        requested_at=one.created_at,
    )


class Invoice(Shape):
    entity_id: Text
    order_id: Text
    increment_id: Text = ""
    order_currency_code: Text = ""
    grand_total: Amount = None
    created_at: Moment = None
    updated_at: Moment = None


def of_invoice(one: Invoice) -> InvoiceRecord:
    return InvoiceRecord(
        external_id=one.entity_id,
        order=one.order_id,
        updated_at=one.updated_at or one.created_at,
        number=one.increment_id or one.entity_id,
        currency=one.order_currency_code or None,
        total=one.grand_total,
        issued_at=one.created_at,
    )


class Track(Shape):
    carrier_code: Text = ""
    title: Text = ""
    track_number: Text = ""


class Shipment(Shape):
    entity_id: Text
    order_id: Text
    created_at: Moment = None
    updated_at: Moment = None
    tracks: Annotated[list[Track], NullIsEmpty] = []


def of_shipment(one: Shipment) -> ShipmentRecord:
    track = one.tracks[0] if one.tracks else Track()
    return ShipmentRecord(
        external_id=one.entity_id,
        order=one.order_id,
        updated_at=one.updated_at or one.created_at,
        state="shipped",
        carrier=track.title or CARRIERS.get(track.carrier_code, track.carrier_code),
        tracking_number=track.track_number,
        shipped_at=one.created_at,
    )
