"""The GraphQL Admin API, as far as we use it, and the webhooks as the shop signs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from sportello.commerce.contract import Raw
from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "shpat_5f1d"
SECRET = "hush-api-secret"


class Shopify(Cloud):
    """``nodes`` are orders, oldest change first; ``refunds`` remembers idempotency keys.

    ``scopes`` are what the keys may read besides orders; ``levels`` are the stock of each location.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[dict[str, Any]] = []
        self.refunds: dict[str, list[dict[str, Any]]] = {}
        self.cancelled: list[str] = []
        self.sent: list[str] = []
        self.left = "449.00"
        self.scopes = {"read_returns", "read_inventory"}
        self.places: list[dict[str, Any]] = []
        self.levels: dict[str, list[dict[str, Any]]] = {}

    def respond(self, call: Call) -> Answer:
        if not call.path.startswith("/admin/api/2") or not call.path.endswith("/graphql.json"):
            return Answer(404, {"errors": "Not Found"})
        if call.headers.get("x-shopify-access-token") != TOKEN:
            return Answer(401, {"errors": "[API] Invalid API key or access token"})
        query, values = call.json["query"], call.json["variables"]
        for scope, word in (("read_returns", "returns("), ("read_inventory", "inventoryLevels"), ("read_inventory", "locations(")):  # fmt: skip
            if word in query and scope not in self.scopes:
                error = {"message": f"Access denied. Required access: `{scope}`", "extensions": {"code": "ACCESS_DENIED"}}  # fmt: skip
                return Answer(200, {"data": None, "errors": [error]})
        for name in ("refundCreate", "orderCancel", "orderInvoiceSend", "suggestedRefund", "shop {", "order(id", "orders(first", "locations(first", "location(id"):  # fmt: skip
            if name in query:
                return Answer(200, {"data": getattr(self, f"_{name.partition('(')[0].strip(' {')}")(values, query)})  # fmt: skip
        return Answer(200, {"errors": [{"message": "unknown"}]})

    def _shop(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        return {"shop": {"name": "Aurora", "currencyCode": "EUR"}}

    def _orders(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        asked = values.get("query", "updated_at:>='0'")
        fresh = [n for n in self.nodes if n["updatedAt"] >= asked.split("'")[1]]
        if "-return_status:no_return" in asked:
            fresh = [n for n in fresh if n["returns"]["nodes"]]
        start, size = int(values.get("after") or 0), 50
        page = fresh[start : start + size]
        more = start + size < len(fresh)
        return {"orders": {"nodes": page, "pageInfo": {"hasNextPage": more, "endCursor": str(start + size)}}}  # fmt: skip

    def _locations(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        return {"locations": {"nodes": self.places}}

    def _location(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        every = self.levels.get(values["id"].rpartition("/")[2], [])
        since = (values.get("query") or "'0'").split("'")[1]
        fresh = [n for n in every if n["updatedAt"] >= since]
        start, size = int(values.get("after") or 0), 100
        more = {"hasNextPage": start + size < len(fresh), "endCursor": str(start + size)}
        return {"location": {"inventoryLevels": {"nodes": fresh[start : start + size], "pageInfo": more}}}  # fmt: skip

    def _order(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        wanted = values["id"].rpartition("/")[2]
        return {"order": next((n for n in self.nodes if n["legacyResourceId"] == wanted), None)}

    def _suggestedRefund(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        one = {"gateway": "shopify_payments", "parentTransaction": {"id": "gid://shopify/OrderTransaction/9"}, "amountSet": {"shopMoney": {"amount": self.left}}}  # fmt: skip
        return {"order": {"suggestedRefund": {"suggestedTransactions": [one]}}}

    def _refundCreate(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        assert "@idempotent(key: $key)" in query
        self.refunds.setdefault(values["key"], values["input"]["transactions"])
        return {"refundCreate": {"refund": {"id": "gid://shopify/Refund/77"}, "userErrors": []}}

    def _orderCancel(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        if values["id"] in self.cancelled:
            errors = [{"message": "Order is already cancelled"}]
            return {"orderCancel": {"job": None, "orderCancelUserErrors": errors}}
        self.cancelled.append(values["id"])
        return {"orderCancel": {"job": {"id": "j"}, "orderCancelUserErrors": []}}

    def _orderInvoiceSend(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        self.sent.append(values["id"])
        return {"orderInvoiceSend": {"order": {"id": values["id"]}, "userErrors": []}}


def node(number: int, updated: str, **more: Any) -> dict[str, Any]:
    """An order as ``orders`` tells it."""
    return {
        "legacyResourceId": str(number), "name": f"#{number}", "email": "ada@home.example", "phone": None,
        "createdAt": "2026-11-20T08:00:00Z", "updatedAt": updated, "cancelledAt": None,
        "displayFinancialStatus": "PAID", "displayFulfillmentStatus": "UNFULFILLED", "currencyCode": "EUR",
        "statusPageUrl": "https://aurora.example/orders/1", "totalPriceSet": {"shopMoney": {"amount": "449.00"}},
        "totalRefundedSet": {"shopMoney": {"amount": "0.0"}},
        "customer": {"legacyResourceId": "7", "displayName": "Ada Rossi"},
        "lineItems": {"nodes": [{"id": "gid://shopify/LineItem/11", "sku": "UNO", "name": "Aurora Uno", "quantity": 1, "originalUnitPriceSet": {"shopMoney": {"amount": "449.00"}}}]},
        "fulfillments": [], "returns": {"nodes": []},
    } | more  # fmt: skip


def back(status: str = "REQUESTED", paid: str = "", **more: Any) -> dict[str, Any]:
    """A return as its order tells it."""
    refunds = [{"totalRefundedSet": {"shopMoney": {"amount": paid}}}] if paid else []
    line = {
        "returnReason": "WRONG_ITEM",
        "returnReasonNote": "",
        "customerNote": "Mi è arrivato il modello rosso",
    }
    return {
        "id": "gid://shopify/Return/61", "status": status, "createdAt": "2026-11-21T08:00:00Z", "decline": None,
        "refunds": {"nodes": refunds}, "returnLineItems": {"nodes": [line]},
    } | more  # fmt: skip


def place(number: int = 5, name: str = "Firenze, via Roma", pickup: bool = True) -> dict[str, Any]:
    return {
        "legacyResourceId": str(number), "name": name, "address": {"address1": "Via Roma 3", "city": "Firenze"},
        "localPickupSettingsV2": {"pickupTime": "ONE_HOUR"} if pickup else None,
    }  # fmt: skip


def level(
    item: int, count: int, updated: str = "2026-11-21T08:00:00Z", **more: Any
) -> dict[str, Any]:
    about = {"legacyResourceId": str(item), "sku": f"SKU-{item}", "tracked": True} | more
    return {"updatedAt": updated, "quantities": [{"quantity": count}], "item": about}


def hooked(topic: str, at: str = "2026-11-21T08:00:00Z", **body: Any) -> Raw:
    """A webhook of that topic, with the moment at which the shop set it off."""
    raw = signed(json.dumps(body).encode(), topic)
    return Raw(raw.body, {**raw.headers, "x-shopify-triggered-at": at})


def order(number: int = 1001, updated: str = "2026-11-20T09:00:00+01:00", **more: Any) -> bytes:
    """An order as ``orders/*`` tell it."""
    body = {
        "id": number, "name": f"#{number}", "email": "ada@home.example", "phone": None, "currency": "EUR",
        "created_at": "2026-11-20T09:00:00+01:00", "updated_at": updated, "cancelled_at": None, "total_price": "449.00",
        "financial_status": "paid", "fulfillment_status": None, "order_status_url": "https://aurora.example/orders/1",
        "customer": {"id": 7, "first_name": "Ada", "last_name": "Rossi"}, "refunds": [], "fulfillments": [],
        "line_items": [{"id": 11, "sku": "UNO", "name": "Aurora Uno", "quantity": 1, "price": "449.00"}],
    } | more  # fmt: skip
    return json.dumps(body).encode()


def signed(body: bytes, topic: str = "orders/updated", secret: str = SECRET) -> Raw:
    mac = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return Raw(body, {"x-shopify-hmac-sha256": mac, "x-shopify-topic": topic})
