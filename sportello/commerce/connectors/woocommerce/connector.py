"""WooCommerce: orders and stock by signed webhook, reconciled by the REST API v3; refunds, cancellations, details re-sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sportello.channels.vendors.calls import tried
from sportello.commerce.connectors.woocommerce import api, products, shapes, stock
from sportello.commerce.contract import (
    Act,
    Check,
    Connector,
    Done,
    FieldKind,
    Outcome,
    Raw,
    Refused,
    Request,
    Setting,
    Settings,
    Unreadable,
    said,
)
from sportello.commerce.records import Record
from sportello.commerce.wire import calls, changes
from sportello.commerce.wire.values import peek, read, signed

if TYPE_CHECKING:
    from sportello.core.net import Net

PAGE = 50
MOST_PAGES = 400


class WooCommerce(Connector):
    kind = "woocommerce"
    name = "WooCommerce"
    has_webhook = True
    polls_every = timedelta(minutes=10)
    acts = frozenset(Act)
    keeps = frozenset({"x-wc-webhook-topic"})
    settings = (
        Setting("site", "Address of the shop", FieldKind.URL, required=True, help="Such as https://shop.example.org; keys are sent only by https."),
        Setting("consumer_key", "Consumer key", FieldKind.SECRET, required=True, help="Begins with ck_."),
        Setting("consumer_secret", "Consumer secret", FieldKind.SECRET, required=True, help="Begins with cs_."),
        Setting("webhook_secret", "Webhook secret", FieldKind.SECRET, required=True, help="Invent a long one and enter the same in WooCommerce."),
        Setting("history_days", "Days to fetch at first", FieldKind.NUMBER, default=changes.HISTORY_DAYS, advanced=True),
    )  # fmt: skip
    guide = (
        "In WooCommerce open Settings, Advanced, REST API and add a key with read and write access.",
        "Copy consumer key and consumer secret into this form, invent a webhook secret, and save.",
        "Under Settings, Advanced, Webhooks add three: “Order created”, “Order updated” and, for the stock, “Product updated”, with the address shown here and the same secret.",
        "Press “Test the settings”. What webhooks miss is fetched every ten minutes.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        given = raw.headers.get("x-wc-webhook-signature", "")
        if not signed(raw.body, given, settings.get("webhook_secret")):
            raise Refused("The signature does not fit the webhook secret.")

    def is_ping(self, raw: Raw) -> bool:
        """Saving a webhook in WooCommerce sends its number, unsigned, and wants a 200."""
        return re.fullmatch(rb"webhook_id=\d{1,12}", raw.body) is not None

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        if raw.source == "poll":
            return _page(peek(raw.body), settings)
        topic = raw.headers.get("x-wc-webhook-topic", "")
        if topic in {"product.created", "product.updated", "product.restored"}:
            return _stock([read(stock.Product, raw.body)])
        if topic and (not topic.startswith("order.") or topic == "order.deleted"):
            return []
        order = read(shapes.Order, raw.body)
        if not order.id:
            raise Unreadable("An order without an id.")
        return [shapes.record(order)]

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        reached = dict(cursor)
        for page, own in self._orders(settings, reached, net):
            reached |= own
            yield page, dict(reached)
        yield from products.poll(settings, reached, net)

    def _orders(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        start, reached = changes.since(cursor, settings).astimezone(UTC), dict(cursor)
        asked = {
            "modified_after": (start - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S"),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "per_page": PAGE,
        }
        for number in range(1, MOST_PAGES + 1):
            found = api.listed(net, settings, "orders", asked | {"page": number})
            nodes = [(str(n.get("id")), _order(n).updated_at or start, n) for n in found]
            fresh, reached = changes.unseen(nodes, reached)
            if fresh:
                yield Raw(json.dumps({"orders": fresh}).encode(), source="poll"), reached
            if len(found) < PAGE:
                return

    def act(self, request: Request, settings: Settings, net: Net) -> Outcome:
        return calls.attempted(lambda: _act(request, settings, net))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        def orders() -> tuple[bool, str]:
            answer = api.ask(net, settings, "GET", "orders", params={"per_page": 1})
            if answer.ok and isinstance(answer.data, list):
                return True, said("Orders can be read.")
            return False, answer.words or said("The shop refuses these keys (HTTP {status}).", status=answer.status)  # fmt: skip

        def webhooks() -> tuple[bool | None, str]:
            answer = api.ask(net, settings, "GET", "webhooks", params={"status": "active", "per_page": 100})  # fmt: skip
            if not isinstance(answer.data, list):
                return None, said("The shop does not show its webhooks to these keys.")
            mine = settings.get("webhook_url")
            if any(isinstance(w, dict) and w.get("delivery_url") == mine for w in answer.data):
                return True, said("A webhook calls this address.")
            return False, said("No active webhook calls this address.")

        return [tried(said("Orders"), orders), tried(said("Webhooks"), webhooks)]


def _page(data: Mapping[str, Any], settings: Settings) -> list[Record]:
    """What a page that `poll` fetched says."""
    found: list[Record] = [_order(one) for one in data.get("orders") or []]
    if goods := data.get("products"):
        found.append(stock.place(str(settings.get("site") or "")))
        found += _stock([read(stock.Product, _an_object(one)) for one in goods])
    return found


def _an_object(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise Unreadable("Not a product as documented.")
    return one


def _stock(found: list[stock.Product]) -> list[Record]:
    return [record for one in found if (record := stock.of_product(one)) is not None]


def _order(one: Any) -> Any:
    try:
        return shapes.record(shapes.Order.model_validate(one))
    except ValidationError as error:
        raise Unreadable("Not an order as documented.") from error


def _act(request: Request, settings: Settings, net: Net) -> Outcome:
    where = f"orders/{request.order}"
    match request.act:
        case Act.REFUND:
            # WooCommerce knows no idempotency keys: the key stands in the refund's meta data, for whoever looks.
            values = {
                "amount": str(request.amount),
                "reason": request.reason,
                "api_refund": True,
                "meta_data": [{"key": "_sportello_key", "value": request.idempotency_key}],
            }
            answer = api.ask(net, settings, "POST", f"{where}/refunds", json=values)
        case Act.CANCEL:
            answer = api.ask(net, settings, "PUT", where, json={"status": "cancelled"})
        case Act.RESEND:
            answer = api.ask(net, settings, "POST", f"{where}/actions/send_order_details", json={})
    if not answer.ok:
        return calls.refused(answer)
    reference = str(answer.data.get("id") or "") if isinstance(answer.data, dict) else ""
    return Done(reference, _as_it_is(where, settings, net))


def _as_it_is(where: str, settings: Settings, net: Net) -> tuple[Record, ...]:
    """The order after the act; the next poll tells as well, so silence is no harm."""
    try:
        answer = api.ask(net, settings, "GET", where)
        return (_order(answer.data),) if answer.ok else ()
    except (calls.NetError, Unreadable):
        return ()


connector = WooCommerce()
