"""Mailboxes fetched by the worker: what is stored, what is remembered, what is noticed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from sportello.accounts.models import Brand
from sportello.channels import actions, queries
from sportello.channels.models import Channel, PollCursor, SpoolItem
from sportello.channels.providers.email import imap
from sportello.intake import pollers
from tests.email.dovecot import Dovecot
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def channel(dovecot: Dovecot) -> Channel:
    brand = Brand.objects.create(name="Shop", slug="shop")
    queries.forget()
    return actions.create_channel(
        provider="email", name="Mail", brand=brand, settings=dovecot.settings
    )


@pytest.fixture
def fetching(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    monkeypatch.setattr(pollers, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(imap, "GLANCE_SECONDS", 0.2)
    monkeypatch.setattr(queries, "FRESH_SECONDS", 0.2)
    stop = threading.Event()

    def run() -> None:
        pollers.run_forever(stop)
        connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield stop
    stop.set()
    thread.join(15)
    assert not thread.is_alive()


def change(channel: Channel, settings: dict[str, Any]) -> None:
    actions.update_channel(
        channel=channel, name=channel.name, brand=channel.brand, settings=settings
    )


def is_fetched(channel: Channel) -> bool:
    return any(thread.name == f"fetch-{channel.pk}" for thread in threading.enumerate())


def bodies() -> list[str]:
    return [
        bytes(i.body or b"").split(b"\r\n\r\n")[1].strip().decode()
        for i in SpoolItem.objects.order_by("id")
    ]


def test_a_mailbox_is_fetched_and_its_cursor_kept(
    channel: Channel, fetching: threading.Event, dovecot: Dovecot
) -> None:
    eventually(lambda: PollCursor.objects.filter(channel=channel).exists())
    dovecot.deliver("one", "two")
    eventually(lambda: bodies() == ["one", "two"])
    item = SpoolItem.objects.order_by("id")[0]
    assert (item.source, item.external_ids, item.order_key) == (
        "imap",
        ["one@b.example"],
        "a@b.example",
    )
    eventually(lambda: PollCursor.objects.get(channel=channel).state["uid"] == 2)
    fetching.set()
    eventually(lambda: not is_fetched(channel))
    dovecot.deliver("three")
    again = threading.Event()

    def run() -> None:
        pollers.run_forever(again)
        connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        eventually(lambda: bodies() == ["one", "two", "three"])
    finally:
        again.set()
        thread.join(15)


def test_switching_off_changing_and_mending_are_noticed(
    channel: Channel, fetching: threading.Event, dovecot: Dovecot
) -> None:
    eventually(lambda: PollCursor.objects.filter(channel=channel).exists())
    change(channel, dovecot.settings | {"imap_password": "wrong"})
    eventually(lambda: bool(PollCursor.objects.get(channel=channel).last_error))
    dovecot.deliver("kept")
    change(channel, dovecot.settings)
    eventually(lambda: bodies() == ["kept"])
    eventually(lambda: not PollCursor.objects.get(channel=channel).last_error)
    actions.switch(channel=channel, on=False)
    eventually(lambda: not is_fetched(channel))
    dovecot.deliver("later")
    time.sleep(1)
    assert bodies() == ["kept"]
