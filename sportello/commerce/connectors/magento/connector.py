"""Magento Open Source and Adobe Commerce: it has no webhooks of its own, so orders and parcels are polled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sportello.channels.vendors.calls import tried
from sportello.commerce.connectors.magento import shapes
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
from sportello.commerce.wire.values import at, peek

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
        "In Magento open System, Integrations and add one with access to Sales.",
        "Under Stores, Configuration, Services, OAuth allow access tokens to be used as standalone bearer tokens.",
        "Activate the integration, copy its access token into this form and save.",
        "Press “Test the settings”. Orders and parcels are fetched every two minutes.",
    )

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        data = peek(raw.body)
        if not data:
            raise Unreadable("Not a page of orders or shipments.")
        orders: list[Record] = [_order(one) for one in data.get("orders") or []]
        return orders + [_shipment(one) for one in data.get("shipments") or []]

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        """Orders first: a parcel must find its order."""
        reached = dict(cursor)
        for path, read in (("orders", _order), ("shipments", _shipment)):
            own = dict(reached.get(path) or {})
            start = changes.since(own, settings).astimezone(UTC)
            for number in range(1, MOST_PAGES + 1):
                asked = _search("updated_at", "gteq", f"{start:%Y-%m-%d %H:%M:%S}", number)
                found = at(calls.page(_ask(net, settings, "GET", path, params=asked)), "items")
                if not isinstance(found, list):
                    raise calls.Broken(said("The shop answers something else than orders."))
                nodes = [(str(n.get("entity_id")), _changed(read(n), start), n) for n in found]
                fresh, own = changes.unseen(nodes, own)
                reached = reached | {path: own}
                if fresh:
                    yield Raw(json.dumps({path: fresh}).encode(), source="poll"), reached
                if len(found) < PAGE:
                    break

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


def _order(one: Any) -> Any:
    try:
        return shapes.of_order(shapes.Order.model_validate(one))
    except ValidationError as error:
        raise Unreadable("Not an order as documented.") from error


def _shipment(one: Any) -> Any:
    try:
        return shapes.of_shipment(shapes.Shipment.model_validate(one))
    except ValidationError as error:
        raise Unreadable("Not a shipment as documented.") from error


def _changed(record: Any, otherwise: datetime) -> datetime:
    found: datetime | None = record.updated_at
    return found or otherwise


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
