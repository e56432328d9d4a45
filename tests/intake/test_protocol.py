"""The webhook door byte by byte: what a vendor, a slow client or a hostile one may write on the wire."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from sportello.channels import spool
from sportello.channels.contract import Raw
from sportello.channels.models import Channel, SpoolItem
from sportello.channels.providers.fake.provider import sign
from sportello.channels.queries import Mouth, forget
from sportello.intake import protocol, rates, webhooks
from tests.widget.conftest import Door


def body_of(*ids: str) -> bytes:
    said = [{"id": one, "from": "ada", "name": "Ada", "text": "Buongiorno"} for one in ids]
    return json.dumps({"messages": said}).encode()


def request(door: Door, body: bytes, *headers: str, path: str = "", length: bool = True) -> bytes:
    lines = [
        f"POST {path or '/intake/' + door.shop.fake.public_id} HTTP/1.1",
        "host: localhost",
        f"x-fake-signature: {sign(body, 's3cret')}",
        *([f"content-length: {len(body)}"] if length else []),
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body if length else b"")


@contextmanager
def line(door: Door) -> Iterator[socket.socket]:
    _at_hand(door)
    with closing(socket.create_connection(("localhost", door.port), timeout=10)) as wire:
        yield wire


def _at_hand(door: Door) -> None:
    """The first request of a channel goes the ordinary way and brings the channels to hand."""
    with closing(socket.create_connection(("localhost", door.port), timeout=10)) as wire:
        wire.sendall(request(door, b"{}"))
        assert answer(wire)[0] == 200


def answer(wire: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next answer; ``(0, {}, b"")`` when the other side closed."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = wire.recv(1)
        if not more:
            return 0, {}, b""
        got += more
    head, _, rest = got.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(one.lower().split(": ", 1) for one in lines)
    while len(rest) < int(headers.get("content-length", 0)):
        rest += wire.recv(4096)
    return int(first.split()[1]), headers, rest


def stored(*ids: str) -> int:
    return SpoolItem.objects.filter(external_ids__overlap=list(ids)).count()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names what went the short way: a test that fell back to the ordinary one would prove nothing."""
    taken: list[str] = []
    item = webhooks.item

    def counted(mouth: Mouth, raw: Raw) -> spool.SpoolItem:
        made = item(mouth, raw)
        taken.extend(made.external_ids)
        return made

    monkeypatch.setattr(webhooks, "item", counted)
    monkeypatch.setattr(webhooks, "_take", None)
    return taken


@pytest.fixture
def wire(door: Door) -> Iterator[socket.socket]:
    with line(door) as opened:
        yield opened


def test_one_after_the_other_on_one_connection(
    door: Door, wire: socket.socket, short: list[str]
) -> None:
    for one in ("a", "b", "c"):
        wire.sendall(request(door, body_of(one)))
        status, headers, _ = answer(wire)
        assert status == 200
        assert headers["content-length"] == "0"
        assert headers["x-content-type-options"] == "nosniff"
    assert short == ["a", "b", "c"]
    assert stored("a", "b", "c") == 3


def test_byte_by_byte(door: Door, wire: socket.socket, short: list[str]) -> None:
    for byte in request(door, body_of("slow")):
        wire.sendall(bytes([byte]))
    assert answer(wire)[0] == 200
    assert short == ["slow"]
    assert stored("slow") == 1


def test_chunked(door: Door, wire: socket.socket, short: list[str]) -> None:
    body = body_of("chunked")
    wire.sendall(request(door, body, "transfer-encoding: chunked", length=False))
    for part in (body[:10], body[10:]):
        wire.sendall(b"%x\r\n%b\r\n" % (len(part), part))
    wire.sendall(b"0\r\n\r\n")
    assert answer(wire)[0] == 200
    assert short == ["chunked"]


