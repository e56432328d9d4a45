"""Text messages by Vonage, both directions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Outbound,
    Raw,
    Refused,
    Sent,
    Status,
    StatusUpdate,
)
from sportello.channels.providers.vonage import provider
from sportello.channels.providers.vonage.signature import sign_fields
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.vonage import KEY, SECRET, MessagesApi, problem

SIGNING = "signature-s3cret"
SETTINGS: dict[str, Any] = {
    "api_key": KEY, "api_secret": SECRET, "signature_secret": SIGNING, "from_number": "+447700900001",
}  # fmt: skip


def part(data: Any) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=")


def token(body: bytes, secret: str = SIGNING, **claims: Any) -> str:
    payload = {"iss": "Vonage", "payload_hash": hashlib.sha256(body).hexdigest()} | claims
    told = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(payload)
    made = hmac.new(secret.encode(), told, hashlib.sha256).digest()
    return (told + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()


def event(**fields: Any) -> dict[str, Any]:
    plain = {"channel": "sms", "message_uuid": "u1", "to": "447700900001", "from": "393401234567"}
    return plain | {"timestamp": "2026-11-21T12:00:00Z", "message_type": "text"} | fields


def parsed(**fields: Any) -> Any:
    (found,) = provider.parse(Raw(json.dumps(event(**fields)).encode()), SETTINGS)
    return found


class TestVonage(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("api_key", "api_secret", "signature_secret", "from_number", "api_base")
    recipient = "+393401234567"
    refusal = problem(422, "Invalid params", "That person left us", "to")

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        signed = token(body, settings["signature_secret"] or "")
        return Raw(body, {"authorization": f"Bearer {signed}"})

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(event(message_uuid=external_id, text=text)).encode()

    def statuses(self) -> list[bytes]:
        return [
            json.dumps({"message_uuid": "u9", "to": "3934", "from": "44", "status": s}).encode()
            for s in ("submitted", "delivered", "read")
        ]

    def ignored(self) -> list[bytes]:
        return [json.dumps({"message_uuid": "u9", "status": "brand_new"}).encode()]

    def cloud(self) -> Cloud:
        return MessagesApi()


class TestSignature:
    def refused(self, raw: Raw) -> None:
        with pytest.raises(Refused):
            provider.verify(raw, SETTINGS)

    def test_a_token_without_a_signature_is_none(self) -> None:
        body = b"{}"
        claims = {"payload_hash": hashlib.sha256(body).hexdigest()}
        bare = (part({"alg": "none"}) + b"." + part(claims) + b".").decode()
        self.refused(Raw(body, {"authorization": f"Bearer {bare}"}))

    def test_a_token_that_binds_no_body_is_refused(self) -> None:
        unbound = token(b"{}", payload_hash=None)
        self.refused(Raw(b"{}", {"authorization": f"Bearer {unbound}"}))

    def test_the_older_api_signs_its_fields(self) -> None:
        fields = {"msisdn": "39340", "to": "44", "messageId": "0C", "text": "a&b=c", "timestamp": "1"}  # fmt: skip
        sig = sign_fields(fields, SIGNING)
        assert sig == hmac.new(SIGNING.encode(), b"&messageId=0C&msisdn=39340&text=a_b_c&timestamp=1&to=44", hashlib.sha256).hexdigest()  # fmt: skip
        for body in (urlencode(fields | {"sig": sig}), json.dumps(fields | {"sig": sig.upper()})):
            provider.verify(Raw(body.encode()), SETTINGS)
        self.refused(Raw(urlencode(fields | {"sig": sig, "text": "other"}).encode()))
        self.refused(Raw(urlencode(fields).encode()))


class TestReading:
    def test_a_message(self) -> None:
        found = parsed(text="Ciao")
        assert isinstance(found, Inbound)
        assert (found.external_id, found.text, found.thread_ref) == ("u1", "Ciao", "")
        assert found.sender == Address("phone", "+393401234567", verified=True, how="provider")
        assert found.sent_at

    def test_a_party_may_be_an_object(self) -> None:
        found = parsed(text="x", **{"from": {"type": "sms", "number": "393401234567"}})
        assert found.sender.address == "+393401234567"

    def test_pictures_buttons_places_and_other_channels(self) -> None:
        image = {"url": "https://m.example/1.jpg", "caption": "Look"}
        found = parsed(channel="mms", message_type="image", image=image)
        assert (found.text, found.files[0].media_ref) == ("Look", "https://m.example/1.jpg")
        reply = {"id": "r1", "title": "Yes"}
        found = parsed(channel="whatsapp", reply=reply, profile={"name": "Ada"}, context={"message_uuid": "u0"})  # fmt: skip
        assert (found.text, found.meta, found.answers) == ("Yes", {"postback": "r1"}, "u0")
        assert (found.sender.kind, found.sender.name, found.thread_ref) == ("whatsapp", "Ada", "whatsapp")  # fmt: skip
        assert "mlat=45.1" in parsed(location={"lat": 45.1, "long": 9.2}).text

    def test_the_older_api(self) -> None:
        fields = {
            "msisdn": "393401234567", "to": "44", "messageId": "0C", "text": "STOP", "type": "text",
            "message-timestamp": "2026-11-21+12:00:00", "concat": "true", "concat-part": "2", "concat-total": "3",
        }  # fmt: skip
        (found,) = provider.parse(Raw(urlencode(fields).encode()), SETTINGS)
        assert isinstance(found, Inbound)
        assert (found.external_id, found.meta) == ("0C", {"opt_out": True, "part": "2/3"})
        assert found.sent_at

    def test_a_failure_is_told(self) -> None:
        error = {"type": "x", "title": "1340", "detail": "Outside of the allowed window"}
        body = {"message_uuid": "u9", "status": "rejected", "error": error, "to": "39340"}
        (found,) = provider.parse(Raw(json.dumps(body).encode()), SETTINGS)
        assert isinstance(found, StatusUpdate)
        assert (found.status, found.reason) == (Status.FAILED, "1340. Outside of the allowed window")  # fmt: skip
        older = {"msisdn": "39340", "messageId": "0C", "status": "expired", "err-code": "2"}
        (found,) = provider.parse(Raw(urlencode(older).encode()), SETTINGS)
        assert isinstance(found, StatusUpdate)
        assert (found.external_id, found.reason) == ("0C", "Vonage error 2.")


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        plain: dict[str, Any] = {"recipient": Address("phone", "+39 340 1234567"), "text": "Ciao"}
        outbound = Outbound("k1", **(plain | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_the_body_is_as_documented(self) -> None:
        with MessagesApi() as cloud:
            assert isinstance(self.send(cloud), Sent)
            assert cloud.calls[0].json == {
                "channel": "sms", "message_type": "text", "to": "393401234567", "from": "447700900001",
                "text": "Ciao", "client_ref": "k1",
            }  # fmt: skip

    def test_a_picture_is_an_mms(self) -> None:
        file = File("a.png", "image/png", media_ref="https://f.example/a.png")
        with MessagesApi() as cloud:
            assert isinstance(self.send(cloud, files=(file,)), Sent)
            sent = cloud.calls[0].json
        assert (sent["channel"], sent["message_type"]) == ("mms", "image")
        assert sent["image"] == {"url": "https://f.example/a.png", "caption": "Ciao"}

    def test_answers_go_back_by_the_channel_they_came(self) -> None:
        with MessagesApi() as cloud:
            self.send(cloud, thread_ref="whatsapp")
            assert cloud.calls[0].json["channel"] == "whatsapp"

    def test_the_refusals_beside_the_repository_are_understood(self) -> None:
        for name, body in fixtures.payloads("vonage/python-sdk/messages", "vonage/python-sdk/http_client"):  # fmt: skip
            if "title" not in body:
                continue
            with MessagesApi() as cloud:
                cloud.script.append(Answer(422, body))
                outcome = self.send(cloud)
            assert isinstance(outcome, Failed), name
            assert outcome.reason, name


def test_an_account_without_an_application_is_told() -> None:
    with MessagesApi() as cloud:
        cloud.applications = 0
        (line,) = provider.check(SETTINGS | {"api_base": cloud.url}, impatient())
    assert line.ok is False


def test_long_texts_of_the_older_api_stay_whole() -> None:
    body = json.dumps({"msisdn": "393401234567", "messageId": "0C", "text": "x" * 900})
    (found,) = provider.parse(Raw(body.encode()), SETTINGS)
    assert isinstance(found, Inbound)
    assert len(found.text) == 900
