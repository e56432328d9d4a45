"""What the pages of shops show beside the form: health, what is parked, tables under way, a look at a sample."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from sportello.commerce import mapping, money, queries
from sportello.commerce.connectors.rest.connector import reader_of
from sportello.commerce.models import Connection, Order, OrderState, TableImport
from sportello.commerce.registry import UnknownConnector
from sportello.core import clock

RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One connection of the list, with its health in a word."""

    connection: Connection
    kind: str
    orders: int
    parked: int
    problem: str

    @property
    def state(self) -> str:
        """``off``, ``bad``, ``ok``."""
        return "off" if not self.connection.is_active else "bad" if self.problem else "ok"


def lines(connections: Iterable[Connection] | None = None) -> list[Line]:
    """Every connection with its health; those whose connector is gone are left out."""
    rows = list(queries.connections() if connections is None else connections)
    counted = Order.objects.filter(connection__in=rows).values_list("connection")
    orders = dict(counted.annotate(n=Count("pk")))
    parked = dict(
        Connection.objects.filter(pk__in=[row.pk for row in rows])
        .annotate(n=Count("arrivals", filter=Q(arrivals__parked_at__isnull=False)))
        .values_list("pk", "n")
    )
    found = []
    for row in rows:
        try:
            name = _(row.code.name)
        except UnknownConnector:
            continue
        stuck = parked.get(row.pk, 0)
        found.append(Line(row, name, orders.get(row.pk, 0), stuck, problem_of(row, stuck)))
    return found


def problem_of(row: Connection, parked: int) -> str:
    """The worst of what is wrong, as a sentence; empty when all is well."""
    if row.last_error:
        return row.last_error
    if row.refused_at and clock.now() - row.refused_at < RECENT:
        return _(
            "Calls with a wrong signature were refused. Compare the secret with the shop's own."
        )
    if row.code.is_mapped and not row.mapping and not row.code.takes_files:
        return _("Say under “Fields” which field means what.")
    if parked:
        return _("Some of what the shop sent could not be read and is parked.")
    return ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sample says with these paths."""

    rows: list[tuple[str, str]]
    problem: str = ""
    paths: tuple[str, ...] = ()


def preview(connection: Connection, sample: str, paths: Mapping[str, str]) -> Preview:
    """The first order of the sample, read as it would be."""
    try:
        data: Any = json.loads(sample)
    except (ValueError, RecursionError):
        return Preview([], _("The sample is not JSON.") if sample.strip() else "")
    settings = connection.settings | {"mapping": dict(paths)}
    where = str(settings.get("items") or "")
    items = mapping.find(data, where) if where and isinstance(data, Mapping) else data
    first = items[0] if isinstance(items, list) and items else items or data
    if not isinstance(first, Mapping):
        return Preview([], _("No order stands at the path to the orders."))
    offered = tuple(mapping.paths(first)[:200])
    try:
        order = reader_of(settings).order(first)
    except mapping.MissingNumber:
        return Preview([], _("Say at least where the order number stands."), offered)
    except mapping.BadValue as bad:
        label = _(dict(mapping.FIELDS).get(bad.field, bad.field))
        why = _("“%(value)s” cannot be read as %(field)s.") % {"value": bad.value, "field": label}
        return Preview([], why, offered)
    return Preview(_said(order), paths=offered)


def _said(order: Any) -> list[tuple[str, str]]:
    currency = order.currency or "EUR"
    buyer = order.buyer
    rows = [
        (_("Order number"), order.number),
        (_("State of the order"), str(dict(OrderState.choices).get(order.state, ""))),
        (_("Placed on"), order.placed_at.isoformat(" ", "minutes") if order.placed_at else ""),
        (_("Total"), money.shown(order.total, currency)),
        (_("Customer"), ", ".join(filter(None, [buyer.name, buyer.email, buyer.phone])) if buyer else ""),
        (_("Parcel"), ", ".join(s.tracking_number or s.tracking_url or "" for s in order.shipments)),
    ]  # fmt: skip
    for line in order.lines or ():
        rows.append((_("Line"), f"{line.quantity:f} × {line.name} {money.shown(line.total, currency)}"))  # fmt: skip
    return [(label, value) for label, value in rows if value]


def imports(connection: Connection) -> list[dict[str, Any]]:
    """The newest tables, with their progress and the first errors as sentences."""
    rows = TableImport.objects.filter(connection=connection).defer("content").order_by("-pk")[:5]
    labels = {name: _(label) for name, label in mapping.FIELDS}
    shown = []
    for row in rows:
        errors = []
        for line, template, parts in row.errors[:20]:
            said = {k: labels.get(v, v) if k == "field" else v for k, v in parts.items()}
            errors.append((line, _(template) % said if said else _(template)))
        percent = round(100 * row.position / row.lines) if row.lines else 0
        shown.append({"row": row, "errors": errors, "percent": percent})
    return shown
