"""RCS for Business, both directions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any

import pytest

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Nature,
    Outbound,
    QuickReply,
    Raw,
    Refused,
    Sent,
    Status,
    StatusUpdate,
)
from sportello.channels.providers.rcs import provider
from sportello.channels.providers.rcs.provider import sign_in_address
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Call, Cloud
from tests.vendors.rcs import AGENT, Rbm, problem, service_account

SETTINGS: dict[str, Any] = {"agent_id": AGENT, "service_account": service_account(), "client_token": "client-t0ken"}  # fmt: skip
PHONE = "+393401234567"


def news(**fields: Any) -> bytes:
    plain = {"senderPhoneNumber": PHONE, "messageId": "m1", "sendTime": "2026-11-21T10:00:00.123Z", "agentId": AGENT}  # fmt: skip
    data = base64.b64encode(json.dumps(plain | fields).encode()).decode()
    attributes = {"business_id": AGENT, "type": "message", "product": "RBM"}
    return json.dumps({"message": {"data": data, "attributes": attributes, "messageId": "1"}, "subscription": "s"}).encode()  # fmt: skip


def parsed(body: bytes) -> list[Any]:
    return provider.parse(Raw(body), SETTINGS)


def message(**fields: Any) -> Inbound:
    (found,) = parsed(news(**fields))
    assert isinstance(found, Inbound)
    return found


class TestRcs(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("agent_id", "service_account", "client_token", "api_base")
    recipient = PHONE

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        try:
            inside = base64.b64decode(json.loads(body)["message"]["data"])
        except (ValueError, TypeError, KeyError, RecursionError):
            inside = b""
        made = hmac.new((settings["client_token"] or "").encode(), inside, hashlib.sha512).digest()
        return Raw(body, {"x-goog-signature": base64.b64encode(made).decode()})

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return news(messageId=external_id, text=text)

    def statuses(self) -> list[bytes]:
        return [news(eventType=e, eventId=f"e-{e}", messageId="k1") for e in ("DELIVERED", "READ")]

    def ignored(self) -> list[bytes]:
        kinds = ("IS_TYPING", "TTL_EXPIRATION_REVOKE_FAILED", "BRAND_NEW")
        return [*(news(eventType=e, eventId="e") for e in kinds), news(text="x", agentId="other@rbm.goog"), news()]  # fmt: skip

    def cloud(self) -> Cloud:
        return Rbm()


class TestWhoIsCalling:
    def test_the_signature_vector(self) -> None:
        vector = fixtures.vectors("google rcs")
        body = json.dumps({"message": {"data": vector["data"]}}).encode()
        raw = Raw(body, {"x-goog-signature": vector["expected"]})
        provider.verify(raw, {"client_token": vector["secret"]})
        (found,) = provider.parse(raw, {})
        assert isinstance(found, Inbound)
        assert (found.external_id, found.text) == ("m1", "hi")

    def test_the_question_for_the_address_is_answered_with_the_secret(self) -> None:
        asked = json.dumps({"clientToken": "client-t0ken", "secret": "1234567890"}).encode()
        answer = provider.handshake(Raw(asked), SETTINGS)
        assert answer
        assert (answer.status, answer.body, answer.content_type) == (200, "1234567890", "text/plain")  # fmt: skip

    def test_who_does_not_know_the_token_hears_nothing(self) -> None:
        for token in ("", "wrong", None, {}):
            asked = json.dumps({"clientToken": token, "secret": "1"}).encode()
            with pytest.raises(Refused):
                provider.handshake(Raw(asked), SETTINGS)
            with pytest.raises(Refused):
                provider.handshake(Raw(asked), SETTINGS | {"client_token": ""})

    def test_a_message_is_no_question(self) -> None:
        assert provider.handshake(Raw(news(text='{"clientToken": 1}')), SETTINGS) is None


class TestReading:
    def test_a_message(self) -> None:
        found = message(text="Ciao")
        assert found.sender == Address("phone", PHONE, verified=True, how="provider")
        assert (found.external_id, found.text, found.thread_ref) == ("m1", "Ciao", "")
        assert found.sent_at
        assert found.sent_at.year == 2026

    def test_files_places_and_pressed_buttons(self) -> None:
        payload = {"mimeType": "image/jpeg", "fileName": "a.jpg", "fileUri": "https://storage.googleapis.com/a"}  # fmt: skip
        found = message(userFile={"payload": payload, "thumbnail": payload})
        assert [(f.name, f.media_ref) for f in found.files] == [("a.jpg", "https://storage.googleapis.com/a")]  # fmt: skip
        assert "mlat=45.1&mlon=9.2" in message(location={"latitude": 45.1, "longitude": 9.2}).text
        pressed = message(suggestionResponse={"postbackData": "y", "text": "Yes"})
        assert (pressed.text, pressed.meta) == ("Yes", {"postback": "y"})

    def test_who_wants_no_more_is_marked_by_a_word_or_by_the_menu(self) -> None:
        assert message(text="Arresta").meta == {"opt_out": True}
        left = message(eventType="UNSUBSCRIBE", eventId="e1")
        assert (left.nature, left.meta["opt_out"]) == (Nature.AUTO_REPLY, True)
        assert message(eventType="SUBSCRIBE", eventId="e2").meta["opt_out"] is False

    def test_receipts_name_our_own_key(self) -> None:
        (read,) = parsed(news(eventType="READ", messageId="k1", eventId="e1"))
        assert isinstance(read, StatusUpdate)
        assert (read.external_id, read.key, read.status) == ("k1", "k1", Status.READ)

    def test_a_message_that_was_taken_back_has_failed(self) -> None:
        told = {"phoneNumber": PHONE, "messageId": "k1", "eventType": "TTL_EXPIRATION_REVOKED", "eventId": "e1", "agentId": AGENT}  # fmt: skip
        (found,) = parsed(news(senderPhoneNumber=None, **told))
        assert (found.status, found.recipient) == (Status.FAILED, PHONE)

    def test_the_agents_id_is_known_with_and_without_its_ending(self) -> None:
        found = provider.parse(Raw(news(text="x")), SETTINGS | {"agent_id": "Shop_help_agent"})
        assert len(found) == 1


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        key = fields.pop("key", str(uuid.UUID(int=7)))
        outbound = Outbound(key, Address("phone", PHONE), **({"text": "Ciao"} | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_our_key_is_the_id_and_a_second_try_is_recognised(self) -> None:
        with Rbm() as cloud:
            assert self.send(cloud) == self.send(cloud) == Sent(str(uuid.UUID(int=7)))
            assert len(cloud.seen) == 1
            assert cloud.tokens == 1
            assert cloud.calls[0].json["messageTrafficType"] == "TRANSACTION"

    def test_text_files_and_buttons(self) -> None:
        file = File("a.pdf", "application/pdf", b"1", media_ref="https://f.example/a.pdf")
        choices = tuple(QuickReply(f"id{n}", "A very long title of a button") for n in range(12))
        with Rbm() as cloud:
            assert isinstance(self.send(cloud, files=(file,), quick_replies=choices), Sent)
            text, last = cloud.seen.values()
        assert text == {"text": "Ciao"}
        assert last["contentInfo"] == {"fileUrl": "https://f.example/a.pdf"}
        assert len(last["suggestions"]) == 11
        assert last["suggestions"][0]["reply"]["postbackData"] == "id0"

    def test_a_phone_without_rcs_is_out_of_reach_for_good(self) -> None:
        with Rbm() as cloud:
            cloud.unreachable.add(PHONE)
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "cannot be reached by RCS" in outcome.reason

    def test_what_was_sent_in_part_is_not_sent_again(self) -> None:
        file = File("a", "image/png", media_ref="https://f.example/a.png")
        with Rbm() as cloud:
            cloud.script.extend([Answer(200, {"name": "x"}), problem(429, "RESOURCE_EXHAUSTED", "Quota")])  # fmt: skip
            assert self.send(cloud, files=(file,)).permanent

    def test_a_withdrawn_token_is_replaced_once(self) -> None:
        with Rbm() as cloud:
            self.send(cloud)
            cloud.stale.add("ya29.1")
            assert isinstance(self.send(cloud, key=str(uuid.uuid4())), Sent)
            assert cloud.tokens == 2

    def test_a_key_file_that_is_none_is_told_in_words(self) -> None:
        with Rbm() as cloud:
            for account in ("", "{}", "nonsense", '{"client_email": "a", "private_key": "b", "private_key_id": "c"}'):  # fmt: skip
                settings = SETTINGS | {"api_base": cloud.url, "service_account": account}
                outcome = provider.send(Outbound("k", Address("phone", PHONE), "Ciao"), settings, impatient())  # fmt: skip
                assert isinstance(outcome, Failed)
                assert outcome.permanent
                assert "key" in outcome.reason
            assert not cloud.calls


def test_the_assertion_goes_to_google_whatever_the_key_file_says() -> None:
    assert sign_in_address(SETTINGS) == "https://oauth2.googleapis.com/token"
    us = {"api_base": "https://us-rcsbusinessmessaging.googleapis.com"}
    assert sign_in_address(us) == "https://oauth2.googleapis.com/token"
    assert (
        sign_in_address({"api_base": "https://mygoogleapis.com"})
        == "https://mygoogleapis.com/token"
    )


def test_media_are_fetched() -> None:
    class Files(Cloud):
        def respond(self, call: Call) -> Answer:
            return Answer(200, b"JPEG")

    with Files() as cloud:
        file = File("a", "image/jpeg", media_ref=f"{cloud.url}/1.jpg")
        assert provider.fetch_media(file, SETTINGS, impatient()).content == b"JPEG"


def test_the_check_signs_in_and_asks_for_the_agent() -> None:
    with Rbm() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert [line.ok for line in provider.check(settings, impatient())] == [True, True]
        other = provider.check(settings | {"agent_id": "other@rbm.goog"}, impatient())
        assert [line.ok for line in other] == [True, False]
        assert "may not speak for this agent" in other[1].detail