def test_a_forged_signature_is_refused_and_the_connection_goes_on(
    door: Door, wire: socket.socket
) -> None:
    forged = request(door, body_of("forged")).replace(b"x-fake-signature: ", b"x-fake-signature: 0")
    wire.sendall(forged)
    status, headers, text = answer(wire)
    assert status == 401
    assert b"signature" in text
    assert "default-src 'none'" in headers["content-security-policy"]
    wire.sendall(request(door, body_of("honest")))
    assert answer(wire)[0] == 200
    assert (stored("forged"), stored("honest")) == (0, 1)
    deadline = time.monotonic() + 5
    while not Channel.objects.get(pk=door.shop.fake.pk).refused_count:
        assert time.monotonic() < deadline, "the channel page does not count it"
        time.sleep(0.02)


def test_connection_close_is_kept(door: Door, wire: socket.socket) -> None:
    wire.sendall(request(door, body_of("last"), "connection: close"))
    status, headers, _ = answer(wire)
    assert (status, headers["connection"]) == (200, "close")
    assert answer(wire)[0] == 0


def test_requests_sent_ahead_are_never_half_taken(door: Door, wire: socket.socket) -> None:
    """Whatever was answered is stored, whatever was not can be sent again."""
    wire.sendall(request(door, body_of("p1")) + request(door, body_of("p2")))
    answered = 0
    while answer(wire)[0] == 200:
        answered += 1
        if answered == 2:
            break
    assert answered >= 1
    assert stored("p1", "p2") == answered


def test_a_page_asked_for_behind_a_webhook_does_not_overtake_it(
    door: Door, wire: socket.socket
) -> None:
    wire.sendall(request(door, body_of("first")))
    assert answer(wire)[0] == 200
    wire.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert b"ok" in answer(wire)[2].lower()
    wire.sendall(request(door, body_of("then")))
    assert answer(wire)[0] == 200
    assert stored("first", "then") == 2


def test_a_giant_is_refused_before_it_fills_memory(
    door: Door, wire: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MAX_BODY", 1000)
    wire.sendall(request(door, b"x" * 5000))
    assert answer(wire)[0] == 413
    assert answer(wire)[0] == 0


@pytest.mark.parametrize("share", [0.3, 0.95], ids=["in the headers", "in the body"])
def test_who_dawdles_is_cut_off(
    door: Door, wire: socket.socket, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SLOW_CLIENT", 0.2)
    whole = request(door, body_of("late"))
    wire.sendall(whole[: int(len(whole) * share)])
    assert answer(wire)[0] == 408
    assert answer(wire)[0] == 0
    assert stored("late") == 0


def test_who_hangs_up_half_way_leaves_nothing(door: Door) -> None:
    with line(door) as wire:
        wire.sendall(request(door, body_of("half"))[:-5])
    with line(door) as wire:
        wire.sendall(request(door, body_of("whole")))
        assert answer(wire)[0] == 200
    assert (stored("half"), stored("whole")) == (0, 1)


def test_a_full_spool_asks_to_come_back(
    door: Door, wire: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "QUEUE", 0)
    wire.sendall(request(door, body_of("full")))
    status, headers, _ = answer(wire)
    assert (status, headers["retry-after"]) == (503, "2")
    monkeypatch.setattr(spool, "QUEUE", 100)
    wire.sendall(request(door, body_of("full")))
    assert answer(wire)[0] == 200


def test_a_channel_may_send_so_much(
    door: Door, wire: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "RATE", 2)
    monkeypatch.setattr(rates, "_buckets", {})
    seen = []
    for number in range(4):
        wire.sendall(request(door, body_of(f"r{number}")))
        seen.append(answer(wire)[0])
    assert seen == [200, 200, 429, 429]


def test_expect_is_answered_the_ordinary_way(door: Door, wire: socket.socket) -> None:
    body = body_of("expected")
    head = request(door, body, "expect: 100-continue")
    wire.sendall(head[: -len(body)])
    assert answer(wire)[0] == 100
    wire.sendall(body)
    assert answer(wire)[0] == 200
    assert stored("expected") == 1


def test_a_channel_turned_off_takes_nothing(door: Door, wire: socket.socket) -> None:
    Channel.objects.filter(pk=door.shop.fake.pk).update(is_active=False)
    forget()
    wire.sendall(request(door, body_of("off")))
    assert answer(wire)[0] == 410
    wire.sendall(request(door, b"{}", path="/intake/unknown"))
    assert answer(wire)[0] == 404
