"""What the channel page says of a channel: the state, the sentence, what to do; and the operator's figures."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import translation
from psycopg.conninfo import make_conninfo

from sportello.accounts.actions import create_agent
from sportello.channels import keys, polling, secrets
from sportello.channels.models import Channel, SpoolParked
from sportello.config import figures
from sportello.core.clock import now
from sportello.tickets import actions, applier
from sportello.tickets.models import Delivery, DeliveryState, Message
from sportello.workspace.settings import mouths
from tests import walk
from tests.providers.conformance import impatient
from tests.settings.conftest import BACKEND
from tests.vendors.graph import TOKEN, Graph
from tests.walk import Shop

NUMBER = itertools.count(1)


@pytest.fixture
def shop(db: None, settings) -> Iterator[Shop]:  # type: ignore[no-untyped-def]
    settings.SPORTELLO_DEMO = True
    with translation.override("en"):
        yield walk.open_shop()


def line(channel: Channel) -> mouths.Line:
    channel.refresh_from_db()
    return mouths.lines([channel])[0]


def written(shop: Shop) -> Message:
    body = walk.fake_body((str(next(NUMBER)), "ada", "Dov'è il pacco?"))
    return walk.arrive(shop.fake, body, source="webhook")


def answered(shop: Shop) -> Delivery:
    asked = written(shop)
    actions.reply(ticket=asked.ticket, text="Arriva domani.", actor=shop.actor(), now=now())
    return Delivery.objects.latest("pk")


def test_a_quiet_channel_is_fine_and_one_that_is_off_says_nothing_else(shop: Shop) -> None:
    assert line(shop.fake).state == "fine"
    Channel.objects.filter(pk=shop.fake.pk).update(is_active=False, key_until=now())
    assert (line(shop.fake).state, line(shop.fake).findings) == ("off", [])


def test_what_came_in_and_left_last_is_shown(shop: Shop) -> None:
    delivery = answered(shop)
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", settled_at=now())
    seen = line(shop.fake)
    assert seen.went.last_in
    assert seen.went.last_out
    assert (seen.went.arrived, seen.went.failed, seen.state) == (1, 0, "fine")


@pytest.mark.parametrize(
    ("reason", "state", "words"),
    [
        ("The access token has expired or was withdrawn (190)", "broken", "keys"),
        ("550 5.1.1 user unknown", "broken", "nobody"),
        ("A very odd thing", "broken", "very odd"),
    ],
)
def test_failures_of_a_day_are_told_in_words(
    shop: Shop, reason: str, state: str, words: str
) -> None:
    delivery = answered(shop)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.FAILED, reason=reason, settled_at=now()
    )
    seen = line(shop.fake)
    assert seen.state == state
    assert [(words in why, n) for why, n in seen.failures] == [(True, 1)]
    Delivery.objects.update(settled_at=now() - timedelta(hours=25))
    assert line(shop.fake).state == "fine"


def test_one_failure_among_answers_that_arrived_is_worth_a_look(shop: Shop) -> None:
    answered(shop)
    Delivery.objects.update(state="delivered", settled_at=now())
    Delivery.objects.filter(pk=answered(shop).pk).update(
        state="failed", reason="mailbox is full", settled_at=now()
    )
    assert line(shop.fake).state == "look"


def test_a_vendor_that_asks_to_wait_is_told_with_its_moment(shop: Shop) -> None:
    until = now() + timedelta(minutes=9)
    delivery = answered(shop)
    Delivery.objects.filter(pk=delivery.pk).update(
        state="queued", attempts=1, due_at=until, reason="Too many requests"
    )
    seen = line(shop.fake)
    assert (seen.state, seen.went.retry_at) == ("look", until)
    assert "Too many requests" in seen.went.retry_reason


def test_refused_parked_and_poll_trouble(shop: Shop) -> None:
    Channel.objects.filter(pk=shop.fake.pk).update(refused_count=3, refused_at=now())
    assert line(shop.fake).state == "broken"
    message = written(shop)
    assert line(shop.fake).state == "look"
    SpoolParked.objects.create(item_id=message.spool_id, traceback="x")
    assert len(line(shop.fake).findings) == 2
    polling.keep_cursor(shop.fake.pk, {"uid": 17})
    assert line(shop.fake).came.cursor == (("uid", "17"),)
    polling.note_trouble(shop.fake.pk, "no route to host")
    first = line(shop.fake).findings[0]
    assert "no route to host" in first.what
    assert first.do


def test_the_key_of_meta_is_asked_for_its_end(shop: Shop) -> None:
    end = int((now() + timedelta(days=5)).timestamp())
    with Graph() as cloud:
        cloud.key_ends = end
        channel = Channel.objects.create(
            provider="whatsapp",
            name="WA",
            brand=shop.brand,
            plain_settings={"phone_number_id": "1", "api_base": cloud.url},
            sealed_settings=secrets.seal({"access_token": TOKEN, "app_secret": "s"}),
        )
        assert keys.ask(channel, now=now(), net=impatient())
        seen = line(channel)
        assert (seen.state, "5" in seen.findings[0].what or "4" in seen.findings[0].what) == ("look", True)  # fmt: skip
        cloud.key_ends = 0
        assert keys.ask(channel, now=now(), net=impatient()) is None
        assert line(channel).state == "fine"
    Channel.objects.filter(pk=channel.pk).update(key_until=now() - timedelta(hours=1))
    assert line(channel).state == "broken"


def test_only_those_that_tell_are_asked_and_once_a_day(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(keys, "_ask_later", lambda channel: asked.append(channel.pk))
    channel = Channel.objects.create(provider="messenger", name="M", brand=shop.brand)
    keys.ask_again(now())
    keys.ask_again(now())
    assert asked == [channel.pk]
    keys.ask_again(now() + timedelta(days=2))
    assert asked == [channel.pk] * 2


def test_the_pages_show_it(shop: Shop) -> None:
    Delivery.objects.filter(pk=answered(shop).pk).update(
        state="failed", reason="550 user unknown", settled_at=now()
    )
    client = Client()
    boss = create_agent(email="b@x.example", name="B", role="administrator", password="x" * 12)
    client.force_login(boss, backend=BACKEND)
    for path in ("/app/settings/channels", f"/app/settings/channels/{shop.fake.pk}"):
        page = client.get(path).content.decode()
        assert "1 answer did not arrive" in page or "1 risposta non è arrivata" in page, path


@pytest.mark.django_db(transaction=True)
def test_metrics_tell_what_waits() -> None:
    shop = walk.open_shop()
    dsn = make_conninfo(django_settings.DATABASE_DSN, dbname=connection.settings_dict["NAME"])
    walk.accept(shop.fake, walk.fake_body(("1", "ada", "Eccomi")), source="webhook")
    told = asyncio.run(figures.written(dsn)).decode()
    assert "sportello_spool_waiting 1.0" in told
    assert "sportello_spool_oldest_seconds 0.0\n" not in told
    applier.drain_all()
    told = asyncio.run(figures.written(dsn)).decode()
    assert "sportello_spool_waiting 0.0" in told
    label = f'{{channel="{shop.fake.pk}",name="Fake",provider="fake"}}'
    assert f"sportello_channel_items_last_minute{label} 1.0" in told
    assert f"sportello_channel_parked{label} 0.0" in told
