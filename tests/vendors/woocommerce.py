"""WooCommerce's REST API v3, as far as we use it, and its signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from sportello.commerce.contract import Raw
from tests.vendors.cloud import Answer, Call, Cloud

KEY, SECRET, HOOK = "ck_1", "cs_2", "a-long-webhook-secret"


class Woo(Cloud):
    """``orders`` oldest change first; ``products`` with the variations of each."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[dict[str, Any]] = []
        self.refunds: list[dict[str, Any]] = []
        self.details: list[str] = []
        self.products: list[dict[str, Any]] = []
        self.variations: dict[str, list[dict[str, Any]]] = {}

    def respond(self, call: Call) -> Answer:
        basic = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {basic}":
            return Answer(401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."})  # fmt: skip
        path = call.path.removeprefix("/wp-json/wc/v3/").split("/")
        match call.method, path:
            case "GET", ["orders"]:
                after = call.query.get("modified_after", "")
                fresh = [o for o in self.orders if o["date_modified_gmt"] > after]
                return self._page(call, fresh)
            case "GET", ["products"]:
                after = call.query.get("modified_after", "")
                return self._page(call, [p for p in self.products if p["date_modified_gmt"] > after])  # fmt: skip
            case "GET", ["products", number, "variations"]:
                return self._page(call, self.variations.get(number, []))
            case "GET", ["webhooks"]:
                return Answer(200, [{"delivery_url": "https://elsewhere.example/x"}])
            case "GET", ["orders", number]:
                return self._one(number)
            case "PUT", ["orders", number]:
                found = self._one(number)
                found.body.update(call.json)
                return found
            case "POST", ["orders", number, "refunds"]:
                if float(call.json["amount"]) > 449:
                    return Answer(400, {"code": "x", "message": "Invalid refund amount."})
                self.refunds.append(call.json)
                return Answer(201, {"id": 900 + len(self.refunds)})
            case "POST", ["orders", number, "actions", "send_order_details"]:
                self.details.append(number)
                return Answer(200, {"message": "Order details sent."})
        return Answer(404, {"message": "No route was found"})

    def _page(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        size = int(call.query["per_page"])
        start = (int(call.query.get("page", 1)) - 1) * size
        return Answer(200, rows[start : start + size])

    def _one(self, number: str) -> Answer:
        found = next((o for o in self.orders if str(o["id"]) == number), None)
        return Answer(200, found) if found else Answer(404, {"message": "Invalid ID."})


def data(number: int = 1001, modified: str = "2026-11-20T09:00:00", **more: Any) -> dict[str, Any]:
    return {
        "id": number, "number": str(number), "status": "processing", "currency": "EUR", "total": "449.00",
        "shipping_total": "0.00", "date_created_gmt": "2026-11-20T08:00:00", "date_modified_gmt": modified,
        "date_paid_gmt": "2026-11-20T08:01:00", "customer_id": 7, "refunds": [], "meta_data": [],
        "billing": {"first_name": "Ada", "last_name": "Rossi", "email": "ada@home.example", "phone": "347 555 0182"},
        "line_items": [{"id": 11, "name": "Aurora Uno", "sku": "UNO", "quantity": 1, "price": 449, "total": "449.00"}],
    } | more  # fmt: skip


def product(number: int, count: int | None, modified: str = "2026-11-20T09:00:00", **more: Any) -> dict[str, Any]:  # fmt: skip
    return {
        "id": number, "type": "simple", "name": f"Aurora {number}", "sku": f"SKU-{number}", "description": "<p>Long</p>",
        "manage_stock": count is not None, "stock_quantity": count, "date_modified_gmt": modified,
    } | more  # fmt: skip


def order(number: int = 1001, modified: str = "2026-11-20T09:00:00", **more: Any) -> bytes:
    return json.dumps(data(number, modified, **more)).encode()


def signed(body: bytes, topic: str = "order.updated", secret: str = HOOK) -> Raw:
    mac = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return Raw(body, {"x-wc-webhook-signature": mac, "x-wc-webhook-topic": topic})
