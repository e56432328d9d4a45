"""The webhook door answers vendors' questions, and learns the keys that they sign with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from sportello.channels import spool
from sportello.channels.contract import (
    Capabilities,
    Challenge,
    Envelope,
    KeysWanted,
    Provider,
    Raw,
    Refused,
)
from sportello.channels.queries import Mouth
from sportello.core.net import Net, NetError
from sportello.intake import refusals, webhooks


class Asking(Provider):
    """``ask:…`` is a question, ``key:…`` is signed with a key that may have to be fetched."""

    kind, name, identity_kind = "asking", "Asking", "fake"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.lessons = 0
        self.away = False

    def handshake(self, raw: Raw, settings: Mapping[str, Any]) -> Challenge | None:
        if not raw.body.startswith(b"ask:"):
            return None
        if raw.body != b"ask:right":
            raise Refused("Not ours.")
        return Challenge(200, "echo", "application/json")

    def verify(self, raw: Raw, settings: Mapping[str, Any]) -> None:
        if raw.body.decode().removeprefix("key:") not in self.known:
            raise KeysWanted("Unknown key.")

    def learn_keys(self, settings: Mapping[str, Any], net: Net) -> None:
        self.lessons += 1
        if self.away:
            raise NetError("away")
        self.known.add("new")

    def envelope(self, raw: Raw) -> Envelope:
        return Envelope("one")


class Spool:
    def __init__(self) -> None:
        self.items: list[spool.SpoolItem] = []

    async def put(self, item: spool.SpoolItem) -> int:
        self.items.append(item)
        return len(self.items)


@pytest.fixture
def provider() -> Asking:
    return Asking()


@pytest.fixture
def kept(provider: Asking, monkeypatch: pytest.MonkeyPatch) -> list[spool.SpoolItem]:
    store = Spool()
    mouth = Mouth(901, "abc", "Asking", provider, 1, None, {}, is_active=True)
    monkeypatch.setattr(webhooks, "mouths_at_hand", lambda: {"abc": mouth})
    monkeypatch.setattr(spool, "writer", lambda: store)
    monkeypatch.setattr(refusals, "count", lambda channel: None)
    monkeypatch.setattr(webhooks, "_learnt", {})
    monkeypatch.setattr(webhooks, "_lessons", {})
    return store.items


def post(body: bytes, path: str = "/intake/abc", times: int = 1) -> list[tuple[int, bytes]]:
    """Status and body of so many calls at once."""

    async def one() -> tuple[int, bytes]:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {"type": "http", "path": path, "query_string": b"", "headers": []}
        await webhooks.door(scope, receive, send)
        return said[0]["status"], said[1]["body"]

    async def together() -> list[tuple[int, bytes]]:
        return list(await asyncio.gather(*(one() for _ in range(times))))

    return asyncio.run(together())


def test_a_question_is_answered_and_not_kept(kept: list[spool.SpoolItem]) -> None:
    assert post(b"ask:right") == [(200, b"echo")]
    assert kept == []


def test_a_question_of_a_stranger_is_refused(kept: list[spool.SpoolItem]) -> None:
    assert post(b"ask:wrong")[0][0] == 401
    assert kept == []


def test_a_path_that_the_vendor_appends_leads_to_the_same_channel(
    kept: list[spool.SpoolItem], provider: Asking
) -> None:
    provider.known.add("new")
    assert post(b"key:new", "/intake/abc/message")[0][0] == 200
    assert post(b"key:new", "/intake/abcd")[0][0] == 404
    assert kept[0].raw.url.endswith("/intake/abc/message")


def test_the_first_message_waits_for_the_keys_and_is_kept(
    kept: list[spool.SpoolItem], provider: Asking
) -> None:
    answers = post(b"key:new", times=5)
    assert [status for status, _ in answers] == [200] * 5
    assert provider.lessons == 1, "who comes meanwhile waits for the same lesson"
    assert len(kept) == 5


def test_invented_keys_do_not_make_us_ask_again_and_again(
    kept: list[spool.SpoolItem], provider: Asking
) -> None:
    assert [post(b"key:invented")[0][0] for _ in range(5)] == [401] * 5
    assert provider.lessons == 1
    assert kept == []


def test_keys_out_of_reach_mean_come_again_and_not_go_away(
    kept: list[spool.SpoolItem], provider: Asking
) -> None:
    provider.away = True
    assert post(b"key:new")[0][0] == 503
    assert post(b"key:new")[0][0] == 503, "still no reason to tell a genuine caller to go away"
    assert provider.lessons == 1
    assert kept == []
