"""A real Dovecot: the cursor, IDLE, lost connections, renumbered folders."""

from __future__ import annotations

import threading
import time
from ipaddress import ip_network
from typing import Any

import pytest

from sportello.channels.contract import Raw
from sportello.channels.providers.email import imap, provider
from sportello.core.net import Net, NetError
from sportello.core.net.mail import ImapRefused, MailboxError
from tests.email.dovecot import Dovecot

NET = Net((ip_network("127.0.0.0/8"),))


def names(found: list[tuple[Raw, dict[str, Any]]]) -> list[str]:
    return [raw.body.split(b"\r\n\r\n")[1].strip().decode() for raw, _ in found if raw.body]


def fetch(settings: dict[str, Any], cursor: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    found = list(provider.poll(settings, cursor, NET))
    return names(found), found[-1][1] if found else cursor


def test_the_first_connection_starts_from_now(dovecot: Dovecot) -> None:
    dovecot.deliver("old1", "old2")
    got, cursor = fetch(dovecot.settings, {})
    assert got == []
    dovecot.deliver("new1", "new2")
    got, cursor = fetch(dovecot.settings, cursor)
    assert got == ["new1", "new2"]
    assert fetch(dovecot.settings, cursor)[0] == []


def test_or_from_a_date_that_is_set(dovecot: Dovecot) -> None:
    dovecot.deliver("old1", "old2")
    assert fetch(dovecot.settings | {"imap_since": "2020-01-31"}, {})[0] == ["old1", "old2"]
    assert fetch(dovecot.settings | {"imap_since": "nonsense"}, {})[0] == []


def test_flags_are_neither_asked_nor_touched(dovecot: Dovecot) -> None:
    _, cursor = fetch(dovecot.settings, {})
    dovecot.deliver("unread")
    dovecot.deliver("read", flags="(\\Seen)")
    assert fetch(dovecot.settings, cursor)[0] == ["unread", "read"]
    client = dovecot.client()
    client.select("INBOX", readonly=True)
    assert client.search(None, "UNSEEN")[1] == [b"1"]
    client.logout()


def test_each_mail_carries_the_cursor_that_remembers_it(dovecot: Dovecot) -> None:
    _, cursor = fetch(dovecot.settings, {})
    dovecot.deliver("a", "b", "c")
    found = list(provider.poll(dovecot.settings, cursor, NET))
    assert fetch(dovecot.settings, found[0][1])[0] == ["b", "c"]


def test_a_renumbered_folder_is_looked_through_again(dovecot: Dovecot) -> None:
    _, cursor = fetch(dovecot.settings, {})
    dovecot.deliver("a", "b")
    _, cursor = fetch(dovecot.settings, cursor)
    dovecot.renumber()
    got, later = fetch(dovecot.settings, cursor)
    assert later["uidvalidity"] != cursor["uidvalidity"]
    assert got == ["a", "b"]
    assert fetch(dovecot.settings, later)[0] == []


class Listening:
    """`listen` in a thread, with what it stored."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.found: list[str] = []
        self.cursor: dict[str, Any] = {}
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(settings,), daemon=True)
        self._thread.start()

    def _run(self, settings: dict[str, Any]) -> None:
        try:
            provider.listen(settings, self.cursor, NET, self._store, self._stop.is_set)
        except BaseException as error:
            self.error = error

    def _store(self, raw: Raw, cursor: dict[str, Any]) -> None:
        self.found += names([(raw, cursor)])
        self.cursor = cursor

    def wait(self, count: int, seconds: float = 8) -> list[str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and len(self.found) < count:
            time.sleep(0.02)
        return self.found

    def ready(self) -> None:
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline and not self.cursor:
            time.sleep(0.02)
        time.sleep(0.2)

    def stop(self) -> float:
        start = time.monotonic()
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        return time.monotonic() - start


def test_idle_brings_a_mail_within_a_second(dovecot: Dovecot) -> None:
    listening = Listening(dovecot.settings)
    listening.ready()
    start = time.monotonic()
    dovecot.deliver("now")
    assert listening.wait(1) == ["now"]
    assert time.monotonic() - start < 3
    assert listening.stop() < 5


def test_idle_is_renewed_and_still_hears(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(imap, "GLANCE_SECONDS", 0.1)
    listening = Listening(dovecot.settings)
    listening.ready()
    time.sleep(1.5)
    dovecot.deliver("late")
    assert listening.wait(1) == ["late"]
    listening.stop()


def test_a_lost_connection_loses_no_mail(dovecot: Dovecot) -> None:
    listening = Listening(dovecot.settings)
    listening.ready()
    dovecot.deliver("one")
    listening.wait(1)
    dovecot.hang_up()
    dovecot.deliver("two")
    assert listening.wait(2, 15) == ["one", "two"]
    assert listening.error is None
    listening.stop()


def test_a_server_that_is_gone_is_said(dovecot: Dovecot) -> None:
    dovecot.stop()
    with pytest.raises(NetError):
        provider.listen(dovecot.settings, {}, NET, lambda *_: None, lambda: False)


def test_what_cannot_be_stored_is_fetched_again(dovecot: Dovecot) -> None:
    _, cursor = fetch(dovecot.settings, {})
    dovecot.deliver("kept")

    def full(raw: Raw, reached: dict[str, Any]) -> None:
        raise OSError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        provider.listen(dovecot.settings, cursor, NET, full, lambda: False)
    assert fetch(dovecot.settings, cursor)[0] == ["kept"]


def test_the_check_says_what_is_wrong(dovecot: Dovecot) -> None:
    assert provider.check(dovecot.settings, NET)[0].ok
    wrong = provider.check(dovecot.settings | {"imap_password": "no"}, NET)[0]
    assert wrong.ok is False
    assert "app password" in wrong.detail
    missing = provider.check(dovecot.settings | {"imap_folder": "Nowhere"}, NET)[0]
    assert missing.ok is False
    assert "folder" in missing.detail
    with pytest.raises((ImapRefused, MailboxError)):
        list(provider.poll(dovecot.settings | {"imap_password": "no"}, {}, NET))


def test_a_password_does_not_travel_in_the_open_to_strangers(dovecot: Dovecot) -> None:
    net = Net(resolver=lambda host, port: ["93.184.216.34"])
    with pytest.raises(NetError):
        net.imap("mail.example", 1143, user="u", password="p")
