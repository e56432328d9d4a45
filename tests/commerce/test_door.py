"""The door for shops' webhooks: stored before it answers, refused without a trace."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sportello.commerce import actions, arrivals
from sportello.commerce.models import Arrival, Connection, Order
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.intake import shops
from sportello.intake.routes import routes
from tests.vendors import woocommerce
from tests.walk import open_shop


@pytest.fixture
def woo(transactional_db: None) -> Connection:
    settings = {"site": "https://shop.example", "consumer_key": woocommerce.KEY, "consumer_secret": woocommerce.SECRET, "webhook_secret": woocommerce.HOOK}  # fmt: skip
    return actions.connect(kind="woocommerce", name="Woo", brand=open_shop().brand, settings=settings, actor=SYSTEM, now=now())  # fmt: skip


@pytest.fixture
def door() -> TestClient:
    return TestClient(Starlette(routes=routes), raise_server_exceptions=False)


def test_an_order_walks_in(woo: Connection, door: TestClient) -> None:
    raw = woocommerce.signed(woocommerce.order())
    answer = door.post(f"/connect/{woo.public_id}", content=raw.body, headers=dict(raw.headers))
    assert answer.status_code == 200
    kept = Arrival.objects.get()
    assert bytes(kept.body) == raw.body
    assert set(kept.headers) == {"x-wc-webhook-topic"}
    arrivals.drain()
    assert Order.objects.get().number == "1001"
    woo.refresh_from_db()
    assert woo.heard_at is not None
    assert woo.plain_settings == {"site": "https://shop.example", "history_days": 90}


def test_a_forged_call_is_counted_and_not_kept(woo: Connection, door: TestClient) -> None:
    raw = woocommerce.signed(woocommerce.order(), secret="guessed")
    answer = door.post(f"/connect/{woo.public_id}", content=raw.body, headers=dict(raw.headers))
    assert answer.status_code == 401
    assert not Arrival.objects.exists()
    woo.refresh_from_db()
    assert (woo.refused_count, woo.heard_at) == (1, None)


def test_pings_strangers_and_what_is_off(woo: Connection, door: TestClient) -> None:
    where = f"/connect/{woo.public_id}"
    assert door.post(where, content=b"webhook_id=4").status_code == 200
    assert door.post("/connect/unknown", content=b"{}").status_code == 404
    assert door.get(where).status_code == 405
    assert door.post(where, content=b"x" * (shops.MAX_BODY + 1)).status_code == 413
    actions.switch(connection=woo, on=False, actor=SYSTEM, now=now())
    assert door.post(where, content=b"{}").status_code == 410
    assert not Arrival.objects.exists()
