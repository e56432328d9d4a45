"""The SMTP receiver over real sockets: our mailboxes only, and 250 only when it is on the disk."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from sportello.channels import queries, spool
from sportello.channels.providers.email import provider
from sportello.channels.spool import SpoolItem
from sportello.intake import smtp
from tests.email.fixtures import mail
from tests.sink import free_port


class Store:
    """Stands where the spool is; `trouble` makes it fail, `slow` makes it wait."""

    def __init__(self) -> None:
        self.items: list[SpoolItem] = []
        self.commits = 0
        self.trouble: Exception | None = None
        self.slow = 0.0

    def __call__(self, items: list[SpoolItem]) -> list[int]:
        time.sleep(self.slow)
        if self.trouble:
            raise self.trouble
        self.commits += 1
        first = len(self.items) + 1
        self.items += items
        return list(range(first, first + len(items)))


def channel(pk: int, address: str) -> Any:
    return SimpleNamespace(id=pk, address=address, provider=provider, settings={"address": address})


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store()
    monkeypatch.setattr(spool, "store", store)
    mouths = [
        channel(1, "help@shop.example"),
        channel(2, "sales@shop.example"),
        channel(3, "info+it@shop.example"),
    ]
    monkeypatch.setattr(queries, "mail_receivers", lambda: mouths)
    return store


@pytest.fixture
def port(store: Store, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    settings.SPORTELLO_SMTP_HOST, settings.SPORTELLO_SMTP_PORT = "127.0.0.1", free_port()
    monkeypatch.setattr("sportello.intake.batches.close_old_connections", lambda: None)
    stop = threading.Event()
    thread = threading.Thread(target=smtp.serve, args=(stop,), daemon=True)
    thread.start()
    for _ in range(200):
        try:
            smtplib.SMTP("127.0.0.1", settings.SPORTELLO_SMTP_PORT, timeout=2).quit()
            break
        except OSError:
            time.sleep(0.05)
    yield settings.SPORTELLO_SMTP_PORT
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def deliver(
    port: int, *to: str, data: bytes = b"", sender: str = "anna@home.example"
) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        return client.sendmail(sender, to, data or mail())


def test_a_mail_is_spooled_byte_for_byte_with_its_envelope(port: int, store: Store) -> None:
    body = mail("però\r\n.dot\r\n..two\r\n" + "x" * 5000 + "\r\n")
    deliver(port, "HELP+Tok1@shop.example", data=body)
    [item] = store.items
    assert item.raw.body == body
    assert item.raw.source == "smtp"
    assert item.raw.headers["x-sportello-rcpt"] == "HELP+Tok1@shop.example"
    assert item.raw.headers["x-sportello-mailfrom"] == "anna@home.example"
    assert (item.channel_id, item.order_key, item.external_ids) == (
        1,
        "anna@home.example",
        ("m1@home.example",),
    )


def test_one_mail_to_two_channels_is_spooled_once_for_each(port: int, store: Store) -> None:
    deliver(port, "help@shop.example", "sales@shop.example", "help+x@shop.example")
    assert [item.channel_id for item in store.items] == [1, 2]
    assert (
        store.items[0].raw.headers["x-sportello-rcpt"] == "help@shop.example, help+x@shop.example"
    )
    assert store.commits == 1


@pytest.mark.parametrize(
    "address",
    [
        "who@shop.example",
        "help@other.example",
        "help",
        "help@shop.example.evil.example",
        '"help@shop.example"@x.example',
    ],
)
def test_nobody_relays_through_us(port: int, store: Store, address: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        deliver(port, address)
    code, _ = next(iter(caught.value.recipients.values()))
    assert code in (501, 550, 553)
    assert store.items == []


def test_a_known_recipient_passes_beside_an_unknown_one(port: int, store: Store) -> None:
    refused = deliver(port, "help@shop.example", "who@shop.example")
    assert list(refused) == ["who@shop.example"]
    assert len(store.items) == 1


def test_a_tagged_address_may_be_a_channel_of_its_own(port: int, store: Store) -> None:
    deliver(port, "info+it@shop.example")
    assert [item.channel_id for item in store.items] == [3]


def test_without_the_database_the_sender_keeps_the_mail(
    port: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.trouble = psycopg.OperationalError("away")
    with pytest.raises(smtplib.SMTPDataError) as caught:
        deliver(port, "help@shop.example")
    assert caught.value.smtp_code == 451
    store.trouble = None
    deliver(port, "help@shop.example")

    def away() -> None:
        raise psycopg.OperationalError("away")

    monkeypatch.setattr(queries, "mail_receivers", away)
    time.sleep(smtp.KEEP_SECONDS + 0.1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        deliver(port, "help@shop.example")
    assert refused.value.recipients["help@shop.example"][0] == 451
    assert len(store.items) == 1


def test_a_bad_item_does_not_take_its_neighbours_down(port: int, store: Store) -> None:
    def store_picky(items: list[SpoolItem]) -> list[int]:
        if any(b"poison" in item.raw.body for item in items):
            raise ValueError("poison")
        store.items += items
        return [1] * len(items)

    from sportello.intake.batches import Batches

    batches = Batches()
    from sportello.channels.contract import Raw

    good = [SpoolItem(1, "a", ("1",), Raw(b"good"))]
    bad = [SpoolItem(1, "a", ("2",), Raw(b"poison"))]
    original, spool.store = spool.store, store_picky  # type: ignore[assignment]
    try:
        futures = [batches.put(good), batches.put(bad), batches.put(good)]
        batches.start()
        assert futures[0].result(5) == [1]
        assert futures[2].result(5) == [1]
        with pytest.raises(ValueError, match="poison"):
            futures[1].result(5)
    finally:
        spool.store = original
        batches.stop()


def test_too_large_a_mail_is_refused_for_good(
    port: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(35 * 1024 * 1024)
        assert {"smtputf8", "8bitmime"} <= set(client.esmtp_features)
        code, _ = client.mail("a@b.example", ["SIZE=99999999"])
        assert code == 552


def test_many_senders_share_commits(port: int, store: Store) -> None:
    store.slow = 0.05
    threads = [
        threading.Thread(target=deliver, args=(port, "help@shop.example")) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(store.items) == 20
    assert store.commits < 20


def test_a_mail_of_several_megabytes_arrives_whole(port: int, store: Store) -> None:
    body = mail(("z" * 70 + "\r\n") * 60_000)
    deliver(port, "help@shop.example", data=body)
    assert store.items[0].raw.body == body


def test_addresses_in_any_script(port: int, store: Store) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        assert client.mail("jürgen@häuser.example", ["SMTPUTF8"])[0] == 250
        assert client.rcpt("help@shop.example")[0] == 250
        assert client.data(mail(From="jürgen@häuser.example"))[0] == 250
    assert store.items[0].order_key == "jürgen@häuser.example"


def test_public_addresses_have_a_share_and_our_own_networks_none() -> None:
    limits = smtp.Limits()
    assert all(limits.enter("8.8.8.8") for _ in range(smtp.CONNECTIONS_EACH))
    assert not limits.enter("8.8.8.8")
    assert all(limits.enter("10.0.0.1") for _ in range(100))
    limits.leave("8.8.8.8")
    assert limits.enter("8.8.8.8")
    assert all(limits.may_send("8.8.4.4") for _ in range(smtp.MAILS_EACH_MINUTE))
    assert not limits.may_send("8.8.4.4")
    assert all(limits.may_send("127.0.0.1") for _ in range(1000))
