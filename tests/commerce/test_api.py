"""Orders over the API: reported, read by who sees the person, acted upon from his ticket."""

from __future__ import annotations

import pytest

from sportello.commerce import acting, arrivals, queries
from sportello.commerce.models import Deed, Order
from sportello.contacts.models import Identity
from sportello.core.clock import now
from tests.api.company import Firm, found
from tests.commerce.conftest import person
from tests.walk import arrive, mail_bytes


@pytest.fixture
def firm(db: None) -> Firm:
    return found()


def report(firm: Firm, fact: str, type: str, **data: object) -> int:
    return firm.admin.post("/events", {"id": fact, "type": type, "data": data}).status_code


def test_reported_orders_are_read_with_their_buyer(firm: Firm) -> None:
    ticket = arrive(firm.mail, mail_bytes("Ada <ada@home.example>")).ticket
    Identity.objects.filter(address="ada@home.example").update(proof="verified")
    for n in range(3):
        assert report(firm, f"e{n}", "order.placed", id=f"BA-{n}", total="10.50", payment="paid", customer={"email": "ada@home.example"}, lines=[{"name": "Moka", "price": "10.50"}]) == 201  # fmt: skip
    assert report(firm, "e9", "shipment.shipped", id="P", order="BA-1", carrier="GLS") == 201
    arrivals.drain()
    contact = f"/contacts/{ticket.contact_id}/orders"
    page = firm.admin.get(f"{contact}?limit=2").json()
    rest = firm.admin.get(f"{contact}?limit=2&cursor={page['next_cursor']}").json()
    numbers = [o["number"] for o in page["items"] + rest["items"]]
    assert sorted(numbers) == ["BA-0", "BA-1", "BA-2"]
    assert rest["next_cursor"] is None
    sent = next(o for o in page["items"] + rest["items"] if o["number"] == "BA-1")
    assert (sent["total"], sent["state"], sent["shipments"][0]["carrier"]) == ("10.50", "shipped", "GLS")  # fmt: skip
    assert sent["lines"][0] == {"name": "Moka", "sku": "", "quantity": "1.00", "unit_price": "10.50", "total": "10.50"}  # fmt: skip


def test_what_cannot_be_read_is_said_at_once(firm: Firm) -> None:
    assert report(firm, "a", "order.placed", id="BA-1", total="a lot") == 422
    assert report(firm, "b", "shipment.shipped", id="P") == 422
    assert report(firm, "c", "order.viewed", page="/cups") == 201
    arrivals.drain()
    assert not Order.objects.exists()


def test_acts_need_the_ticket_and_the_right(firm: Firm) -> None:
    ticket = arrive(firm.mail, mail_bytes("Ada <ada@home.example>")).ticket
    Identity.objects.filter(address="ada@home.example").update(proof="verified")
    report(firm, "e", "order.placed", id="BA-1", total="10", payment="paid", customer={"email": "ada@home.example"})  # fmt: skip
    arrivals.drain()
    order = Order.objects.get()
    body = {"order": order.pk, "act": "refund", "amount": "4"}
    where = f"/tickets/{ticket.number}/order-acts"
    assert firm.admin.post(where, body).status_code == 422  # whoever reports facts cannot be told
    order.connection.kind = "fake"
    order.connection.save()
    asked = firm.admin.post(where, body)
    assert asked.status_code == 202, asked.content
    assert asked.json()["amount"] == "4.00"
    acting.act(Deed.objects.get().pk, now=now())
    order.refresh_from_db()
    assert order.payment == "partly_refunded"
    assert firm.admin.post(where, body | {"order": 999}).status_code == 422
    assert firm.admin.post(where, body | {"amount": "-1"}).status_code == 422


def test_a_brands_agent_looks_into_that_brands_shops_only(firm: Firm) -> None:
    ada = person("Ada", ("email", "ada@home.example", "verified"))
    goods = {"email": "ada@home.example"}
    report(firm, "e", "order.placed", id="BA-1", customer=goods)
    report(firm, "f", "device.registered", id="D1", name="Uno", customer=goods)
    arrivals.drain()
    own, other = (frozenset({b.pk}) for b in (firm.brand, firm.other_brand))
    connection = Order.objects.get().connection
    for brand, seen in ((None, True), (firm.brand, False)):
        connection.brand = brand
        connection.save()
        assert queries.of_contact(ada.pk, other).exists() is seen
        assert bool(queries.goods_in_short(ada.pk, other)) is seen
        assert queries.of_contact(ada.pk, own).exists()
        assert queries.goods_in_short(ada.pk, own)
        assert queries.goods_in_short(ada.pk)
