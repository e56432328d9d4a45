"""Messages that their authors edit or withdraw, told in any order, and what the vendor says about ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from sportello.accounts.queries import company
from sportello.channels.contract import (
    Address,
    Echo,
    Edited,
    SeenUpTo,
    Status,
    StatusUpdate,
    Withdrawn,
)
from sportello.channels.queries import mouths
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import actions
from sportello.tickets.inbound import changes, statuses
from sportello.tickets.models import Delivery, DeliveryState, EarlyChange, Message, Thread
from sportello.tickets.ways.windows import window_of
from tests import walk

pytestmark = pytest.mark.django_db
ADA, BOB = Address("fake", "ada"), Address("fake", "bob")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> walk.Shop:
    shop = walk.open_shop()
    tells = replace(shop.fake.code.capabilities, edits=True)
    monkeypatch.setattr(type(shop.fake.code), "capabilities", tells)
    return shop


def withdrawn() -> str:
    with translation.override(company().language):
        return gettext("Message withdrawn")


def told(shop: walk.Shop, parsed: Any) -> list[Any]:
    return statuses.apply(mouths()[shop.fake.pk], parsed, now=now())


def said(shop: walk.Shop, text: str = "red") -> Message:
    return walk.arrive(shop.fake, walk.fake_body(("1", "ada", text)))


def test_an_edit_keeps_the_first_words_and_happens_once(shop: walk.Shop) -> None:
    message = said(shop)
    edit = Edited("1", "blue", ADA, NOON)
    assert told(shop, edit)
    assert not told(shop, edit)
    message.refresh_from_db()
    message.ticket.refresh_from_db()
    assert message.text == "blue"
    assert [v["text"] for v in message.meta["versions"]] == ["red"]
    assert message.ticket.preview == "blue"


def test_of_two_edits_the_later_one_counts_whatever_comes_first(shop: walk.Shop) -> None:
    message = said(shop)
    told(shop, Edited("1", "green", ADA, NOON + timedelta(minutes=2)))
    told(shop, Edited("1", "blue", ADA, NOON))
    told(shop, Edited("1", "blue", ADA, NOON))
    message.refresh_from_db()
    assert message.text == "green"
    assert [v["text"] for v in message.meta["versions"]] == ["red", "blue"]


def test_nobody_edits_what_somebody_else_wrote(shop: walk.Shop) -> None:
    message = said(shop)
    assert not told(shop, Edited("1", "I owe you a hundred", BOB, NOON))
    assert not told(shop, Withdrawn("1", BOB, NOON))
    message.refresh_from_db()
    assert (message.text, message.meta) == ("red", {})


def test_what_comes_before_its_message_is_applied_with_it(shop: walk.Shop) -> None:
    told(shop, Edited("1", "blue", ADA, NOON))
    told(shop, Edited("1", "blue", ADA, NOON))
    told(shop, Withdrawn("1", ADA, NOON + timedelta(minutes=1)))
    message = said(shop)
    message.ticket.refresh_from_db()
    assert message.text == "blue"
    assert message.meta["withdrawn_at"]
    assert message.ticket.preview == withdrawn()
    assert not EarlyChange.objects.exists()
    assert Event.objects.filter(type__in=["message_edited", "message_withdrawn"]).count() == 2


def test_a_change_whose_message_never_comes_is_forgotten(shop: walk.Shop) -> None:
    told(shop, Withdrawn("9", ADA, NOON))
    changes.forget_early(now() + timedelta(days=6))
    assert EarlyChange.objects.count() == 1
    changes.forget_early(now() + timedelta(days=8))
    assert not EarlyChange.objects.exists()


def test_withdrawing_reopens_nothing(shop: walk.Shop) -> None:
    message = said(shop)
    actions.set_status(ticket=message.ticket, status="solved", actor=shop.actor(), now=now())
    told(shop, Withdrawn("1", ADA, NOON))
    message.ticket.refresh_from_db()
    assert message.ticket.status == "solved"
    assert message.ticket.preview == withdrawn()


def sent(shop: walk.Shop, text: str = "hello", *, to: Message | None = None) -> Delivery:
    ticket = (to or said(shop)).ticket
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text=text)
    walk.send_due()
    return message.deliveries.get()


def lost(shop: walk.Shop, text: str = "hello") -> Delivery:
    delivery = sent(shop, text)
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.UNKNOWN, external_id="")
    delivery.refresh_from_db()
    return delivery


def test_a_sending_without_an_answer_is_found_by_our_key(shop: walk.Shop) -> None:
    delivery = lost(shop)
    told(shop, StatusUpdate("v-1", Status.DELIVERED, key=str(delivery.idempotency_key)))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.external_id) == (DeliveryState.DELIVERED, "v-1")
    told(shop, StatusUpdate("v-1", Status.READ))
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.READ
    assert not told(shop, StatusUpdate("v-1", Status.SENT, key="somebody else's"))


def test_a_sending_without_an_answer_is_found_by_its_echo(shop: walk.Shop) -> None:
    delivery = lost(shop)
    assert told(shop, Echo("v-2", ADA, "hello"))
    assert not told(shop, Echo("v-2", ADA, "hello"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.external_id) == (DeliveryState.SENT, "v-2")
    assert Message.objects.filter(direction="out").count() == 1


def test_a_watermark_reads_what_began_before_it(shop: walk.Shop) -> None:
    first = sent(shop)
    second = sent(shop, "and this", to=Message.objects.get(external_id="1"))
    Delivery.objects.filter(pk=first.pk).update(due_at=NOON)
    Delivery.objects.filter(pk=second.pk).update(due_at=NOON + timedelta(seconds=2))
    mark = SeenUpTo(ADA, Status.READ, NOON + timedelta(seconds=1))
    assert told(shop, mark)
    assert not told(shop, mark)
    assert not told(shop, SeenUpTo(ADA, Status.DELIVERED, NOON))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (DeliveryState.READ, DeliveryState.SENT)


def test_people_may_answer_for_longer_than_programs(
    shop: walk.Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = shop.fake.code
    day, week = timedelta(hours=24), timedelta(days=7)
    both = replace(code.capabilities, reply_window=day, human_window=week)
    monkeypatch.setattr(type(code), "capabilities", both)
    said(shop)
    thread = Thread.objects.get()
    assert thread.window_until is not None
    window = window_of(thread, code, {})
    assert window.human_until == thread.window_until + week - day
    after = thread.window_until + day
    assert window.open_at(after)
    assert not window.open_at(after, person=False)
    assert not window.open_at(after + week)
    thread.is_public = True
    assert window_of(thread, code, {}).open_at(after + week)
    assert not window_of(None, code, {}).open_at(now())
