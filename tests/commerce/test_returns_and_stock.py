"""What came back and what is there, as each shop tells it: by webhook, and by asking."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sportello.commerce import applying, registry
from sportello.commerce.contract import Connector, Raw, Unreadable
from sportello.commerce.models import Return, Stock, Store
from sportello.commerce.records import (
    InvoiceRecord,
    OrderRecord,
    Record,
    ReturnRecord,
    StockRecord,
    StoreRecord,
)
from sportello.core.clock import now
from tests.commerce.conformance import loopback
from tests.commerce.conftest import Till
from tests.vendors import magento, shopify, woocommerce
from tests.vendors.cloud import Cloud

SHOPIFY, WOO, MAGENTO = (registry.get(kind) for kind in ("shopify", "woocommerce", "magento"))


def settings(cloud: Cloud) -> dict[str, Any]:
    """Every key of every shop: each reads its own."""
    return {
        "api_base": cloud.url, "site": cloud.url, "history_days": 3650, "access_token": shopify.TOKEN, "shop": "a",
        "consumer_key": woocommerce.KEY, "consumer_secret": woocommerce.SECRET,
    }  # fmt: skip


def pull(
    code: Connector, cloud: Cloud, cursor: dict[str, Any] | None = None, **more: Any
) -> tuple[list[Record], dict[str, Any]]:
    found: list[Record] = []
    reached = cursor or {}
    for raw, after in code.poll(settings(cloud) | more, reached, loopback()):
        reached = json.loads(json.dumps(after))
        found += code.parse(raw, settings(cloud)) if raw.body else []
    return found, reached


def only[R](kind: type[R], records: Sequence[Record]) -> list[R]:
    return [one for one in records if isinstance(one, kind)]


# ---------------------------------------------------------------------------- Shopify


def test_shopify_tells_a_return_by_webhook() -> None:
    body: dict[str, Any] = {
        "id": 61, "status": "requested", "name": "#1001-R1", "order": {"id": 1001},
        "return_line_items": [{"id": 1, "quantity": 1, "return_reason": "wrong_item", "return_reason_note": "", "customer_note": None}],
    }  # fmt: skip
    (asked,) = only(ReturnRecord, SHOPIFY.parse(shopify.hooked("returns/request", **body), {}))
    assert (asked.external_id, asked.order, asked.state, asked.reason) == ("61", "1001", "requested", "wrong item")  # fmt: skip
    assert asked.updated_at == asked.requested_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    for topic, status, state in (
        ("approve", "open", "approved"), ("decline", "declined", "refused"),
        ("close", "closed", "received"), ("cancel", "canceled", "cancelled"),
    ):  # fmt: skip
        raw = shopify.hooked(f"returns/{topic}", **(body | {"status": status}))
        assert only(ReturnRecord, SHOPIFY.parse(raw, {}))[0].state == state
    bad: dict[str, Any]
    for bad in ({"id": 61}, {"order": {"id": 1}}, {"id": 61, "order": 7}):
        with pytest.raises(Unreadable):
            SHOPIFY.parse(shopify.hooked("returns/request", **bad), {})


def test_shopify_pays_a_return_back() -> None:
    money = [{"kind": "refund", "status": "success", "amount": "20.00"}, {"kind": "refund", "status": "failure", "amount": "5"}]  # fmt: skip
    refund = {"id": 5, "order_id": 1001, "created_at": "2026-11-21T09:00:00Z", "return": {"id": 61}, "transactions": money}  # fmt: skip
    (paid,) = only(ReturnRecord, SHOPIFY.parse(shopify.hooked("refunds/create", **refund), {}))
    assert (paid.external_id, paid.order, paid.state, paid.amount) == ("61", "1001", "refunded", Decimal(20))  # fmt: skip
    (order,) = SHOPIFY.parse(shopify.signed(shopify.order(refunds=[refund])), {})
    assert isinstance(order, OrderRecord)
    assert order.returns == (paid,)
    assert SHOPIFY.parse(shopify.hooked("refunds/create", **(refund | {"return": None})), {}) == []


def test_shopify_is_asked_for_returns_and_stock() -> None:
    with shopify.Shopify() as cloud:
        returned = {"nodes": [shopify.back("CLOSED", paid="20.00")]}
        cloud.nodes = [
            shopify.node(1001, "2026-11-20T09:00:00Z"),
            shopify.node(1002, "2026-11-21T09:00:00Z", returns=returned),
        ]
        cloud.places = [shopify.place(5), shopify.place(6, "Magazzino", pickup=False)]
        cloud.levels = {"5": [shopify.level(n, n) for n in range(120)], "6": [shopify.level(7, 3)]}
        records, cursor = pull(SHOPIFY, cloud)
        assert len(only(OrderRecord, records)) == 2
        (back,) = only(ReturnRecord, records)
        assert (back.external_id, back.order, back.state, back.amount) == ("61", "1002", "refunded", Decimal(20))  # fmt: skip
        assert back.reason == "Mi è arrivato il modello rosso"
        assert [(s.name, s.offers_pickup) for s in only(StoreRecord, records)] == [("Firenze, via Roma", True), ("Magazzino", False)]  # fmt: skip
        assert len(only(StockRecord, records)) == 121
        again, cursor = pull(SHOPIFY, cloud, cursor)
        assert again == []
        cloud.levels["6"][0] = shopify.level(7, 2, "2026-11-21T08:30:00Z")
        (changed,) = pull(SHOPIFY, cloud, cursor)[0]
        assert isinstance(changed, StockRecord)
        assert (changed.external_id, changed.sku, changed.quantity) == ("6/7", "SKU-7", 2)


def test_a_shopify_that_grants_orders_alone_tells_them_and_says_what_is_missing() -> None:
    with shopify.Shopify() as cloud:
        cloud.scopes = set()
        cloud.nodes = [shopify.node(1001, "2026-11-20T09:00:00Z")]
        records, _ = pull(SHOPIFY, cloud)
        assert [type(r) for r in records] == [OrderRecord]
        lines = {line.title: line.ok for line in SHOPIFY.check(settings(cloud), loopback())}
        assert lines == {"Shop": True, "Orders": True, "Returns": None, "Stock": None}
        cloud.scopes = {"read_returns", "read_inventory"}
        assert all(line.ok for line in SHOPIFY.check(settings(cloud), loopback()))


def test_shopify_names_no_sku_and_the_stock_is_known_all_the_same(till: Till) -> None:
    counted = shopify.hooked("inventory_levels/update", inventory_item_id=7, location_id=6, available=4, updated_at="2026-11-21T08:00:00Z")  # fmt: skip
    told(till, SHOPIFY.parse(counted, {}))
    assert [(s.store.name, s.sku, s.quantity) for s in Stock.objects.all()] == [("6", "", 4)]
    with shopify.Shopify() as cloud:
        cloud.places, cloud.levels = [shopify.place(6)], {"6": [shopify.level(7, 4, "2026-11-21T08:00:00Z")]}  # fmt: skip
        told(till, pull(SHOPIFY, cloud)[0])
    sold = shopify.hooked("inventory_levels/update", inventory_item_id=7, location_id=6, available=3, updated_at="2026-11-21T09:00:00Z")  # fmt: skip
    told(till, SHOPIFY.parse(sold, {}))
    assert [(s.store.name, s.sku, s.quantity) for s in Stock.objects.all()] == [("Firenze, via Roma", "SKU-7", 3)]  # fmt: skip
    gone = shopify.hooked("inventory_levels/disconnect", inventory_item_id=7, location_id=6, at="2026-11-21T10:00:00Z")  # fmt: skip
    told(till, SHOPIFY.parse(gone, {}))
    assert Stock.objects.get().quantity == 0


# ---------------------------------------------------------------------------- what becomes of it


def told(till: Till, records: Sequence[Record]) -> None:
    applying.apply(till.connection, records, now=now())


def test_a_late_webhook_does_not_undo_what_came_after(till: Till) -> None:
    till.tell(till.order("1001"))
    morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
    told(till, [ReturnRecord("61", "1001", morning + timedelta(hours=2), state="received")])
    told(till, [ReturnRecord("61", "1001", morning, state="requested", requested_at=morning)])
    row = Return.objects.get()
    assert (row.state, row.requested_at) == ("received", morning)


def test_money_that_went_back_ends_a_return(till: Till) -> None:
    till.tell(till.order("1001"))
    at = now()
    told(till, [ReturnRecord("61", "1001", at, state="refunded", amount=Decimal(20))])
    told(till, [ReturnRecord("61", "1001", at + timedelta(minutes=1), state="received")])
    row = Return.objects.get()
    assert (row.state, row.amount) == ("refunded", Decimal(20))


def test_a_place_is_named_by_the_shop_whenever_it_says_so(till: Till) -> None:
    till.tell(till.order("1001", store="FI"))
    assert Store.objects.get().name == "FI"
    told(till, [StoreRecord("FI", datetime(2020, 1, 1, tzinfo=UTC), "Firenze")])
    assert Store.objects.get().name == "Firenze"


# ---------------------------------------------------------------------------- WooCommerce


def test_woocommerce_refunds_are_returns_that_were_paid() -> None:
    body = woocommerce.order(refunds=[{"id": 726, "reason": "Macinino rotto", "total": "-20.00"}])
    (order,) = WOO.parse(woocommerce.signed(body), {})
    assert isinstance(order, OrderRecord)
    (back,) = order.returns
    assert (back.external_id, back.state, back.reason, back.amount) == ("726", "refunded", "Macinino rotto", Decimal(20))  # fmt: skip


def test_woocommerce_tells_its_stock_and_is_asked_for_it() -> None:
    hooked = woocommerce.signed(json.dumps(woocommerce.product(7, 4)).encode(), "product.updated")
    (level,) = WOO.parse(hooked, {})
    assert isinstance(level, StockRecord)
    assert (level.sku, level.quantity, level.name) == ("SKU-7", 4, "Aurora 7")
    with woocommerce.Woo() as cloud:
        cloud.products = [woocommerce.product(n, n) for n in range(101)]
        cloud.products += [woocommerce.product(500, None), woocommerce.product(501, None, type="variable")]  # fmt: skip
        cloud.variations = {"501": [woocommerce.product(502, 9), woocommerce.product(503, None, manage_stock="parent")]}  # fmt: skip
        records, cursor = pull(WOO, cloud)
        counted = only(StockRecord, records)
        assert len(counted) == 102
        assert ("SKU-502", 9) in [(s.sku, s.quantity) for s in counted]
        assert {s.name for s in only(StoreRecord, records)} == {"127.0.0.1"}
        # An order takes from the stock without touching the day of the change: found by the daily round.
        cloud.products[3]["stock_quantity"] = 2
        assert pull(WOO, cloud, cursor)[0] == []
        cursor["stock"]["round"] = "2026-01-01T00:00:00+00:00"
        assert ("SKU-3", 2) in [(s.sku, s.quantity) for s in only(StockRecord, pull(WOO, cloud, cursor)[0])]  # fmt: skip
        page = next(raw for raw, _ in WOO.poll(settings(cloud), {}, loopback()) if raw.body)
        assert b"Long" not in page.body


# ---------------------------------------------------------------------------- Magento


def test_magento_is_asked_for_credit_memos_invoices_and_sources() -> None:
    with magento.Magento() as cloud:
        cloud.orders, cloud.creditmemos = [magento.order()], [magento.memo()]
        cloud.invoices = [{"entity_id": 31, "order_id": 1001, "increment_id": "000031", "grand_total": 449, "created_at": "2026-11-20 09:00:00", "updated_at": "2026-11-20 09:00:00"}]  # fmt: skip
        cloud.sources = [magento.source()]
        cloud.items = [magento.item(f"SKU-{n}", n) for n in range(300)] + [magento.item("UNO", 4, status=0)]  # fmt: skip
        key: Any = {"access_token": magento.TOKEN}
        records, cursor = pull(MAGENTO, cloud, **key)
        (back,) = only(ReturnRecord, records)
        assert (back.order, back.state, back.amount, back.reason) == ("1001", "refunded", Decimal("20.5"), "Arrivata rotta")  # fmt: skip
        (bill,) = only(InvoiceRecord, records)
        assert (bill.number, bill.total) == ("000031", Decimal(449))
        assert [(s.name, s.offers_pickup) for s in only(StoreRecord, records)] == [("Firenze", True)]  # fmt: skip
        levels = {s.sku: s.quantity for s in only(StockRecord, records)}
        assert (len(levels), levels["SKU-9"], levels["UNO"]) == (301, 9, 0)
        asked = len(cloud.calls)
        assert pull(MAGENTO, cloud, cursor, **key)[0] == []
        assert not any("inventory" in call.path for call in cloud.calls[asked:])
        cursor["stock"]["at"] = "2026-01-01T00:00:00+00:00"
        cloud.items[-1] = magento.item("UNO", 4)
        later = pull(MAGENTO, cloud, cursor, **key)[0]
        assert [(s.sku, s.quantity) for s in only(StockRecord, later)] == [("UNO", 4)]


def test_a_magento_without_sources_has_no_places() -> None:
    with magento.Magento() as cloud:
        cloud.orders = [magento.order()]
        records, _ = pull(MAGENTO, cloud, access_token=magento.TOKEN)
        assert [type(r) for r in records] == [OrderRecord]


@pytest.mark.parametrize("key", ["orders", "creditmemos", "invoices", "sources", "items", "products", "returned", "levels", "locations"])  # fmt: skip
def test_pages_of_rubbish_are_unreadable(key: str) -> None:
    for code in (SHOPIFY, WOO, MAGENTO):
        raw = Raw(json.dumps({key: [7]}).encode(), source="poll")
        try:
            assert code.parse(raw, {}) == []
        except Unreadable:
            continue
