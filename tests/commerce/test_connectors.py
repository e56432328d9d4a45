"""Shopify, WooCommerce, Magento and the generic one, each in its own words."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest

from sportello.commerce import registry
from sportello.commerce.contract import Act, Failed, Raw, Refused, Unreadable
from sportello.commerce.records import OrderRecord
from tests.commerce.conformance import Conformance, done, loopback, parcel
from tests.vendors import magento, shopify, woocommerce
from tests.vendors.cloud import Answer, Call, Cloud


def stamp(n: int) -> str:
    return f"{9 + n // 60:02d}:{n % 60:02d}"


class TestShopify(Conformance):
    connector = registry.get("shopify")
    settings = {"shop": "aurora.myshopify.com", "access_token": shopify.TOKEN, "api_secret": shopify.SECRET}  # fmt: skip
    address = "api_base"

    def cloud(self) -> shopify.Shopify:
        return shopify.Shopify()

    def fill(self, cloud: Any, count: int) -> None:
        cloud.nodes = [shopify.node(1001 + n, f"2026-11-20T{stamp(n)}:00Z") for n in range(count)]

    def sign(self, body: bytes) -> Raw:
        return shopify.signed(body)

    def order(self, **more: Any) -> bytes:
        return shopify.order(**more)

    def test_webhook_and_node_say_the_same(self) -> None:
        hooked = self.connector.parse(shopify.signed(shopify.order()), self.settings)
        node = shopify.node(1001, "2026-11-20T08:00:00Z")
        polled = self.connector.parse(Raw(json.dumps({"nodes": [node]}).encode(), source="poll"), {})  # fmt: skip
        assert hooked == polled

    def test_states_refunds_and_parcels(self) -> None:
        moved = shopify.order(
            fulfillment_status="fulfilled", financial_status="partially_refunded",
            refunds=[{"transactions": [{"kind": "refund", "status": "success", "amount": "20.00"}, {"kind": "void", "amount": "5"}]}],
            fulfillments=[{"id": 5, "order_id": 1001, "status": "success", "shipment_status": "delivered", "tracking_company": "GLS", "tracking_number": "G1", "tracking_url": "https://gls.example/G1", "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z"}],
        )  # fmt: skip
        (record,) = self.connector.parse(shopify.signed(moved), self.settings)
        assert isinstance(record, OrderRecord)
        assert (record.state, record.payment, record.refunded) == ("delivered", "partly_refunded", Decimal(20))  # fmt: skip
        assert (record.shipments[0].carrier, record.shipments[0].state) == ("GLS", "delivered")
        alone = {"id": 5, "order_id": 1001, "status": "success", "shipment_status": "out_for_delivery"}  # fmt: skip
        (sent,) = self.connector.parse(shopify.signed(json.dumps(alone).encode(), "fulfillments/update"), {})  # fmt: skip
        assert (parcel(sent).order, parcel(sent).state) == ("1001", "out_for_delivery")
        gone = shopify.order(cancelled_at="2026-11-20T11:00:00Z")
        assert self.connector.parse(shopify.signed(gone), {})[0].state == "cancelled"  # type: ignore[union-attr]
        assert self.connector.parse(shopify.signed(b'{"id": 1}', "products/update"), {}) == []

    def test_a_refund_goes_back_the_way_it_came_once(self) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 1)
            request = self.request(Act.REFUND, amount=Decimal("20.5"))
            for _ in range(2):
                outcome = done(self.connector.act(request, self.at(cloud), loopback()))
            assert outcome.records
            assert cloud.refunds == {"key-1": [{"orderId": "gid://shopify/Order/1001", "kind": "REFUND", "gateway": "shopify_payments", "parentId": "gid://shopify/OrderTransaction/9", "amount": "20.50"}]}  # fmt: skip
            cloud.left = "5.00"
            assert isinstance(self.connector.act(request, self.at(cloud), loopback()), Failed)

    def test_cancel_and_resend(self) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 1)
            done(self.connector.act(self.request(Act.CANCEL), self.at(cloud), loopback()))
            twice = self.connector.act(self.request(Act.CANCEL), self.at(cloud), loopback())
            assert isinstance(twice, Failed)
            assert twice.reason == "Order is already cancelled"
            done(self.connector.act(self.request(Act.RESEND), self.at(cloud), loopback()))
            assert cloud.sent == ["gid://shopify/Order/1001"]

    def test_an_empty_bucket_says_when_it_is_full_again(self) -> None:
        throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": {"requestedQueryCost": 200, "throttleStatus": {"currentlyAvailable": 50, "restoreRate": 50}}}}  # fmt: skip
        with self.cloud() as cloud:
            cloud.script.append(Answer(200, throttled))
            outcome = self.connector.act(self.request(Act.RESEND), self.at(cloud), loopback())
        assert isinstance(outcome, Failed)
        assert not outcome.permanent
        assert outcome.retry_after is not None
        assert outcome.retry_after.total_seconds() == 3


class TestWooCommerce(Conformance):
    connector = registry.get("woocommerce")
    settings = {"site": "https://shop.example", "consumer_key": woocommerce.KEY, "consumer_secret": woocommerce.SECRET, "webhook_secret": woocommerce.HOOK}  # fmt: skip

    def cloud(self) -> woocommerce.Woo:
        return woocommerce.Woo()

    def fill(self, cloud: Any, count: int) -> None:
        cloud.orders = [woocommerce.data(1001 + n, f"2026-11-20T{stamp(n)}:00") for n in range(count)]  # fmt: skip

    def sign(self, body: bytes) -> Raw:
        return woocommerce.signed(body)

    def order(self, **more: Any) -> bytes:
        return woocommerce.order(**more)

    def test_the_ping_of_a_new_webhook_is_answered(self) -> None:
        assert self.connector.is_ping(Raw(b"webhook_id=12"))
        assert not self.connector.is_ping(Raw(b'webhook_id=12&x={"id":1}'))

    def test_states_refunds_and_parcels(self) -> None:
        tracked = [{"key": "_wc_shipment_tracking_items", "value": [{"tracking_provider": "gls", "tracking_number": "G1", "custom_tracking_link": "https://gls.example/G1"}]}]  # fmt: skip
        body = woocommerce.order(status="completed", refunds=[{"id": 1, "total": "-20.00"}], meta_data=tracked)  # fmt: skip
        (record,) = self.connector.parse(woocommerce.signed(body), self.settings)
        assert isinstance(record, OrderRecord)
        assert (record.state, record.payment, record.refunded) == ("shipped", "partly_refunded", Decimal(20))  # fmt: skip
        assert record.shipments[0].tracking_url == "https://gls.example/G1"
        assert self.connector.parse(woocommerce.signed(b'{"id": 4}', "product.updated"), {}) == []

    def test_acts(self) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 1)
            at = self.at(cloud)
            refund = self.request(Act.REFUND, amount=Decimal("20.50"), reason="Chipped")
            assert done(self.connector.act(refund, at, loopback())).reference == "901"
            assert cloud.refunds[0]["amount"] == "20.50"
            assert cloud.refunds[0]["api_refund"] is True
            much = self.connector.act(self.request(Act.REFUND, amount=Decimal(900)), at, loopback())
            assert isinstance(much, Failed)
            assert much.reason == "Invalid refund amount."
            done(self.connector.act(self.request(Act.RESEND), at, loopback()))
            assert cloud.details == ["1001"]
            cancelled = done(self.connector.act(self.request(Act.CANCEL), at, loopback()))
            assert cancelled.records[0].state == "cancelled"  # type: ignore[union-attr]


class TestMagento(Conformance):
    connector = registry.get("magento")
    settings = {"site": "https://shop.example", "access_token": magento.TOKEN}

    def cloud(self) -> magento.Magento:
        return magento.Magento()

    def fill(self, cloud: Any, count: int) -> None:
        cloud.orders = [magento.order(1001 + n, f"2026-11-20 {stamp(n)}:00") for n in range(count)]

    def order(self, **more: Any) -> bytes:
        return json.dumps({"orders": [magento.order(**more)]}).encode()

    def test_orders_and_parcels_are_polled(self) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 1)
            cloud.shipments = [magento.shipment()]
            pages = list(self.connector.poll(self.at(cloud), {}, loopback()))
            records = [r for raw, _ in pages for r in self.connector.parse(raw, {})]
        self.is_the_order(records[0])
        assert (parcel(records[1]).order, parcel(records[1]).tracking_number) == ("1001", "GL1")

    @pytest.mark.parametrize(("online", "where"), [(True, "invoice/31"), (False, "order/1001")])
    def test_a_refund_by_gateway_or_by_hand(self, online: bool, where: str) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 1)
            cloud.online = online
            refund = self.request(Act.REFUND, amount=Decimal("20.50"))
            assert done(self.connector.act(refund, self.at(cloud), loopback())).reference == "55"
            (called, body), = cloud.refunded  # fmt: skip
            assert called == where
            assert body["arguments"]["adjustment_positive"] == 20.5

    def test_a_shop_that_says_no(self) -> None:
        with self.cloud() as cloud:
            refused = self.connector.act(self.request(Act.CANCEL, order="13"), self.at(cloud), loopback())  # fmt: skip
            assert isinstance(refused, Failed)


class Erp(Cloud):
    """Somebody's own system: a page of orders under ``data.list``."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []

    def respond(self, call: Call) -> Answer:
        if call.headers.get("x-key") != "k":
            return Answer(403, {})
        page, size = int(call.query["page"]), 25
        fresh = [row for row in self.rows if row["mod"] >= call.query["since"]]
        return Answer(200, {"data": {"list": fresh[(page - 1) * size : page * size]}})


