"""What this room holds of a person: orders and other goods, what was asked of shops, raw input not applied.

Erasing keeps the amounts, for the books and the statistics, and takes away whose they were.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import models
from django.db.models import Q

from sportello.commerce.models import (
    Arrival,
    Deed,
    Device,
    Invoice,
    Loyalty,
    Order,
    Return,
    Shipment,
    Subscription,
    Warranty,
)
from sportello.contacts.models import Identity
from sportello.core.personal import Holding, register

_ON_ORDERS = ("lines", "shipments", "returns", "invoices")
_INNER = frozenset({"contact_id", "connection_id", "number_key", "is_erased", "key"})


def _of(model: type[models.Model], contact_id: int) -> Any:
    """His, and what nobody owns but carries an address that is his."""
    rows: Any = model._default_manager
    mine = Identity.objects.filter(contact_id=contact_id).exclude(proof="claimed")
    addresses = list(mine.values_list("address", flat=True))
    same = Q(contact=None) & (Q(email__in=addresses) | Q(phone__in=addresses))
    return rows.filter(Q(contact_id=contact_id) | same)


def _move(model: type[models.Model], source: int, target: int) -> None:
    rows: Any = model._default_manager
    rows.filter(contact_id=source).update(contact_id=target)


def _plain(row: models.Model, leave_out: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        if column.attname not in leave_out:
            value = getattr(row, column.attname)
            plain = value is None or isinstance(value, str | int | bool | float)
            found[column.attname] = value if plain else str(value)
    return found


def _export(model: type[models.Model], contact_id: int) -> list[dict[str, Any]]:
    return [_plain(row, _INNER) for row in _of(model, contact_id).order_by("pk")]


def _export_orders(contact_id: int) -> list[dict[str, Any]]:
    rows = _of(Order, contact_id).prefetch_related(*_ON_ORDERS).order_by("pk")
    inner = _INNER | {"order_id", "id"}
    return [
        _plain(row, _INNER)
        | {name: [_plain(one, inner) for one in getattr(row, name).all()] for name in _ON_ORDERS}
        for row in rows
    ]


def _erase(model: type[models.Model], contact_id: int) -> None:
    gone = {
        "contact": None,
        "email": "",
        "phone": "",
        "buyer_name": "",
        "buyer_id": "",
        "is_confirmed": False,
    }
    serial = {"serial": ""} if model in (Device, Warranty) else {}
    _of(model, contact_id).update(**gone, **serial, is_erased=True)


def _erase_orders(contact_id: int) -> None:
    orders = list(_of(Order, contact_id).values_list("pk", flat=True))
    Shipment.objects.filter(order__in=orders).update(tracking_number="", tracking_url="")
    Return.objects.filter(order__in=orders).update(reason="")
    Invoice.objects.filter(order__in=orders).update(url="")
    Deed.objects.filter(order__in=orders).update(reason="", words="", reference="")
    Order.objects.filter(pk__in=orders).update(status_url="")
    _erase(Order, contact_id)


def _arrivals(contact_id: int) -> Any:
    """Raw input, parked or waiting, that names one of his addresses or him as the shop does."""
    owned = Identity.objects.filter(contact_id=contact_id).exclude(proof="claimed")
    words = set(owned.values_list("address", flat=True))
    words |= set(_of(Order, contact_id).values_list("buyer_name", flat=True))
    wanted = [word.lower() for word in words if len(word) > 3]
    rows = Arrival.objects.values_list("pk", "body").iterator(chunk_size=100)
    return Arrival.objects.filter(pk__in=[pk for pk, body in rows if _names(body, wanted)])


def _names(body: bytes | memoryview, words: list[str]) -> bool:
    text = bytes(body).decode("utf-8", "replace").lower()
    return any(word in text for word in words)


def _export_arrivals(contact_id: int) -> list[dict[str, Any]]:
    return [
        {"received_at": str(row.received_at), "text": bytes(row.body).decode("utf-8", "replace")}
        for row in _arrivals(contact_id)
    ]


def _erase_arrivals(contact_id: int) -> None:
    _arrivals(contact_id).delete()


def _stays(source: int, target: int) -> None:
    """Names nobody until it is applied."""


for _model in (Subscription, Device, Warranty, Loyalty):
    register(
        Holding(
            _model._meta.label,
            partial(_move, _model),
            partial(_export, _model),
            partial(_erase, _model),
        )
    )
register(Holding("commerce.Order", partial(_move, Order), _export_orders, _erase_orders))
# Last, so that it is erased first: it is found by the names that the orders carry.
register(Holding("commerce.Arrival", _stays, _export_arrivals, _erase_arrivals))
