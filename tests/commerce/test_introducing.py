"""Whom the shop vouches for is known before he writes; what was only typed at the till proves nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sportello.commerce import introducing, registry
from sportello.commerce.contract import Raw
from sportello.commerce.models import Connection, Loyalty, Order
from sportello.commerce.queries import claimed_by, of_contact
from sportello.commerce.records import OrderRecord
from sportello.commerce.subscribers import match
from sportello.contacts import privacy
from sportello.contacts.models import Contact, Identity, Suggestion, Touchpoint
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import Event
from tests.commerce.conftest import Till, person
from tests.vendors import shopify
from tests.walk import arrive, mail_bytes

ADA = {"email": "Ada@Home.example", "name": "Ada Rossi", "id": "C7"}
VOUCHED = ADA | {"confirmed": True}
TO_US = "Ada <ada@home.example>"


def first_ticket(till: Till) -> Contact:
    """She writes, and nobody vouches for her mail."""
    contact = arrive(till.shop.mail, mail_bytes(TO_US)).ticket.contact
    match(list(Event.objects.order_by("pk")))
    return contact


def numbers(contact: Contact) -> list[str]:
    return [order.number for order in of_contact(contact.pk)]


def test_a_confirmed_account_is_a_person_before_she_writes(till: Till) -> None:
    till.tell(till.order(customer=VOUCHED), till.order("BA-1002", minutes=1, customer=VOUCHED))
    ada = Contact.objects.get()
    assert ada.name == "Ada Rossi"
    identity = Identity.objects.get()
    assert (identity.address, identity.proof, identity.how) == ("ada@home.example", "verified", "shop")  # fmt: skip
    assert Event.objects.filter(type="contact_created", contact_id=ada.pk).count() == 1
    assert Touchpoint.objects.filter(contact=ada, kind="order").count() == 2
    assert first_ticket(till) == ada
    assert numbers(ada) == ["BA-1002", "BA-1001"]


def test_what_was_only_typed_waits_for_its_proof(till: Till) -> None:
    till.tell(till.order(customer=ADA))
    assert not Contact.objects.exists()
    ada = first_ticket(till)
    assert numbers(ada) == []
    assert [order.number for order in claimed_by(ada.pk)] == ["BA-1001"]


def test_her_order_is_hers_when_she_wrote_first(till: Till) -> None:
    ada = first_ticket(till)
    till.tell(till.order(customer=VOUCHED))
    assert Contact.objects.get() == ada
    assert numbers(ada) == ["BA-1001"]
    assert Event.objects.filter(type="identity_verified", contact_id=ada.pk).exists()


def test_who_only_names_the_address_is_not_she(till: Till) -> None:
    eve = person("Eva Neri", ("email", "ada@home.example", "claimed"), ("phone", "+390551", "verified"))  # fmt: skip
    till.tell(till.order(customer=VOUCHED))
    assert numbers(eve) == []
    assert Contact.objects.exclude(pk=eve.pk).get().name == "Ada Rossi"
    assert not Suggestion.objects.filter(state="accepted").exists()


def test_an_account_that_is_confirmed_later_brings_its_older_orders(till: Till) -> None:
    till.tell(till.order(customer=ADA), till.order("BA-1002", minutes=1, customer=ADA))
    till.tell(till.fact("loyalty.changed", id="L1", tier="Oro", customer=ADA))
    till.tell(till.order("BA-1003", minutes=2, customer=VOUCHED))
    ada = Contact.objects.get()
    assert numbers(ada) == ["BA-1003", "BA-1002", "BA-1001"]
    assert Loyalty.objects.get().contact == ada


def test_an_erased_person_is_not_made_again_by_her_old_order(till: Till) -> None:
    till.tell(till.order(customer=VOUCHED))
    privacy.erase(contact=Contact.objects.get(), actor=SYSTEM, now=now())
    till.tell(till.order(minutes=9, verb="shipped", customer=VOUCHED))
    assert not Identity.objects.exists()
    order = Order.objects.get()
    assert (order.contact, order.email, order.is_confirmed) == (None, "", False)


def test_a_crowd_is_met_in_batches(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introducing, "BATCH", 2)
    crowd = [VOUCHED | {"email": f"p{n}@home.example"} for n in range(5)]
    till.tell(*(till.order(f"BA-{n}", customer=one) for n, one in enumerate(crowd)))
    assert Contact.objects.count() == 5
    assert not Order.objects.filter(contact=None).exists()
    assert introducing.introduce(now=now()) == 0


@pytest.mark.parametrize(
    ("state", "verified", "address", "vouches"),
    [
        ("enabled", True, "ada@home.example", True),
        ("enabled", True, "Ada@Home.example", True),
        ("enabled", True, "ida@home.example", False),
        ("enabled", False, "ada@home.example", False),
        ("disabled", True, "ada@home.example", False),
        ("", None, "", False),
    ],
)
def test_shopify_vouches_for_accounts_that_were_opened(
    state: str, verified: bool | None, address: str, vouches: bool
) -> None:
    code = registry.get("shopify")
    body = {"id": 7, "first_name": "Ada", "last_name": "Rossi", "email": address, "state": state, "verified_email": verified}  # fmt: skip
    hooked = code.parse(shopify.signed(shopify.order(customer=body)), {})[0]
    asked: dict[str, Any] = {
        "legacyResourceId": "7", "displayName": "Ada Rossi", "state": state.upper(), "verifiedEmail": verified,
        "defaultEmailAddress": {"emailAddress": address} if address else None,
    }  # fmt: skip
    node = shopify.node(1001, "2026-11-20T09:00:00Z", customer=asked)
    polled = code.parse(Raw(json.dumps({"nodes": [node]}).encode(), source="poll"), {})[0]
    for record in (hooked, polled):
        assert isinstance(record, OrderRecord)
        assert record.buyer is not None
        assert record.buyer.confirmed is vouches


def test_nobody_waits_in_a_shop_that_vouches_for_nobody(till: Till) -> None:
    till.tell(till.order(customer=ADA | {"confirmed": "yes"}))
    assert introducing.introduce(now=now()) == 0
    assert Connection.objects.count() == 1
