"""What people do by themselves is kept once, becomes theirs when they are known, and goes with the years."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from sportello.accounts.models import Brand
from sportello.api.facts import Report, report
from sportello.commerce.subscribers import match
from sportello.contacts import consents, merging, privacy
from sportello.contacts.models import Contact, Identity, Touchpoint
from sportello.contacts.subscribers import adopt_visits
from sportello.contacts.touchpoints import Touch, page_viewed, record_touchpoints, touchpoints_of
from sportello.core import personal, retention
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.realtime.visitors import pages as looks
from tests.api.company import person
from tests.commerce.conftest import Till, open_till
from tests.commerce.conftest import till as till
from tests.walk import agent

pytestmark = pytest.mark.django_db


def seen(contact: Contact) -> list[tuple[str, str]]:
    rows = touchpoints_of(contact.pk, brands=None)
    return list(rows.values_list("kind", "subject"))


def known(contact: Contact, visitor: str) -> None:
    Identity.objects.create(contact=contact, kind="visitor", address=visitor)


def test_a_visitors_pages_become_his_when_he_writes() -> None:
    visitor = str(uuid.uuid4())
    url = "https://ada@shop.example/cups?email=ada@home.example#top"
    record_touchpoints([page_viewed(url, "Tazze", visitor=visitor, brand_id=None, at=now())])  # type: ignore[list-item]
    row = Touchpoint.objects.get()
    assert row.contact_id is None
    assert row.meta == {"url": "https://shop.example/cups"}, "no name, no query"
    ada = person("Ada", "ada@home.example")
    known(ada, visitor)
    adopt_visits([Event(type="ticket_opened", contact_id=ada.pk)])
    assert seen(ada) == [("page", "Tazze")]
    record_touchpoints([Touch("search", now(), "tazze blu", visitor=visitor)])
    assert seen(ada)[0] == ("search", "tazze blu"), "known from the first word on"


def test_who_said_no_to_profiling_is_not_watched_but_his_orders_count() -> None:
    ada = person("Ada", "ada@home.example")
    consents.note_consent(
        contact=ada, purpose="profiling", given=False, source="agent", actor=SYSTEM, now=now()
    )
    touches = [Touch(kind, now(), kind, contact_id=ada.pk) for kind in ("page", "order", "search")]
    record_touchpoints(touches)
    assert seen(ada) == [("order", "order")]
    consents.note_consent(
        contact=ada, purpose="profiling", given=True, source="agent", actor=SYSTEM, now=now()
    )
    record_touchpoints(touches[:1])
    assert ("page", "page") in seen(ada)


def test_the_same_thing_told_twice_and_contacts_that_are_gone() -> None:
    ada = person("Ada", "ada@home.example")
    one = Touch("order", now(), "A-1", contact_id=ada.pk, key="order:1")
    gone = Touch("order", now(), "A-2", contact_id=ada.pk + 99, key="order:2")
    record_touchpoints([one, gone])
    record_touchpoints([one])
    assert seen(ada) == [("order", "A-1")]
    with pytest.raises(ValueError, match="nonsense"):
        record_touchpoints([Touch("nonsense", now(), contact_id=ada.pk)])


def test_an_order_is_a_touchpoint_of_its_buyer_even_when_he_is_proved_later() -> None:
    till: Till = open_till()
    till.tell(till.order(customer={"email": "ada@home.example"}))
    ada = Contact.objects.create(name="Ada")
    Identity.objects.create(contact=ada, kind="email", address="ada@home.example", proof="verified")
    event = Event(type="identity_verified", contact_id=ada.pk)
    match([event])
    match([event])
    assert seen(ada) == [("order", "BA-1001")]
    other = Brand.objects.create(name="Altra", slug="altra")
    assert not touchpoints_of(ada.pk, brands=frozenset({other.pk}))


def test_log_ins_and_devices_come_by_the_api() -> None:
    open_till()
    ada, giulia = person("Ada", "ada@home.example"), agent("ugo", "agent")

    def tell(type: str, n: int, **data: Any) -> None:
        told = Report(f"f{n}", type, now() + timedelta(seconds=n), contact=ada, data=data)
        report(told, agent=giulia, now=now())

    tell("login", 1, device="iPhone")
    tell("device.registered", 2, model="Uno")
    tell("page.viewed", 3, title="Tazze")
    tell("loyalty.card.lost", 4)
    tell("parking.paid", 5)
    assert seen(ada) == [("other", "parking.paid"), ("page", "Tazze"), ("device", "Uno"), ("login", "iPhone")]  # fmt: skip


def test_they_move_are_exported_erased_and_let_go_of() -> None:
    ada, twin = person("Ada", "ada@home.example"), person("Ada", "ada@work.example")
    record_touchpoints(
        [Touch("page", now(), "Tazze", contact_id=twin.pk, meta={"url": "https://x"})]
    )
    merging.merge(contact=twin, into=ada, actor=SYSTEM, now=now())
    assert seen(ada) == [("page", "Tazze")]
    merge = ada.merges.get()
    merging.unmerge(merge=merge, actor=SYSTEM, now=now())
    assert seen(ada) == []
    merging.merge(contact=Contact.objects.get(pk=twin.pk), into=ada, actor=SYSTEM, now=now())
    holding = next(h for h in personal.holdings() if h.model == "contacts.Touchpoint")
    assert holding.export(ada.pk)[0]["subject"] == "Tazze"
    privacy.erase(contact=ada, actor=SYSTEM, now=now())
    assert seen(ada) == [("page", "")]
    rule = next(r for r in retention.rules() if r.name == "touchpoints")
    assert rule.count(now()) == 1
    assert rule.clear(now(), 500) == 1
    assert not Touchpoint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_looks_are_written_in_batches_and_a_reload_is_one_look() -> None:
    visitor, at = str(uuid.uuid4()), now()

    async def look_around() -> None:
        pages = looks.Pages()
        for n, url in enumerate(["/cups", "/cups", "/mokas", ""]):
            full = f"https://shop.example{url}" if url else ""
            pages.noted(looks.Look(1, visitor, full, "", at + timedelta(seconds=n)))
        await pages.close()

    asyncio.run(look_around())
    assert sorted(Touchpoint.objects.values_list("subject", flat=True)) == ["/cups", "/mokas"]
