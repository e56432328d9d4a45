"""Magento Open Source and Adobe Commerce: it has no webhooks of its own, so everything is polled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sportello.channels.vendors.calls import tried
from sportello.commerce.connectors.magento import shapes, stock
from sportello.commerce.contract import (
    Act,
    Check,
    Connector,
    Done,
    FieldKind,
    Outcome,
    Raw,
    Request,
    Setting,
    Settings,
    Unreadable,
    said,
)
from sportello.commerce.records import Record
from sportello.commerce.wire import calls, changes
from sportello.commerce.wire.values import Moment, Shape, at, peek, read

if TYPE_CHECKING:
    from sportello.core.net import Net

PAGE = 50
MOST_PAGES = 400


class Magento(Connector):
    kind = "magento"
    name = "Magento, Adobe Commerce"
    polls_every = timedelta(minutes=2)
    acts = frozenset(Act)
    settings = (
        Setting("site", "Address of the shop", FieldKind.URL, required=True, help="Such as https://shop.example.org."),
        Setting("access_token", "Access token", FieldKind.SECRET, required=True, help="Of an active integration."),
        Setting("store_view", "Store view", default="all", advanced=True, help="Code in the address of the API."),
        Setting("history_days", "Days to fetch at first", FieldKind.NUMBER, default=changes.HISTORY_DAYS, advanced=True),
    )  # fmt: skip
    guide = (
        "In Magento open System, Integrations and add one with access to Sales and, for the stock, to Stores, Inventory and Catalog, Inventory.",
        "Under Stores, Configuration, Services, OAuth allow access tokens to be used as standalone bearer tokens.",
        "Activate the integration, copy its access token into this form and save.",
        "Press “Test the settings”. Orders, parcels, invoices and credit memos are fetched every two minutes, stock every hour.",
    )

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        data = peek(raw.body)
        if not data:
            raise Unreadable("Not a page of what was asked for.")
        found: list[Record] = []
        for path, (shape, record) in LISTS.items():
            found += [record(_shaped(shape, one)) for one in data.get(path) or []]
        goods = read(stock.Page, raw.body)
        return [*found, *map(stock.of_source, goods.sources), *map(stock.of_item, goods.items)]

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        """Orders first: a parcel must find its order."""
        reached = dict(cursor)
        for path in LISTS:
            own = dict(reached.get(path) or {})
            start = changes.since(own, settings).astimezone(UTC)
            for number in range(1, MOST_PAGES + 1):
                asked = _search("updated_at", "gteq", f"{start:%Y-%m-%d %H:%M:%S}", number)
                found = at(calls.page(_ask(net, settings, "GET", path, params=asked)), "items")
                if not isinstance(found, list):
                    raise calls.Broken(said("The shop answers something else than orders."))
                nodes = [(str(n.get("entity_id")), _changed(n) or start, n) for n in found]
                fresh, own = changes.unseen(nodes, own)
                reached = reached | {path: own}
                if fresh:
                    yield Raw(json.dumps({path: fresh}).encode(), source="poll"), reached
                if len(found) < PAGE:
                    break

        def fetch(path: str, number: int, size: int) -> Any:
            page = {"searchCriteria[pageSize]": size, "searchCriteria[currentPage]": number}
            return calls.page(_ask(net, settings, "GET", path, params=page))

        yield from stock.poll(reached, fetch)

    def act(self, request: Request, settings: Settings, net: Net) -> Outcome:
        return calls.attempted(lambda: _act(request, settings, net))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        def orders() -> tuple[bool, str]:
            answer = _ask(net, settings, "GET", "orders", params={"searchCriteria[pageSize]": 1})
            if answer.ok and at(answer.data, "items") is not None:
                return True, said("Orders can be read.")
            return False, answer.words or said("The shop refuses these keys (HTTP {status}).", status=answer.status)  # fmt: skip

        return [tried(said("Orders"), orders)]


def _ask(net: Net, settings: Settings, method: str, path: str, **options: Any) -> calls.Answer:
    site, view = str(settings.get("site") or "").rstrip("/"), settings.get("store_view") or "all"
    token = str(settings.get("access_token") or "")
    return calls.ask(
        net,
        method,
        f"{site}/rest/{view}/V1/{path}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30.0,
        **options,
    )


def _search(field: str, how: str, value: str, page: int = 1) -> dict[str, str | int]:
    one = "searchCriteria[filter_groups][0][filters][0]"
    return {
        f"{one}[field]": field,
        f"{one}[condition_type]": how,
        f"{one}[value]": value,
        "searchCriteria[sortOrders][0][field]": "updated_at",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[pageSize]": PAGE,
        "searchCriteria[currentPage]": page,
    }


LISTS: dict[str, tuple[type[Any], Callable[[Any], Record]]] = {
    "orders": (shapes.Order, shapes.of_order),
    "shipments": (shapes.Shipment, shapes.of_shipment),
    "invoices": (shapes.Invoice, shapes.of_invoice),
    "creditmemos": (shapes.CreditMemo, shapes.of_credit_memo),
}
"""Path → what stands there, and what we make of it."""


def _shaped(shape: type[Any], one: Any) -> Any:
    try:
        return shape.model_validate(one)
    except ValidationError as error:
        raise Unreadable(f"Not a {shape.__name__} as documented.") from error


def _order(one: Any) -> Record:
    return shapes.of_order(_shaped(shapes.Order, one))


def _changed(node: Any) -> datetime | None:
    found: datetime | None = _shaped(_Dated, node).updated_at
    return found


class _Dated(Shape):
    updated_at: Moment = None


def _act(request: Request, settings: Settings, net: Net) -> Outcome:
    where = f"orders/{request.order}"
    match request.act:
        case Act.REFUND:
            answer = _refund(request, settings, net)
        case Act.CANCEL:
            answer = _ask(net, settings, "POST", f"{where}/cancel", json={})
        case Act.RESEND:
            answer = _ask(net, settings, "POST", f"{where}/emails", json={})
    if not answer.ok or answer.data is False:
        return calls.refused(answer)
    reference = str(answer.data) if request.act is Act.REFUND else ""
    return Done(reference, _as_it_is(where, settings, net))


def _refund(request: Request, settings: Settings, net: Net) -> calls.Answer:
    """Online against the invoice when it was paid by a gateway, else noted on the order."""
    values: dict[str, Any] = {
        "items": [],
        "notify": True,
        "appendComment": True,
        "comment": {"comment": f"{request.reason} [{request.idempotency_key}]".strip(), "is_visible_on_front": 0},
        "arguments": {"shipping_amount": 0, "adjustment_positive": float(request.amount or 0), "adjustment_negative": 0},
    }  # fmt: skip
    asked = _search("order_id", "eq", request.order)
    found = calls.before(lambda: calls.page(_ask(net, settings, "GET", "invoices", params=asked)))
    for invoice in at(found, "items") or []:
        if isinstance(invoice, dict) and invoice.get("transaction_id"):
            where = f"invoice/{invoice.get('entity_id')}/refund"
            return _ask(net, settings, "POST", where, json=values | {"isOnline": True})
    return _ask(net, settings, "POST", f"order/{request.order}/refund", json=values)


def _as_it_is(where: str, settings: Settings, net: Net) -> tuple[Record, ...]:
    """The order after the act; the next poll tells as well, so silence is no harm."""
    try:
        answer = _ask(net, settings, "GET", where)
        return (_order(answer.data),) if answer.ok else ()
    except (calls.NetError, Unreadable):
        return ()


connector = Magento()
