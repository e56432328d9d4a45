"""What Shopify's webhooks say, by their topic. Those that tell nothing of ours are no error."""

from __future__ import annotations

from datetime import datetime

from sportello.channels.vendors.shapes import iso_moment
from sportello.commerce.connectors.shopify import returns, shapes, stock
from sportello.commerce.contract import Raw, Unreadable
from sportello.commerce.records import Record
from sportello.commerce.wire.values import peek, read


def parse(raw: Raw) -> list[Record]:
    """Raises `Unreadable`."""
    topic = raw.headers.get("x-shopify-topic", "")
    noun, _, verb = topic.partition("/")
    match noun:
        case "orders" if verb != "delete":
            return [_order(raw)]
        case "fulfillments":
            return _parcel(raw)
        case "returns":
            return [_return(raw)]
        case "refunds":
            back = shapes.of_refund(read(shapes.Refund, raw.body))
            return [back] if back else []
        case "inventory_levels":
            level = read(stock.Level, raw.body)
            return [stock.of_level(level, gone=verb == "disconnect", at=_when(raw))]
        case "locations" if verb in {"create", "update"}:
            return [stock.of_location(read(stock.Location, raw.body))]
    if not peek(raw.body):
        raise Unreadable("Not a JSON object.")
    return []


def _order(raw: Raw) -> Record:
    order = read(shapes.WebhookOrder, raw.body)
    if not order.id:
        raise Unreadable("An order without an id.")
    return shapes.of_webhook(order)


def _parcel(raw: Raw) -> list[Record]:
    one = read(shapes.Fulfillment, raw.body)
    if not one.order_id:
        raise Unreadable("A fulfillment without an order.")
    parcel = shapes.of_fulfillment(one, one.order_id)
    return [parcel] if parcel else []


def _return(raw: Raw) -> Record:
    one = read(returns.WebhookReturn, raw.body)
    if not one.id or not one.order.id:
        raise Unreadable("A return without an order.")
    return returns.of_webhook(one, _when(raw))


def _when(raw: Raw) -> datetime | None:
    """When it happened, whenever it is delivered: a webhook that is late must not undo what came after."""
    return iso_moment(raw.headers.get("x-shopify-triggered-at", ""))
