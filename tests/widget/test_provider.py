"""Web chat as a provider: whatever the bytes are, it answers with a message, a fact, or `Unreadable`."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.channels.contract import (
    Address,
    Ended,
    Inbound,
    Outbound,
    Raw,
    Refused,
    Sent,
    Status,
    StatusUpdate,
    Unreadable,
)
from sportello.channels.providers.webchat import origins, provider
from sportello.channels.providers.webchat.identity import sign
from sportello.core.net import Net

VISITOR = "3d2f4b06-6a0f-4d5c-9a52-0d6c1c8e6b11"
SAID = "9b7a5f0e-2c1d-4f3a-8e6b-7c5d4e3f2a10"
SECRET = {"identity_secret": "site-secret"}


def raw(**frame: Any) -> Raw:
    return Raw(
        json.dumps({"visitor": VISITOR, "at": "2026-11-20T10:00:00+00:00"} | frame).encode(),
        source="widget",
    )


def said(settings: dict[str, Any] | None = None, /, text: str = "Ciao", **frame: Any) -> Inbound:
    say = {"id": SAID, "text": text} | frame.pop("say", {})
    (message,) = provider.parse(raw(say=say, **frame), settings or {})
    assert isinstance(message, Inbound)
    return message


def claims(message: Inbound) -> set[tuple[str, str, bool]]:
    return {(address.kind, address.address, address.verified) for address in message.claimed}


def test_a_message_names_visitor_page_and_language() -> None:
    message = said(page={"url": "https://shop.example/moka", "title": "Moka"}, language="it")
    assert (message.external_id, message.text, message.language) == (SAID, "Ciao", "it")
    assert message.sender == Address("visitor", VISITOR)
    assert message.meta == {"page": "https://shop.example/moka", "title": "Moka"}
    assert message.thread_ref == ""


def test_items_of_one_visitor_are_applied_in_order() -> None:
    assert provider.envelope(raw(say={"id": SAID, "text": "x"})).order_key == f"visitor:{VISITOR}"
    assert provider.envelope(raw(end={"id": SAID})).order_key == f"visitor:{VISITOR}"
    assert provider.envelope(raw(say={"id": SAID, "text": "x"})).external_ids == (SAID,)


def test_what_is_typed_in_the_form_is_claimed_never_verified() -> None:
    message = said(say={"form": {"name": "Ada", "email": "Ada@Home.example"}})
    assert claims(message) == {("email", "ada@home.example", False)}
    assert (message.sender.name, message.sender.verified) == ("Ada", False)


def test_a_signed_address_is_verified() -> None:
    identity = {
        "email": "ada@home.example",
        "name": "Ada",
        "hmac": sign("site-secret", "ada@home.example"),
    }
    message = said(SECRET, identity=identity)
    assert claims(message) == {("email", "ada@home.example", True)}
    assert (message.sender.verified, message.sender.how) == (True, "hmac")


def test_a_signature_over_the_user_id_does_not_vouch_for_the_address_beside_it() -> None:
    identity = {"user_id": "17", "email": "boss@home.example", "hmac": sign("site-secret", "17")}
    assert claims(said(SECRET, identity=identity)) == {
        ("user", "17", True),
        ("email", "boss@home.example", False),
    }


@pytest.mark.parametrize("secret", ["site-secret", ""])
@pytest.mark.parametrize(
    "hmac",
    ["", "0" * 64, sign("other", "ada@home.example"), sign("", "ada@home.example"), {"$ne": 1}],
)
def test_a_bad_signature_verifies_nothing(hmac: Any, secret: str) -> None:
    message = said(
        {"identity_secret": secret}, identity={"email": "ada@home.example", "hmac": hmac}
    )
    assert not message.sender.verified
    assert not any(address.verified for address in message.claimed)


def test_a_replay_is_recognised_by_id_and_a_changed_text_by_fingerprint() -> None:
    assert said().fingerprint == said().fingerprint
    assert said().fingerprint != said(text="Altro").fingerprint


def test_seen_and_end() -> None:
    seen = provider.parse(raw(seen={"ids": ["12", "13"], "read": True}), {})
    assert [(s.external_id, s.status) for s in seen if isinstance(s, StatusUpdate)] == [
        ("12", Status.READ),
        ("13", Status.READ),
    ]
    (delivered,) = provider.parse(raw(seen={"ids": ["12"], "read": False}), {})
    assert isinstance(delivered, StatusUpdate)
    assert delivered.status is Status.DELIVERED
    (ended,) = provider.parse(raw(end={"id": SAID}), {})
    assert ended == Ended(Address("visitor", VISITOR), "", SAID)


@pytest.mark.parametrize("source", ["webhook", "smtp", "imap"])
def test_nobody_writes_through_another_door(source: str) -> None:
    with pytest.raises(Refused):
        provider.verify(Raw(raw(say={"id": SAID, "text": "x"}).body, source=source), {})


def test_a_giant_message_is_cut_and_a_giant_list_of_files_too() -> None:
    assert len(said(text="x" * 100_000).text) == 8_000
    files = [{"key": f"k{n}", "name": "a.png", "type": "image/png"} for n in range(500)]
    assert len(said(say={"files": files}).files) == 10


HOSTILE: list[bytes] = [
    b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 50_000, b'{"visitor":{"$ne":null},"say":{}}',
    json.dumps({"visitor": VISITOR}).encode(),
    json.dumps({"visitor": VISITOR, "say": {"id": SAID, "text": {"$gt": ""}}}).encode(),
    json.dumps({"visitor": VISITOR, "say": {"id": "1", "text": "x"}}).encode(),
    json.dumps({"visitor": VISITOR, "say": {"id": SAID, "text": " \x00 "}}).encode(),
    json.dumps({"visitor": VISITOR, "say": {"id": SAID, "text": "x", "files": {"a": 1}}}).encode(),
    json.dumps({"visitor": VISITOR, "seen": {"ids": 3}}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_malformed_bytes_are_unreadable(body: bytes) -> None:
    provider.envelope(Raw(body, source="widget"))
    with pytest.raises(Unreadable):
        provider.parse(Raw(body, source="widget"), {})


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=8,
    )
)
def test_any_json_is_read_or_unreadable(value: Any) -> None:
    for frame in (
        value,
        {"visitor": VISITOR, "say": value},
        {"visitor": VISITOR, "say": {"id": SAID, "text": "x", "form": value, "files": value}},
        {"visitor": VISITOR, "seen": value},
    ):
        body = Raw(json.dumps(frame).encode(), source="widget")
        provider.envelope(body)
        with contextlib.suppress(Unreadable):
            provider.parse(body, {})


def test_sending_is_idempotent_and_touches_no_network() -> None:
    outbound = Outbound("key", Address("visitor", VISITOR), "Ciao", message_id="12")
    assert provider.send(outbound, {}, Net.from_environ()) == Sent("12", Status.SENT)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://example.com", True),
        ("https://EXAMPLE.com:443", True),
        ("https://sportello.example", True),
        ("https://evil-example.com", False),
        ("https://example.com.evil.net", False),
        ("https://sub.example.com", False),
        ("http://example.com", False),
        ("https://example.com:8443", False),
        ("https://example.com@evil.net", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_origins_match_whole(origin: str | None, allowed: bool) -> None:
    settings = {"origins": "https://example.com\nhttps://*.wild.example\n"}
    assert origins.allows(settings, origin, ["https://sportello.example"]) is allowed
    assert origins.unreadable(settings) == ["https://*.wild.example"]
