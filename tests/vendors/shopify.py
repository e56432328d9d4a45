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
    """``nodes`` are orders, oldest change first; ``refunds`` remembers idempotency keys."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[dict[str, Any]] = []
        self.refunds: dict[str, list[dict[str, Any]]] = {}
        self.cancelled: list[str] = []
        self.sent: list[str] = []
        self.left = "449.00"

    def respond(self, call: Call) -> Answer:
        if not call.path.startswith("/admin/api/2") or not call.path.endswith("/graphql.json"):
            return Answer(404, {"errors": "Not Found"})
        if call.headers.get("x-shopify-access-token") != TOKEN:
            return Answer(401, {"errors": "[API] Invalid API key or access token"})
        query, values = call.json["query"], call.json["variables"]
        for name in ("refundCreate", "orderCancel", "orderInvoiceSend", "suggestedRefund", "shop {", "order(id", "orders(first"):  # fmt: skip
            if name in query:
                return Answer(200, {"data": getattr(self, f"_{name.partition('(')[0].strip(' {')}")(values, query)})  # fmt: skip
        return Answer(200, {"errors": [{"message": "unknown"}]})

    def _shop(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        return {"shop": {"name": "Aurora", "currencyCode": "EUR"}}

    def _orders(self, values: dict[str, Any], query: str) -> dict[str, Any]:
        since = values.get("query", "updated_at:>='0'").partition("'")[2].rstrip("'")
        fresh = [n for n in self.nodes if n["updatedAt"] >= since]
        start, size = int(values.get("after") or 0), 50
        page = fresh[start : start + size]
        more = start + size < len(fresh)
        return {"orders": {"nodes": page, "pageInfo": {"hasNextPage": more, "endCursor": str(start + size)}}}  # fmt: skip

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
        "fulfillments": [],
    } | more  # fmt: skip


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
