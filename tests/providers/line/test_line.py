"""LINE, both directions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Outbound,
    Profile,
    QuickReply,
    Raw,
    Sent,
)
from sportello.channels.providers.line import provider
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.line import TOKEN, MessagingApi

SETTINGS: dict[str, Any] = {"channel_secret": "channel-s3cret", "channel_access_token": TOKEN}
USER = {"type": "user", "userId": "U206d25c2ea6bd87c17655609a1c37cb8"}


def event(**fields: Any) -> dict[str, Any]:
    plain = {"type": "message", "mode": "active", "timestamp": 1462629479859, "source": USER}
    return plain | {"webhookEventId": "01ABC", "replyToken": "r"} | fields


def body(*events: dict[str, Any]) -> bytes:
    return json.dumps({"destination": "U123", "events": events}).encode()


def parsed(*events: dict[str, Any]) -> list[Any]:
    return provider.parse(Raw(body(*events)), SETTINGS)


def text(words: str, **fields: Any) -> dict[str, Any]:
    return event(message={"id": "325708", "type": "text", "text": words} | fields)


class TestLine(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("channel_secret", "channel_access_token", "api_base")
    recipient = "U206d25c2ea6bd87c17655609a1c37cb8"
    refusal = Answer(400, {"message": "That person left us", "details": []})

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        secret = (settings["channel_secret"] or "").encode()
        made = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
        return Raw(body, {"x-line-signature": made})

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        said = {"id": external_id, "type": "text", "text": text}
        return body(event(message=said, webhookEventId=f"e-{external_id}"))

    def ignored(self) -> list[bytes]:
        kinds = ("follow", "unfollow", "join", "leave", "unsend", "brand_new")
        return [body(), *(body(event(type=kind)) for kind in kinds)]

    def cloud(self) -> Cloud:
        return MessagingApi()


def test_the_signature_vector() -> None:
    raw = Raw(b'{"destination":"U123","events":[]}', {"x-line-signature": "7Wmqxy9fuP0eEr6J3Xd/bmI7VJEJh7k7mN77kq47Fvo="})  # fmt: skip
    provider.verify(raw, {"channel_secret": "channel_secret"})


def test_a_message_says_who_when_and_what_it_answers() -> None:
    (found,) = parsed(text("Ciao", quotedMessageId="9"))
    assert isinstance(found, Inbound)
    assert (found.external_id, found.text, found.answers, found.thread_ref) == ("325708", "Ciao", "9", "")  # fmt: skip
    assert found.sender.address == USER["userId"]
    assert found.sent_at
    assert found.sent_at.year == 2016


def test_several_events_of_one_call_are_all_read() -> None:
    second = event(message={"id": "2", "type": "text", "text": "two"})
    assert [m.text for m in parsed(text("one"), event(type="follow"), second)] == ["one", "two"]
    assert provider.envelope(Raw(body(text("one"), second))).external_ids == ("325708", "2")


def test_a_group_is_a_thread_of_its_own() -> None:
    (found,) = parsed(text("hi") | {"source": {"type": "group", "groupId": "Cg", "userId": "Uu"}})
    assert (found.sender.address, found.thread_ref) == ("Uu", "Cg")


def test_media_stay_at_line_or_where_they_are() -> None:
    (own,) = parsed(event(message={"id": "5", "type": "file", "fileName": "a.pdf"}))
    assert (own.files[0].name, own.files[0].media_ref) == ("a.pdf", "5")
    outside = {"type": "external", "originalContentUrl": "https://x.example/1.jpg"}
    (other,) = parsed(event(message={"id": "6", "type": "image", "contentProvider": outside}))
    assert other.files[0].media_ref == "https://x.example/1.jpg"


def test_stickers_places_and_buttons_are_put_into_words() -> None:
    found = parsed(
        event(message={"id": "1", "type": "sticker", "keywords": ["Love", "You"]}),
        event(message={"id": "2", "type": "location", "title": "Home", "latitude": 35.6, "longitude": 139.7}),
        event(type="postback", postback={"data": "yes"}),
    )  # fmt: skip
    assert [m.text for m in found] == [
        "Love, You",
        "Home\nhttps://www.openstreetmap.org/?mlat=35.6&mlon=139.7",
        "yes",
    ]


def test_the_payloads_beside_the_repository_are_read() -> None:
    for name, payload in fixtures.payloads("line", pattern="webhook.json"):
        found = provider.parse(Raw(json.dumps(payload).encode()), SETTINGS)
        said = [e for e in payload["events"] if e["type"] in ("message", "postback", "unsend")]
        assert len(found) == len(said), name


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        outbound = Outbound("k1", Address("line", "Uu"), **({"text": "Ciao"} | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_text_picture_and_buttons_leave_as_one_push(self) -> None:
        file = File("a.png", "image/png", media_ref="https://f.example/a.png")
        with MessagingApi() as cloud:
            outcome = self.send(cloud, files=(file,), quick_replies=(QuickReply("y", "Y" * 30),))
            assert isinstance(outcome, Sent)
            push = cloud.calls[0].json
        assert [m["type"] for m in push["messages"]] == ["text", "image"]
        (button,) = push["messages"][-1]["quickReply"]["items"]
        assert len(button["action"]["label"]) == 20

    def test_a_second_try_is_recognised_and_not_doubled(self) -> None:
        with MessagingApi() as cloud:
            assert isinstance(self.send(cloud), Sent)
            assert self.send(cloud) == Sent("request-0")

    def test_a_group_is_answered_in_the_group(self) -> None:
        with MessagingApi() as cloud:
            self.send(cloud, thread_ref="Cg")
            assert cloud.calls[0].json["to"] == "Cg"

    def test_a_used_up_month_is_no_matter_of_waiting(self) -> None:
        with MessagingApi() as cloud:
            cloud.script.append(Answer(429, {"message": "You have reached your monthly limit."}))
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent

    def test_a_file_without_a_public_address_is_refused(self) -> None:
        with MessagingApi() as cloud:
            assert "a.png" in self.send(cloud, files=(File("a.png", "image/png", b"x"),)).reason


def test_media_are_fetched_with_the_token() -> None:
    with MessagingApi() as cloud:
        cloud.contents["5"] = b"PNG"
        settings = SETTINGS | {"api_base": cloud.url}
        found = provider.fetch_media(File("a", "image/jpeg", media_ref="5"), settings, impatient())
        assert (found.content, found.content_type) == (b"PNG", "image/png")
        with pytest.raises(NetError):
            provider.fetch_media(File("a", "x/y", media_ref="../6"), settings, impatient())


def test_a_friends_name_is_told_when_asked() -> None:
    with MessagingApi() as cloud:
        cloud.friends["U1"] = "Ada"
        settings = SETTINGS | {"api_base": cloud.url}
        assert provider.profile(Address("line", "U1"), settings, impatient()) == Profile("Ada")
        assert provider.profile(Address("line", "../info"), settings, impatient()) is None


def test_the_check_registers_the_address_when_it_is_known() -> None:
    with MessagingApi() as cloud:
        settings = SETTINGS | {"api_base": cloud.url, "webhook_url": "https://x.example/intake/c"}
        assert all(line.ok for line in provider.check(settings, impatient()))
        assert cloud.endpoint["endpoint"] == "https://x.example/intake/c"
        cloud.endpoint["active"] = False
        assert [line.ok for line in provider.check(settings, impatient())] == [True, False]