def row(n: int = 1001, **more: Any) -> dict[str, Any]:
    return {
        "doc": f"OC/{n}", "mod": f"2026-11-20T{stamp(n % 100)}:00Z", "stato": "evaso", "pagato": "si", "tot": "449,00",
        "data": "20/11/2026 09:00", "cliente": {"mail": "ada@home.example", "nome": "Ada Rossi"},
        "righe": [{"descr": "Aurora Uno", "cod": "UNO", "qta": 1, "prezzo": "449,00"}],
    } | more  # fmt: skip


class TestRest(Conformance):
    connector = registry.get("rest")
    settings = {
        "header": "X-Key", "header_value": "k", "items": "data.list", "webhook_secret": "w", "currency": "EUR", "zone": "Europe/Rome",
        "mapping": {
            "number": "doc", "updated_at": "mod", "state": "stato", "payment": "pagato", "total": "tot", "placed_at": "data",
            "email": "cliente.mail", "name": "$.cliente.nome", "lines": "righe", "line_name": "descr", "line_sku": "cod",
            "line_quantity": "qta", "line_price": "prezzo",
        },
    }  # fmt: skip
    address = "url"

    def cloud(self) -> Erp:
        return Erp()

    def at(self, cloud: Cloud) -> dict[str, Any]:
        return self.settings | {"url": f"{cloud.url}/orders?since={{since}}&page={{page}}", "history_days": 3650}  # fmt: skip

    def fill(self, cloud: Any, count: int) -> None:
        cloud.rows = [row(1001 + n, mod=f"2026-11-20T{stamp(n)}:00Z") for n in range(count)]

    def sign(self, body: bytes) -> Raw:
        mac = hmac.new(b"w", body, hashlib.sha256).hexdigest()
        return Raw(body, {"x-signature": f"sha256={mac}"})

    def order(self, **more: Any) -> bytes:
        return json.dumps(row(**more)).encode()

    def test_a_word_nobody_knows_is_said(self) -> None:
        with pytest.raises(Unreadable, match="state: “boh”"):
            self.connector.parse(Raw(self.order(stato="boh")), self.settings)
        known = self.settings | {"states": ["boh = cancelled"]}
        (record,) = self.connector.parse(Raw(self.order(stato="boh")), known)
        assert record.state == "cancelled"  # type: ignore[union-attr]

    def test_without_fields_nothing_is_read(self) -> None:
        with pytest.raises(Unreadable):
            self.connector.parse(Raw(self.order()), self.settings | {"mapping": {}})


def test_connectors_without_webhook_refuse_everybody() -> None:
    for code in registry.all_connectors().values():
        if not code.has_webhook:
            with pytest.raises(Refused):
                code.verify(Raw(b"{}"), {})
