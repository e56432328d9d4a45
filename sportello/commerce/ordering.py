"""Orders, and what hangs on them: lines, parcels, returns, invoices."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from sportello.commerce import events
from sportello.commerce.models import (
    Arrival,
    Invoice,
    Order,
    OrderLine,
    OrderState,
    Return,
    ReturnState,
    Shipment,
)
from sportello.commerce.records import (
    InvoiceRecord,
    OrderRecord,
    ReturnRecord,
    ShipmentRecord,
)
from sportello.commerce.writing import Applied, TooEarly, bought, fit, put, store_named

type Piece = ShipmentRecord | ReturnRecord | InvoiceRecord

_BEFORE_REFUND = frozenset({"requested", "approved", "received"})
_WAY = ("placed", "processing", "ready_for_pickup", "shipped", "delivered")
"""The way of an order, forwards. Cancelled and returned ones have left it."""


def number_key(number: str) -> str:
    """How a number is compared: capitals and digits only."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())[:64]


def order(done: Applied, record: OrderRecord) -> Order | None:
    """The order with all that the record tells of it; None when newer things are known."""
    number = record.number
    extra = bought(Order, record, record.buyer) | _store(done, record)
    known = Order.objects.filter(connection=done.connection, external_id=record.external_id)
    before: dict[str, Any] | None = known.values(
        "state", "payment", "refunded", "contact_id"
    ).first()  # type: ignore[assignment]
    if before is None:
        number = number or record.external_id
        extra |= {"number": number[:64], "placed_at": record.placed_at or done.now}
    elif before["contact_id"]:
        extra.pop("contact_id", None)
    if number:
        extra["number_key"] = number_key(number)
    row, new, _ = put(done, Order, record, extra)
    if row is None:
        return None
    if record.lines is not None:
        _lines(row, record)
    pieces: tuple[Piece, ...] = (*record.shipments, *record.returns, *record.invoices)
    for piece in pieces:
        attached(done, piece, row, default_at=record.updated_at)
    _advance(row)
    _tell(done, row, record, before, new=new)
    if new:
        _wake(row)
    return row


def _store(done: Applied, record: OrderRecord) -> dict[str, Any]:
    if not record.store:
        return {}
    return {"store_id": store_named(done, record.store).pk}


def _lines(row: Order, record: OrderRecord) -> None:
    wanted = {line.external_id: (at, line) for at, line in enumerate(record.lines or ())}
    known = {line.external_id: line for line in row.lines.all()}
    row.lines.filter(external_id__in=known.keys() - wanted.keys()).delete()
    for external_id, (position, line) in wanted.items():
        values = {
            "position": min(position, 32_000),
            "sku": fit(OrderLine, "sku", line.sku),
            "name": fit(OrderLine, "name", line.name),
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "total": line.total,
        }
        old = known.get(external_id)
        if old is None:
            OrderLine.objects.create(order=row, external_id=external_id[:200], **values)
        elif any(getattr(old, name) != value for name, value in values.items()):
            OrderLine.objects.filter(pk=old.pk).update(**values)


def order_named(done: Applied, name: str) -> Order:
    """By the shop's id or by its number. Raises `TooEarly`."""
    rows = Order.objects.filter(connection=done.connection)
    named = Q(external_id=name) | Q(number_key=number_key(name), number_key__gt="")
    found = rows.filter(named).order_by("-placed_at").first() if name else None
    if found is None:
        raise TooEarly(name)
    return found


def attached(
    done: Applied,
    record: Piece,
    row: Order,
    *,
    default_at: datetime | None = None,
) -> None:
    """A parcel, return or invoice of that order. An erased person's are left alone."""
    if row.is_erased:
        return
    if record.updated_at is None and default_at is not None:
        record = type(record)(**{**_fields(record), "updated_at": default_at})
    match record:
        case ShipmentRecord():
            parcel, new, changed = put(done, Shipment, record, {"order_id": row.pk})
            fact = events.OF_SHIPMENT_STATE.get(parcel.state if parcel else "")
            if parcel and fact and (new or "state" in changed):
                at = parcel.delivered_at if parcel.state == "delivered" else parcel.shipped_at
                what = {"order": row.pk, "shipment": parcel.pk}
                done.tell(fact, row.contact_id, at or record.updated_at, **what)
            if default_at is None:
                _moved_by_parcel(done, row)
        case ReturnRecord():
            if record.state in _BEFORE_REFUND and _is_refunded(done, record):
                record = replace(record, state=None)
            back, new, changed = put(done, Return, record, {"order_id": row.pk})
            fact = events.OF_RETURN_STATE.get(back.state if back else "")
            if back and fact and (new or "state" in changed):
                at = record.requested_at if back.state == "requested" else record.updated_at
                done.tell(fact, row.contact_id, at, **{"order": row.pk, "return": back.pk})
        case InvoiceRecord():
            put(done, Invoice, record, {"order_id": row.pk})


def _is_refunded(done: Applied, record: ReturnRecord) -> bool:
    """Money that went back is the end of a return: a shop that closes it afterwards says nothing new."""
    known = Return.objects.filter(connection=done.connection, external_id=record.external_id)
    return known.filter(state=ReturnState.REFUNDED).exists()


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _moved_by_parcel(done: Applied, row: Order) -> None:
    was = row.state
    _advance(row)
    fact = events.OF_ORDER_STATE.get(row.state)
    if row.state != was and fact:
        done.tell(fact, row.contact_id, None, order=row.pk)


def _advance(row: Order) -> None:
    """Parcels know more than some shops: an order is never behind its parcels."""
    states = list(Shipment.objects.filter(order=row).values_list("state", flat=True))
    if not states or row.state not in _WAY:
        return
    delivered = all(state == "delivered" for state in states)
    moving = any(state in {"shipped", "out_for_delivery", "delivered"} for state in states)
    reached = OrderState.DELIVERED if delivered else OrderState.SHIPPED if moving else row.state
    if _WAY.index(reached) > _WAY.index(row.state):
        row.state = reached
        row.save(update_fields=["state"])


def _tell(
    done: Applied, row: Order, record: OrderRecord, before: dict[str, Any] | None, *, new: bool
) -> None:
    contact, at = row.contact_id, record.updated_at
    if new:
        what = {"order": row.pk, "total": float(row.total), "currency": row.currency}
        done.tell(events.ORDER_PLACED, contact, row.placed_at, **what)
    was: dict[str, Any] = before or {"state": "placed", "payment": "pending", "refunded": 0}
    fact = events.OF_ORDER_STATE.get(row.state)
    if fact and row.state != was["state"]:
        store = {"store": row.store_id} if fact == events.ORDER_READY else {}
        done.tell(fact, contact, at, order=row.pk, **store)
    if row.payment == "paid" and was["payment"] == "pending":
        done.tell(events.ORDER_PAID, contact, row.placed_at if new else at, order=row.pk)
    if row.refunded > was["refunded"]:
        what = {"order": row.pk, "refunded": float(row.refunded), "currency": row.currency}
        done.tell(events.ORDER_REFUNDED, contact, at, **what)


def _wake(row: Order) -> None:
    """What spoke of this order before it came is tried again."""
    Arrival.objects.filter(
        connection_id=row.connection_id, waits_for__in=[row.external_id, row.number]
    ).update(parked_at=None, waits_for="", traceback="")
