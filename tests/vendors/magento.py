"""Magento's REST V1, as far as we use it."""

from __future__ import annotations

from typing import Any

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "integration-token"
_FILTER = "searchCriteria[filter_groups][0][filters][0]"


class Magento(Cloud):
    """``orders`` and ``shipments`` oldest change first; ``online`` invoices carry a transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[dict[str, Any]] = []
        self.shipments: list[dict[str, Any]] = []
        self.online = False
        self.refunded: list[tuple[str, dict[str, Any]]] = []
        self.did: list[str] = []

    def respond(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"message": "The consumer isn't authorized to access %resources."})
        path = call.path.removeprefix("/rest/all/V1/").split("/")
        match call.method, path:
            case "GET", ["orders" | "shipments" as what]:
                rows = getattr(self, what)
                since = call.query.get(f"{_FILTER}[value]", "")
                fresh = [row for row in rows if row["updated_at"] >= since]
                size = int(call.query["searchCriteria[pageSize]"])
                start = (int(call.query.get("searchCriteria[currentPage]", 1)) - 1) * size
                return Answer(200, {"items": fresh[start : start + size], "total_count": len(fresh)})  # fmt: skip
            case "GET", ["invoices"]:
                paid = {"entity_id": 31, "transaction_id": "ch_1" if self.online else None}
                return Answer(200, {"items": [paid]})
            case "GET", ["orders", number]:
                found = [o for o in self.orders if str(o["entity_id"]) == number]
                return Answer(200, found[0]) if found else Answer(404, {"message": "gone"})
            case "POST", ["order" | "invoice" as what, number, "refund"]:
                self.refunded.append((f"{what}/{number}", call.json))
                return Answer(200, "55")
            case "POST", ["orders", number, "cancel" | "emails" as verb]:
                self.did.append(f"{number}/{verb}")
                return Answer(200, number != "13")
        return Answer(404, {"message": "Request does not match any route."})


def order(number: int = 1001, updated: str = "2026-11-20 09:00:00", **more: Any) -> dict[str, Any]:
    return {
        "entity_id": number, "increment_id": f"00000{number}", "state": "processing", "status": "processing",
        "order_currency_code": "EUR", "grand_total": 449, "total_paid": 449, "created_at": "2026-11-20 08:00:00",
        "updated_at": updated, "customer_id": 7, "customer_email": "ada@home.example", "customer_firstname": "Ada",
        "customer_lastname": "Rossi", "billing_address": {"telephone": "347 555 0182"},
        "items": [
            {"item_id": 11, "name": "Aurora Uno", "sku": "UNO", "qty_ordered": 1, "price": 368.03, "price_incl_tax": 449, "row_total_incl_tax": 449},
            {"item_id": 12, "parent_item_id": 11, "name": "Aurora Uno, copper", "sku": "UNO-C", "qty_ordered": 1, "price": 0},
        ],
    } | more  # fmt: skip


def shipment(number: int = 5, of: int = 1001, updated: str = "2026-11-20 10:00:00") -> dict[str, Any]:  # fmt: skip
    track = {"carrier_code": "custom", "title": "GLS", "track_number": "GL1"}
    return {"entity_id": number, "order_id": of, "created_at": updated, "updated_at": updated, "tracks": [track]}  # fmt: skip
