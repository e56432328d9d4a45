"""Magento's REST V1, as far as we use it."""

from __future__ import annotations

from typing import Any

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "integration-token"
_FILTER = "searchCriteria[filter_groups][0][filters][0]"


class Magento(Cloud):
    """``orders`` and what hangs on them oldest change first; ``online`` invoices carry a transaction.

    ``sources`` is None in a shop without multi-source inventory.
    """

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[dict[str, Any]] = []
        self.shipments: list[dict[str, Any]] = []
        self.creditmemos: list[dict[str, Any]] = []
        self.invoices: list[dict[str, Any]] = []
        self.sources: list[dict[str, Any]] | None = None
        self.items: list[dict[str, Any]] = []
        self.online = False
        self.refunded: list[tuple[str, dict[str, Any]]] = []
        self.did: list[str] = []

    def respond(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"message": "The consumer isn't authorized to access %resources."})
        path = call.path.removeprefix("/rest/all/V1/").split("/")
        match call.method, path:
            case "GET", ["invoices"] if call.query.get(f"{_FILTER}[field]") == "order_id":
                paid = {"entity_id": 31, "transaction_id": "ch_1" if self.online else None}
                return Answer(200, {"items": [paid]})
            case "GET", ["inventory", what] if self.sources is not None:
                return self._page(call, self.sources if what == "sources" else self.items)
            case "GET", ["orders" | "shipments" | "invoices" | "creditmemos" as what]:
                rows = getattr(self, what)
                since = call.query.get(f"{_FILTER}[value]", "")
                fresh = [row for row in rows if row["updated_at"] >= since]
                return self._page(call, fresh)
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

    def _page(self, call: Call, rows: list[dict[str, Any]]) -> Answer:
        """Past the end it repeats the last page, as Magento does."""
        size = int(call.query["searchCriteria[pageSize]"])
        last = max(0, (len(rows) - 1) // size)
        page = min(int(call.query.get("searchCriteria[currentPage]", 1)) - 1, last)
        return Answer(200, {"items": rows[page * size : (page + 1) * size], "total_count": len(rows)})  # fmt: skip


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


def memo(number: int = 8, of: int = 1001, updated: str = "2026-11-21 10:00:00") -> dict[str, Any]:
    said = [{"comment": "Arrivata rotta [0b0f2d1e-6d2f-4a51-8f1c-6f2f0c0b7a11]"}]
    return {"entity_id": number, "order_id": of, "state": 2, "grand_total": 20.5, "created_at": updated, "updated_at": updated, "comments": said}  # fmt: skip


def source(code: str = "fi", pickup: bool = True) -> dict[str, Any]:
    more = {"is_pickup_location_active": pickup, "frontend_name": "Firenze"}
    return {"source_code": code, "name": "FI-01", "city": "Firenze", "street": "Via Roma 3", "extension_attributes": more}  # fmt: skip


def item(sku: str, count: float, code: str = "fi", status: int = 1) -> dict[str, Any]:
    return {"sku": sku, "source_code": code, "quantity": count, "status": status}
