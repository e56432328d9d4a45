"""What every connector must do, whatever its shop: a base class that each connector's tests inherit."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from sportello.channels.contract import FieldKind
from sportello.commerce.contract import (
    Act,
    Connector,
    Done,
    Failed,
    Raw,
    Refused,
    Request,
    TryLater,
    Unknown,
    Unreadable,
)
from sportello.commerce.records import OrderRecord, ShipmentRecord
from sportello.core.net import Net
from tests.vendors.cloud import Answer, Cloud

GARBAGE = (
    b"", b"\x00", b"\xff\xfe", b"{", b"null", b"true", b"0", b'"text"', b"[[[[1]]]]", b"<xml/>", b"a=1&b=%ff",
    b"[" * 3000, b'{"a":' * 3000, b'{"id": {"a": 1}}', b'{"id": 1, "line_items": [7]}', b'{"orders": [null]}',
    b'{"nodes": [1]}', b'{"id": 1, "total": "NaN", "total_price": "1e99"}', b'{"id": "\\ud800", "created_at": "yesterday"}',
)  # fmt: skip


def loopback() -> Net:
    return Net([ipaddress.ip_network("127.0.0.0/8")])


class Conformance:
    """Hooks first, laws after."""

    connector: ClassVar[Connector]
    settings: ClassVar[dict[str, Any]]
    address: ClassVar[str] = "site"
    """The setting that holds the shop's address."""

    def cloud(self) -> Cloud:
        raise NotImplementedError

    def fill(self, cloud: Any, count: int) -> None:
        """Put so many orders into the shop, each changed a second after the one before."""
        raise NotImplementedError

    def sign(self, body: bytes) -> Raw | None:
        """The body as the shop sends it; None where there is no webhook."""
        return None

    def order(self, **more: Any) -> bytes:
        """An order as the webhook carries it."""
        raise NotImplementedError

    def at(self, cloud: Cloud) -> dict[str, Any]:
        return self.settings | {self.address: cloud.url, "history_days": 3650}

    def pull(self, cloud: Cloud, cursor: dict[str, Any]) -> tuple[list[OrderRecord], dict[str, Any]]:  # fmt: skip
        records: list[Any] = []
        for raw, reached in self.connector.poll(self.at(cloud), cursor, loopback()):
            json.dumps(reached)
            cursor = reached
            records += self.connector.parse(raw, self.at(cloud)) if raw.body else []
        return [r for r in records if isinstance(r, OrderRecord)], cursor

    def request(self, act: Act, **more: Any) -> Request:
        values = {"order": "1001", "number": "#1001", "currency": "EUR", "idempotency_key": "key-1", "total": Decimal(449), "refunded": Decimal(0)}  # fmt: skip
        return Request(act, **(values | more))

    # ------------------------------------------------------------------ declarations

    def test_settings_keep_secrets_secret(self) -> None:
        for setting in self.connector.settings:
            if any(word in setting.name for word in ("token", "secret", "password")):
                assert setting.kind is FieldKind.SECRET, setting.name
        assert self.connector.guide
        assert self.connector.name

    # ------------------------------------------------------------------ the webhook

    def test_only_the_shop_is_believed(self) -> None:
        genuine = self.sign(self.order())
        if genuine is None:
            with pytest.raises(Refused):
                self.connector.verify(Raw(b"{}"), self.settings)
            return
        self.connector.verify(genuine, self.settings)
        bad = {k: f"{v[:-3]}zzz" for k, v in genuine.headers.items()}
        empty = {s.name: "" for s in self.connector.settings if s.kind is FieldKind.SECRET}
        for raw, settings in (
            (dataclasses.replace(genuine, headers={}), self.settings),
            (dataclasses.replace(genuine, headers=bad), self.settings),
            (dataclasses.replace(genuine, headers=dict.fromkeys(genuine.headers, "é☃")), self.settings),
            (dataclasses.replace(genuine, body=genuine.body + b" "), self.settings),
            (genuine, self.settings | empty),
        ):  # fmt: skip
            with pytest.raises(Refused):
                self.connector.verify(raw, settings)

    def test_an_order_is_read(self) -> None:
        raw = self.sign(self.order())
        if raw is None:
            return
        (record,) = self.connector.parse(raw, self.settings)
        self.is_the_order(record)
        assert [record] == self.connector.parse(raw, self.settings)

    def is_the_order(self, record: Any) -> None:
        assert isinstance(record, OrderRecord)
        assert record.total == Decimal(449)
        assert record.currency == "EUR"
        assert record.payment == "paid"
        assert record.placed_at is not None
        assert record.updated_at is not None
        assert record.buyer is not None
        assert (record.buyer.email, record.buyer.name) == ("ada@home.example", "Ada Rossi")
        assert [(li.name, li.sku, li.quantity, li.total) for li in record.lines or ()] == [("Aurora Uno", "UNO", 1, Decimal(449))]  # fmt: skip

    @pytest.mark.parametrize("body", GARBAGE)
    @pytest.mark.parametrize("source", ["webhook", "poll"])
    def test_garbage_is_unreadable_or_says_nothing(self, body: bytes, source: str) -> None:
        signed = self.sign(body)
        headers = signed.headers if signed else {}
        try:
            records = self.connector.parse(Raw(body, headers, source=source), self.settings)
        except Unreadable:
            return
        assert records == []

    # ------------------------------------------------------------------ polling

    def test_everything_is_fetched_once_page_by_page(self) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 60)
            first, cursor = self.pull(cloud, {})
            assert len(first) == len({r.external_id for r in first}) == 60
            again, cursor = self.pull(cloud, cursor)
            assert again == []
            self.fill(cloud, 61)
            assert len(self.pull(cloud, cursor)[0]) == 1

    @pytest.mark.parametrize("answer", [Answer(429, {}, {"Retry-After": "7"}), Answer(503, {})])
    def test_a_limit_or_an_outage_is_waited_for(self, answer: Answer) -> None:
        with self.cloud() as cloud:
            cloud.script.append(answer)
            with pytest.raises(TryLater) as later:
                self.pull(cloud, {})
            assert 0 < later.value.wait.total_seconds() <= 60

    # ------------------------------------------------------------------ acting

    def test_what_the_shop_did_not_confirm_is_not_done(self) -> None:
        for act in sorted(self.connector.acts):
            request = self.request(act, amount=Decimal(10) if act is Act.REFUND else None)
            with self.cloud() as cloud:
                self.fill(cloud, 1)
                for answer, kind in ((Answer(429, {}), Failed), (Answer(400, {}), Failed)):
                    cloud.script.append(answer)
                    outcome = self.connector.act(request, self.at(cloud), loopback())
                    assert isinstance(outcome, kind), (act, outcome)
                    if answer.status == 429:
                        assert not outcome.permanent
            gone = self.connector.act(request, self.settings | {self.address: "http://127.0.0.1:9"}, loopback())  # fmt: skip
            assert isinstance(gone, Failed)
            assert not gone.permanent

    def test_a_shop_that_breaks_down_leaves_it_unknown(self) -> None:
        for act in sorted(self.connector.acts - {Act.REFUND}):
            with self.cloud() as cloud:
                cloud.script.append(Answer(502, b"<html>"))
                outcome = self.connector.act(self.request(act), self.at(cloud), loopback())
                assert isinstance(outcome, Unknown), (act, outcome)

    # ------------------------------------------------------------------ the check

    def test_the_check_says_whether_the_keys_fit(self) -> None:
        with self.cloud() as cloud:
            self.fill(cloud, 1)
            good = self.connector.check(self.at(cloud), loopback())
            assert all(line.ok is not False or "webhook" in line.detail for line in good), good
            secrets = {s.name: "wrong" for s in self.connector.settings if s.kind is FieldKind.SECRET}  # fmt: skip
            bad = self.connector.check(self.at(cloud) | secrets, loopback())
            assert bad[0].ok is False
            assert "wrong" not in str(bad)


def done(outcome: Any) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


def parcel(record: Any) -> ShipmentRecord:
    assert isinstance(record, ShipmentRecord)
    return record
