"""What shops say becomes rows: once, in any order, and to whom it belongs only by proof."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sportello.commerce import arrivals, queries
from sportello.commerce.contract import Raw
from sportello.commerce.models import Arrival, Device, Shipment, Stock, Store, Subscription
from sportello.commerce.subscribers import match
from sportello.contacts import actions as people
from sportello.contacts import privacy
from sportello.contacts.models import Contact, Identity
from sportello.core import personal
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import Event
from tests.commerce.conftest import Till, person
from tests.walk import arrive, mail_bytes

ADA = {"email": "Ada@Home.example", "phone": "347 555 0182", "name": "Ada"}
LINES = [{"sku": "UNO", "name": "Aurora Uno", "quantity": 1, "price": "449.00"}]


def types() -> list[str]:
    ours = ("order_", "shipment_", "return_", "device_", "subscription_")
    return [e.type for e in Event.objects.order_by("pk") if e.type.startswith(ours)]


def test_an_order_is_kept_with_its_lines_and_told_once(till: Till) -> None:
    placed = till.order(total="449.00", currency="EUR", lines=LINES, customer=ADA)
    till.tell(placed)
    till.tell(placed)
    order = till.bought()
    assert (order.total, order.currency, order.state) == (Decimal(449), "EUR", "placed")
    assert [(line.name, line.total) for line in order.lines.all()] == [("Aurora Uno", Decimal(449))]
    assert order.email == "ada@home.example"
    assert order.phone == "+393475550182"
    assert types() == ["order_placed"]
    assert not Arrival.objects.exists()


def test_what_is_older_changes_nothing(till: Till) -> None:
    placed = till.order(total="100", minutes=0)
    shipped = till.order(minutes=30, verb="shipped")
    till.tell(shipped)
    till.tell(placed)
    order = till.bought()
    assert (order.state, order.total) == ("shipped", Decimal(0))
    till.tell(till.order(minutes=40, total="100", verb="updated"))
    order.refresh_from_db()
    assert (order.state, order.total) == ("shipped", Decimal(100))


def test_states_are_told_as_they_come_and_old_ones_are_history(till: Till) -> None:
    till.tell(till.order(minutes=0), till.order(minutes=5, verb="ready_for_pickup", store="FI"))
    assert types() == ["order_placed", "order_ready_for_pickup"]
    assert till.bought().store == Store.objects.get(external_id="FI")
    ago = till.order("BA-7", minutes=-60 * 24 * 30, verb="delivered", placed_at="2020-01-01")
    till.tell(ago)
    assert till.bought("BA-7").state == "delivered"
    assert types() == ["order_placed", "order_ready_for_pickup"]


def test_a_parcel_before_its_order_waits_for_it(till: Till) -> None:
    parcel = till.fact(
        "shipment.delivered", minutes=9, id="P1", order="BA-1001", carrier="GLS",
        tracking_url="https://gls.example/P1",
    )  # fmt: skip
    till.tell(parcel)
    waiting = Arrival.objects.get()
    assert waiting.waits_for == "BA-1001"
    assert waiting.parked_at is not None
    till.tell(till.order())
    arrivals.drain()
    assert not Arrival.objects.exists()
    assert Shipment.objects.get().order == till.bought()
    assert till.bought().state == "delivered"
    assert types() == ["order_placed", "shipment_delivered", "order_delivered"]


def test_a_link_that_is_no_web_address_is_dropped(till: Till) -> None:
    till.tell(till.order(status_url="javascript:alert(1)"), till.fact("shipment.shipped", minutes=1, id="P", order="BA-1001", tracking_url="javascript:x"))  # fmt: skip
    assert till.bought().status_url == ""
    assert Shipment.objects.get().tracking_url == ""


def test_what_cannot_be_read_is_parked_and_stops_nobody(till: Till) -> None:
    for body in (b"{", b"[]x", b'[{"type": "weather.fair", "data": {}}]', b'{"type":"order.placed"}'):  # fmt: skip
        arrivals.store(till.connection, Raw(body), received_at=now())
    till.tell(till.order())
    assert till.bought()
    parked = list(queries.parked(till.connection.pk))
    assert len(parked) == 4
    assert all("Unreadable" in p.traceback for p in parked)
    arrivals.replay([p.pk for p in parked])
    arrivals.drain()
    assert {p.attempts for p in queries.parked(till.connection.pk)} == {2}


def test_only_a_proved_address_tells_whose_it_is(till: Till) -> None:
    person("Eve", ("email", "ada@home.example", "claimed"))
    till.tell(till.order(customer=ADA))
    assert till.bought().contact is None
    ada = person("Ada", ("email", "ada@home.example", "verified"))
    till.tell(till.order("BA-1002", minutes=3, customer=ADA))
    assert till.bought("BA-1002").contact == ada
    assert Contact.objects.count() == 2


def test_a_number_of_two_people_is_nobodys(till: Till) -> None:
    person("Ada", ("phone", "+393475550182", "verified"))
    person("Ida", ("whatsapp", "+393475550182", "verified"))
    till.tell(till.order(customer={"phone": ADA["phone"]}))
    assert till.bought().contact is None


def test_orders_find_their_buyer_when_he_proves_his_address(till: Till) -> None:
    till.tell(till.order(customer=ADA))
    message = arrive(till.shop.mail, mail_bytes("Ada <ada@home.example>"))
    contact = message.ticket.contact
    match(list(Event.objects.order_by("pk")))
    assert till.bought().contact is None
    assert list(queries.claimed_by(contact.pk)) == [till.bought()]
    identity = Identity.objects.get(address="ada@home.example")
    people.verify_identity(identity=identity, actor=SYSTEM, now=now())
    match(list(Event.objects.order_by("pk")))
    assert till.bought().contact == contact
    assert not queries.claimed_by(contact.pk).exists()


def test_numbers_in_a_text_name_orders(till: Till) -> None:
    ada = person("Ada", ("email", "ada@home.example", "verified"))
    till.tell(till.order("BA-20418", customer=ADA), till.order("BA-20419", minutes=1), till.order("2026", minutes=2))  # fmt: skip
    named = queries.orders_named
    assert [o.number for o in named("Il mio ordine ba 20418 è rotto. BA-20419? Tel. 347 5550182")] == ["BA-20418", "BA-20419"]  # fmt: skip
    assert [o.number for o in named("ordini BA-20418 e BA-20419", contact_id=ada.pk)] == ["BA-20418"]  # fmt: skip
    assert named("BA-204180 and 020418 are none") == []


def test_goods_beside_orders(till: Till) -> None:
    ada = person("Ada", ("email", "ada@home.example", "verified"))
    till.tell(
        till.fact("subscription.active", id="S1", name="Miscela Lucca, 1 kg", interval="P1M", price="24.90", customer=ADA),
        till.fact("device.reported", id="D1", name="Aurora Uno", serial="0925-1177", state="E12", customer=ADA),
        till.fact("warranty.registered", id="W1", product="Aurora Uno", ends_at="2028-09-30", customer=ADA),
        till.fact("loyalty.changed", id="L1", tier="Oro", points=320, customer=ADA),
        till.fact("stock.changed", store="FI", sku="UNO", quantity=3, name="Aurora Uno"),
    )  # fmt: skip
    goods = queries.goods_of(ada.pk)
    assert {name: len(rows) for name, rows in goods.items()} == {"subscriptions": 1, "devices": 1, "warranties": 1, "loyalties": 1}  # fmt: skip
    assert [(s.store.name, s.quantity) for s in queries.stock_of(["UNO"])] == [("FI", 3)]
    till.tell(till.fact("subscription.paused", minutes=5, id="S1"))
    assert Subscription.objects.get().state == "paused"
    assert types() == ["device_reported", "subscription_changed"]
    till.tell(till.fact("stock.changed", minutes=-5, store="FI", sku="UNO", quantity=9))
    assert Stock.objects.get().quantity == 3


def test_erasing_takes_the_person_and_keeps_the_amounts(till: Till) -> None:
    ada = person("Ada", ("email", "ada@home.example", "verified"))
    till.tell(till.order(total="449", lines=LINES, customer=ADA), till.fact("device.reported", id="D1", name="Uno", serial="0925", customer=ADA))  # fmt: skip
    arrivals.store(till.connection, Raw(json.dumps({"odd": "ADA@home.example"}).encode()), received_at=now())  # fmt: skip
    arrivals.drain()
    exported: Any = privacy.export(contact=ada, actor=SYSTEM, now=now())["data"]
    assert exported["commerce.Order"][0]["lines"][0]["name"] == "Aurora Uno"
    assert exported["commerce.Arrival"]
    privacy.erase(contact=ada, actor=SYSTEM, now=now())
    order = till.bought()
    assert (order.contact, order.email, order.phone, order.buyer_name) == (None, "", "", "")
    assert order.total == Decimal(449)
    assert Device.objects.get().serial == ""
    assert not Arrival.objects.exists()
    till.tell(till.order(minutes=9, verb="shipped", customer=ADA))
    order = till.bought()
    assert (order.state, order.email, order.buyer_name) == ("shipped", "", "")


def test_merging_people_moves_what_they_bought(till: Till) -> None:
    ada = person("Ada", ("email", "ada@home.example", "verified"))
    other = person("Ada B.")
    till.tell(till.order(customer=ADA))
    for holding in personal.holdings():
        if holding.model.startswith("commerce."):
            holding.move(ada.pk, other.pk)
    assert till.bought().contact == other
