"""Orders as the calls answer with them. Amounts are strings: a float would round them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sportello.api.schemas import Out
from sportello.commerce.models import Deed, Order


class LineOut(Out):
    name: str
    sku: str
    quantity: str
    unit_price: str | None
    total: str | None


class ShipmentOut(Out):
    state: str
    carrier: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime | None
    delivered_at: datetime | None


class ReturnOut(Out):
    state: str
    reason: str
    amount: str | None
    requested_at: datetime | None


class DeedOut(Out):
    id: int
    order: int
    act: str
    state: str
    amount: str | None
    why: str
    """A code when it did not go well, empty otherwise: ``busy``, ``refused``, ``no_answer``…"""
    values: dict[str, str | int]
    """What the code speaks of, like the HTTP status."""
    words: str
    """What the shop itself said."""
    reference: str
    """What the shop calls it, once done."""
    asked_at: datetime
    settled_at: datetime | None


class OrderOut(Out):
    id: int
    number: str
    connection: str
    external_id: str
    state: str
    payment: str
    currency: str
    total: str
    refunded: str
    placed_at: datetime
    updated_at: datetime
    pickup: str | None
    lines: list[LineOut]
    shipments: list[ShipmentOut]
    returns: list[ReturnOut]
    acts: list[DeedOut]
    """What the shop was asked to do with it, newest first."""


def order(row: Order) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "connection": row.connection.public_id,
        "external_id": row.external_id,
        "state": row.state,
        "payment": row.payment,
        "currency": row.currency,
        "total": plain(row.total),
        "refunded": plain(row.refunded),
        "placed_at": row.placed_at,
        "updated_at": row.updated_at,
        "pickup": row.store.name if row.store else None,
        "lines": [
            {
                "name": line.name,
                "sku": line.sku,
                "quantity": plain(line.quantity),
                "unit_price": plain(line.unit_price),
                "total": plain(line.total),
            }
            for line in row.lines.all()
        ],
        "shipments": [
            {name: getattr(parcel, name) for name in ShipmentOut.model_fields}
            for parcel in row.shipments.all()
        ],
        "returns": [
            {
                "state": back.state,
                "reason": back.reason,
                "amount": plain(back.amount),
                "requested_at": back.requested_at,
            }
            for back in row.returns.all()
        ],
        "acts": [deed(one) for one in row.deeds.all()],
    }


def deed(row: Deed) -> dict[str, Any]:
    return {
        "id": row.pk,
        "order": row.order_id,
        "act": row.kind,
        "state": row.state,
        "amount": plain(row.amount),
        "why": row.why,
        "values": row.values,
        "words": row.words,
        "reference": row.reference,
        "asked_at": row.asked_at,
        "settled_at": row.settled_at,
    }


def plain(amount: Decimal | None) -> Any:
    """``449.00``: at least two decimals, no more zeros than that."""
    if amount is None:
        return None
    text = f"{amount:f}"
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"
