"""Facts that applications report: ``order.placed``, ``shipment.delivered``, ``device.reported`` and their like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sportello.commerce import mapping
from sportello.commerce.contract import Unreadable
from sportello.commerce.records import (
    Buyer,
    DeviceRecord,
    InvoiceRecord,
    Line,
    LoyaltyRecord,
    OrderRecord,
    Record,
    ReturnRecord,
    ShipmentRecord,
    StockRecord,
    StoreRecord,
    SubscriptionRecord,
    WarrantyRecord,
)

ORDER_STATES = {
    "placed": "placed", "processing": "processing", "ready_for_pickup": "ready_for_pickup", "shipped": "shipped",
    "delivered": "delivered", "collected": "delivered", "cancelled": "cancelled", "returned": "returned",
}  # fmt: skip
PAYMENTS = {"paid": "paid", "refunded": "refunded"}
SHIPMENTS = {"label", "shipped", "out_for_delivery", "delivered", "failed"}
RETURNS = {"requested", "approved", "received", "refunded", "refused", "cancelled"}
SUBSCRIPTIONS = {"active", "paused", "ended"}
_MONEY = {"total", "shipping", "refunded", "amount", "price"}
_WHOLE = {"points", "quantity"}
_FLAGS = {"offers_pickup"}
_UTC = ZoneInfo("UTC")


def records(told: Mapping[str, Any]) -> list[Record]:
    """What one fact ``{type, data, occurred_at, contact}`` says. Raises `Unreadable`."""
    noun, _, verb = str(told.get("type") or "").partition(".")
    make, data = _MAKERS.get(noun), told.get("data")
    if make is None or not isinstance(data, Mapping):
        raise Unreadable("Not a fact about orders or devices.")
    try:
        at = mapping.moment("occurred_at", told.get("occurred_at"), _UTC) or datetime.now(UTC)
        contact = told.get("contact")
        return [make(verb, data, at, contact if isinstance(contact, int) else None)]
    except mapping.BadValue as error:
        raise Unreadable(f"Cannot be read: {error}") from error


_NAMES = frozenset({"id", "external_id", "number", "order", "sku"})


def speaks_of(type: str, data: Mapping[str, Any]) -> bool:
    """Whether a reported fact belongs here: of our kinds, and of one order or thing that it names."""
    noun, dot, _ = type.partition(".")
    return bool(dot) and noun in _MAKERS and not _NAMES.isdisjoint(data)


def _fill[R](
    shape: type[R], data: Mapping[str, Any], at: datetime, contact: int | None, **more: Any
) -> R:
    """The fields that the data names, with their types; `more` wins."""
    values: dict[str, Any] = {}
    for name in (field.name for field in fields(shape)):  # type: ignore[arg-type]
        value = data.get(name)
        if name in more or value is None:
            continue
        if name in _MONEY:
            values[name] = mapping.amount(name, value)
        elif name in _WHOLE:
            values[name] = int(mapping.amount(name, value) or 0)
        elif name in _FLAGS:
            values[name] = value is True
        elif name.endswith("_at"):
            values[name] = mapping.moment(name, value, _UTC)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            values[name] = str(value)
    names = {field.name for field in fields(shape)}  # type: ignore[arg-type]
    if "buyer" in names:
        values["buyer"] = _buyer(data.get("customer"), contact)
    values.pop("updated_at", None)
    if "external_id" in names:
        values["external_id"] = _id(data)
    return shape(**(values | {"updated_at": at} | more))


def _id(data: Mapping[str, Any], *others: str) -> str:
    for name in ("id", "external_id", *others):
        value = data.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:200]
    raise mapping.BadValue("id", "")


def _buyer(customer: Any, contact: int | None) -> Buyer | None:
    if not isinstance(customer, Mapping):
        return Buyer(contact_id=contact) if contact else None
    id, email, phone, name = (
        str(customer.get(key) or "")[:320] for key in ("id", "email", "phone", "name")
    )
    return Buyer(id, email, phone, name, customer.get("confirmed") is True, contact)


def _order(verb: str, data: Mapping[str, Any], at: datetime, contact: int | None) -> Record:
    state = ORDER_STATES.get(verb) or ORDER_STATES.get(str(data.get("state") or ""))
    payment = PAYMENTS.get(verb) or PAYMENTS.get(str(data.get("payment") or ""))
    number = str(data.get("number") or "") or _id(data, "order")
    more: dict[str, Any] = {"lines": _lines(data), "state": state, "payment": payment}
    more |= {"shipments": (), "returns": (), "invoices": (), "number": number}
    if verb == "placed" and data.get("placed_at") is None:
        more["placed_at"] = at
    known = data if data.get("id") or data.get("external_id") else {**data, "id": number}
    return _fill(OrderRecord, known, at, contact, **more)


def _lines(data: Mapping[str, Any]) -> tuple[Line, ...] | None:
    given = data.get("lines")
    if not isinstance(given, list):
        return None
    lines = []
    for position, one in enumerate(given[:500]):
        if not isinstance(one, Mapping):
            raise mapping.BadValue("lines", one)
        quantity = mapping.amount("quantity", one.get("quantity"))
        price = mapping.amount("price", one.get("price"))
        count = Decimal(1) if quantity is None else quantity
        sku = str(one.get("sku") or "")
        total = None if price is None else price * count
        lines.append(Line(f"{position}:{sku}"[:200], str(one.get("name") or sku), count, sku, price, total))  # fmt: skip
    return tuple(lines)


def _of_order(
    shape: type[ShipmentRecord | ReturnRecord | InvoiceRecord], states: set[str]
) -> Callable[..., Record]:
    def make(verb: str, data: Mapping[str, Any], at: datetime, contact: int | None) -> Record:
        more: dict[str, Any] = {"order": str(data.get("order") or "")}
        if not more["order"]:
            raise mapping.BadValue("order", "")
        if states:
            state = verb if verb in states else str(data.get("state") or "")
            more["state"] = state if state in states else None
        when = {"shipped": "shipped_at", "delivered": "delivered_at", "requested": "requested_at"}
        stamp = when.get(verb, "")
        if stamp in shape.__dataclass_fields__ and data.get(stamp) is None:
            more[stamp] = at
        return _fill(shape, data, at, contact, **more)

    return make


def _plain(shape: Any, states: set[str] | None = None) -> Callable[..., Record]:
    def make(verb: str, data: Mapping[str, Any], at: datetime, contact: int | None) -> Record:
        more: dict[str, Any] = {}
        if states is not None:
            state = verb if verb in states else str(data.get("state") or "")
            more["state"] = state if state in states else None
        found: Record = _fill(shape, data, at, contact, **more)
        return found

    return make


def _stock(verb: str, data: Mapping[str, Any], at: datetime, contact: int | None) -> Record:
    return _fill(StockRecord, data, at, contact, store=_id(data, "store"), sku=_id({"id": data.get("sku")}), item="")  # fmt: skip


_MAKERS: dict[str, Callable[..., Record]] = {
    "order": _order,
    "shipment": _of_order(ShipmentRecord, SHIPMENTS),
    "return": _of_order(ReturnRecord, RETURNS),
    "invoice": _of_order(InvoiceRecord, set()),
    "device": _plain(DeviceRecord),
    "subscription": _plain(SubscriptionRecord, SUBSCRIPTIONS),
    "warranty": _plain(WarrantyRecord),
    "loyalty": _plain(LoyaltyRecord),
    "store": _plain(StoreRecord),
    "stock": _stock,
}
