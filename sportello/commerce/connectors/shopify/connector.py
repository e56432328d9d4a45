"""Shopify: orders, returns and stock by webhook, reconciled by the GraphQL Admin API; refunds, cancellations, invoices re-sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sportello.channels.vendors.calls import tried
from sportello.commerce.connectors.shopify import api, hooks, polls
from sportello.commerce.contract import (
    Act,
    Check,
    Connector,
    Done,
    Failed,
    FieldKind,
    Outcome,
    Raw,
    Refused,
    Request,
    Setting,
    Settings,
    TryLater,
    Unreadable,
    said,
)
from sportello.commerce.reasons import Reason, why
from sportello.commerce.records import Record
from sportello.commerce.wire import calls
from sportello.commerce.wire.values import at, peek, signed

if TYPE_CHECKING:
    from sportello.core.net import Net


class Shopify(Connector):
    kind = "shopify"
    name = "Shopify"
    has_webhook = True
    polls_every = timedelta(minutes=10)
    acts = frozenset(Act)
    keeps = frozenset({"x-shopify-topic", "x-shopify-triggered-at"})
    settings = (
        Setting("shop", "Shop address", required=True, help="Without https://, such as aurora.myshopify.com."),
        Setting("access_token", "Admin API access token", FieldKind.SECRET, required=True, help="Begins with shpat_."),
        Setting("api_secret", "API secret key", FieldKind.SECRET, required=True, help="Signs the webhooks."),
        Setting("history_days", "Days to fetch at first", FieldKind.NUMBER, default=60, advanced=True, help="Shopify gives older orders only with the scope read_all_orders."),
        Setting("api_version", "API version", default=api.VERSION, advanced=True),
        Setting("api_base", "API address", FieldKind.URL, advanced=True, help="Empty: the shop's own."),
    )  # fmt: skip
    guide = (
        "In Shopify open Settings, Apps and sales channels, Develop apps, and create an app.",
        "Give it the Admin API scopes read_orders, write_orders, read_customers and read_fulfillments, for returns read_returns, for stock read_inventory and read_locations, and install it.",
        "Copy the Admin API access token and the API secret key into this form and save.",
        "Add webhooks for orders/create, orders/updated, orders/cancelled, fulfillments/create and fulfillments/update with the address shown here, in JSON.",
        "The same for returns and stock: returns/request, returns/approve, returns/decline, returns/cancel, returns/close, refunds/create and inventory_levels/update.",
        "Press “Test the settings”. What webhooks miss is fetched every ten minutes.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        if not signed(raw.body, raw.headers.get("x-shopify-hmac-sha256", ""), settings.get("api_secret")):  # fmt: skip
            raise Refused("The signature does not fit the API secret key.")

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        if raw.source == "poll":
            return polls.parse(peek(raw.body))
        return hooks.parse(raw)

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        return polls.poll(settings, cursor, net)

    def act(self, request: Request, settings: Settings, net: Net) -> Outcome:
        return calls.attempted(lambda: _act(request, settings, net))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        def shop() -> tuple[bool, str]:
            answer = api.query(net, settings, api.SHOP)
            name = at(answer.data, "data", "shop", "name")
            if answer.ok and name:
                return True, said("Connected to {name}.", name=name)
            return False, api.complaint(answer) or said("The shop refuses these keys (HTTP {status}).", status=answer.status)  # fmt: skip

        def orders() -> tuple[bool, str]:
            text = "query { orders(first: 1) { nodes { name } } }"
            answer = api.query(net, settings, text)
            words = api.complaint(answer)
            return (answer.ok and not words), words or said("Orders can be read.")

        def returned() -> tuple[bool | None, str]:
            data = api.query(net, settings, "query { orders(first: 1) { nodes { returns(first: 1) { nodes { id } } } } }").data  # fmt: skip
            lacking = api.denied(data)
            return (None if lacking else True), said("Without the scope read_returns returns stay unknown.") if lacking else said("Returns can be read.")  # fmt: skip

        def stocked() -> tuple[bool | None, str]:
            data = api.query(net, settings, "query { locations(first: 1) { nodes { inventoryLevels(first: 1) { nodes { id } } } } }").data  # fmt: skip
            lacking = api.denied(data)
            return (None if lacking else True), said("Without the scopes read_inventory and read_locations the stock stays unknown.") if lacking else said("Stock can be read.")  # fmt: skip

        lines = [tried(said("Shop"), shop), tried(said("Orders"), orders)]
        if all(line.ok for line in lines):
            lines += [tried(said("Returns"), returned), tried(said("Stock"), stocked)]
        return lines


def _act(request: Request, settings: Settings, net: Net) -> Outcome:
    gid = f"gid://shopify/Order/{request.order}"
    match request.act:
        case Act.REFUND:
            answer, path = _refund(request, gid, settings, net), ("refundCreate", "userErrors")
        case Act.CANCEL:
            note = request.reason[:255]
            answer = api.query(net, settings, api.CANCEL, id=gid, note=note)
            path = ("orderCancel", "orderCancelUserErrors")
        case Act.RESEND:
            answer = api.query(net, settings, api.RESEND, id=gid)
            path = ("orderInvoiceSend", "userErrors")
    if isinstance(answer, Failed):
        return answer
    words = api.complaint(answer, *path)
    if not answer.ok or words:
        return calls.refused(answer, words)
    if not isinstance(at(answer.data, "data", path[0]), dict):
        return calls.refused(answer)
    reference = at(answer.data, "data", "refundCreate", "refund", "id") or ""
    return Done(str(reference), _as_it_is(gid, settings, net))


def _refund(request: Request, gid: str, settings: Settings, net: Net) -> calls.Answer | Failed:
    """The money goes back the way it came: the shop says which payments have something left."""
    known = calls.before(lambda: calls.page(api.query(net, settings, api.SUGGESTED, id=gid)))
    left, transactions = request.amount or Decimal(0), []
    for one in at(known, "data", "order", "suggestedRefund", "suggestedTransactions") or []:
        there = Decimal(str(at(one, "amountSet", "shopMoney", "amount") or 0))
        part = min(left, there)
        if part > 0:
            parent = at(one, "parentTransaction", "id")
            transactions.append(
                {"orderId": gid, "kind": "REFUND", "gateway": one.get("gateway"),
                 "parentId": parent, "amount": f"{part:.2f}"}
            )  # fmt: skip
            left -= part
    if left > 0 or not transactions:
        return Failed(why(Reason.TOO_LITTLE_LEFT))
    values = {"orderId": gid, "note": request.reason[:255], "notify": True, "transactions": transactions}  # fmt: skip
    return api.query(net, settings, api.REFUND, input=values, key=request.idempotency_key)


def _as_it_is(gid: str, settings: Settings, net: Net) -> tuple[Record, ...]:
    """The order after the act; the next poll tells as well, so silence is no harm."""
    try:
        node = at(api.query(net, settings, api.ONE, id=gid).data, "data", "order")
        return (polls.order(node),) if node else ()
    except (calls.NetError, TryLater, Unreadable):
        return ()


connector = Shopify()
