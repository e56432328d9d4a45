"""Viber, both directions."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Sent,
    Status,
    StatusUpdate,
)
from sportello.channels.providers.viber import provider
from tests.providers.conformance import Conformance, impatient
from tests.vendors.cloud import Answer, Call, Cloud
from tests.vendors.viber import TOKEN, BotApi, said

SETTINGS: dict[str, Any] = {"auth_token": TOKEN, "sender_name": "Shop"}
ADA = {"id": "01234567890A=", "name": "Ada", "language": "it", "country": "IT", "api_version": 8}


def event(**message: Any) -> dict[str, Any]:
    plain = {"event": "message", "timestamp": 1457764197627, "message_token": 4912661846655238145}
    return plain | {"sender": ADA, "message": {"type": "text"} | message}


def parsed(data: dict[str, Any]) -> list[Any]:
    return provider.parse(Raw(json.dumps(data).encode()), SETTINGS)


class TestViber(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("auth_token", "api_base")
    recipient = "01234567890A="
    refusal = said(3, "That person left us")
    rate_limit = Answer(200, {"status": 12, "status_message": "tooManyRequests"}, {"Retry-After": "7"})  # fmt: skip

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        key = (settings["auth_token"] or "").encode()
        return Raw(body, {"x-viber-content-signature": hmac.new(key, body, hashlib.sha256).hexdigest()})  # fmt: skip

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(event(text=text) | {"message_token": external_id}).encode()

    def statuses(self) -> list[bytes]:
        return [
            json.dumps({"event": e, "timestamp": 1, "message_token": 49, "user_id": "u="}).encode()
            for e in ("delivered", "seen")
        ]

    def ignored(self) -> list[bytes]:
        kinds = ("webhook", "subscribed", "unsubscribed", "conversation_started", "brand_new")
        return [json.dumps({"event": e, "timestamp": 1, "user": ADA}).encode() for e in kinds]

    def cloud(self) -> Cloud:
        return BotApi()


def test_the_signature_vector() -> None:
    raw = Raw(b'{"event":"message","timestamp":1457764197627}', {"x-viber-content-signature": "56ee86b55de791bab41223364562ca694af3053926248b0ed0dbc7db2ec1d86d"})  # fmt: skip
    provider.verify(raw, {"auth_token": "auth_token"})


def test_a_message() -> None:
    (found,) = parsed(event(text="Ciao"))
    assert isinstance(found, Inbound)
    assert (found.external_id, found.text, found.language) == ("4912661846655238145", "Ciao", "it")
    assert found.sender == Address("viber", "01234567890A=", "Ada", verified=True, how="provider")


def test_files_places_contacts_and_stickers() -> None:
    (picture,) = parsed(event(type="picture", media="https://dl.viber.example/1.jpg", text="Look"))
    assert (picture.text, picture.files[0].media_ref) == ("Look", "https://dl.viber.example/1.jpg")
    (file,) = parsed(event(type="file", media="https://dl.viber.example/2", file_name="a.pdf"))
    assert file.files[0].name == "a.pdf"
    (place,) = parsed(event(type="location", location={"lat": 45.1, "lon": 9.2}))
    assert "mlat=45.1&mlon=9.2" in place.text
    (card,) = parsed(event(type="contact", contact={"name": "Bob", "phone_number": "+39 340 1234567"}))  # fmt: skip
    assert card.text == "Bob\n+393401234567"
    (link,) = parsed(event(type="url", media="https://www.viber.com"))
    assert (link.text, link.files) == ("https://www.viber.com", ())
    (sticker,) = parsed(event(type="sticker", sticker_id=46105))
    assert sticker.text == "[sticker]"


def test_a_failure_comes_with_viber_s_words() -> None:
    (found,) = parsed({"event": "failed", "timestamp": 1, "message_token": 49, "desc": "failure description"})  # fmt: skip
    assert isinstance(found, StatusUpdate)
    assert (found.external_id, found.status, found.reason) == ("49", Status.FAILED, "failure description")  # fmt: skip


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        outbound = Outbound("k1", Address("viber", "u="), **({"text": "Ciao"} | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_text_files_and_buttons(self) -> None:
        files = (
            File("a.jpg", "image/jpeg", b"1", media_ref="https://f.example/a.jpg"),
            File("b.pdf", "application/pdf", b"22", media_ref="https://f.example/b.pdf"),
        )
        with BotApi() as cloud:
            outcome = self.send(cloud, files=files, quick_replies=(QuickReply("y", "Yes"),))
            assert outcome == Sent("5741311803571721087")
            sent = [c.json for c in cloud.calls]
        assert [m["type"] for m in sent] == ["text", "picture", "file"]
        assert sent[2]["size"] == 2
        assert sent[2]["keyboard"]["Buttons"][0]["Text"] == "Yes"
        assert sent[0]["tracking_data"] == "k1"

    def test_who_left_is_out_of_reach(self) -> None:
        with BotApi() as cloud:
            cloud.left.add("u=")
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "not subscribed" in outcome.reason

    def test_too_many_is_a_matter_of_waiting(self) -> None:
        with BotApi() as cloud:
            cloud.script.append(said(12, "tooManyRequests"))
            outcome = self.send(cloud)
        assert (outcome.permanent, outcome.retry_after) == (False, timedelta(seconds=30))

    def test_what_was_sent_in_part_is_not_sent_again(self) -> None:
        file = File("a.jpg", "image/jpeg", media_ref="https://f.example/a.jpg")
        with BotApi() as cloud:
            cloud.script.extend([said(0, "ok", message_token=1), said(12, "tooManyRequests")])
            assert self.send(cloud, files=(file,)).permanent


def test_media_are_fetched() -> None:
    class Files(Cloud):
        def respond(self, call: Call) -> Answer:
            return Answer(200, b"JPEG")

    with Files() as cloud:
        file = File("a", "image/jpeg", media_ref=f"{cloud.url}/1.jpg")
        assert provider.fetch_media(file, SETTINGS, impatient()).content == b"JPEG"


def test_the_check_registers_the_address_when_it_is_known() -> None:
    with BotApi() as cloud:
        cloud.webhook = ""
        settings = SETTINGS | {"api_base": cloud.url}
        assert [line.ok for line in provider.check(settings, impatient())] == [False]
        known = settings | {"webhook_url": "https://x.example/intake/c"}
        assert [line.ok for line in provider.check(known, impatient())] == [True]
        assert cloud.webhook == "https://x.example/intake/c"
