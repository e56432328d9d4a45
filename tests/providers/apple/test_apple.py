"""Apple Messages for Business, both directions."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sportello.channels.contract import (
    Address,
    Ended,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Refused,
    Sent,
    Unreadable,
)
from sportello.channels.providers.apple import files, provider, reading
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors.apple import BUSINESS, MSP, SECRET, Gateway, token
from tests.vendors.cloud import Answer, Cloud

SETTINGS: dict[str, Any] = {"business_id": BUSINESS, "msp_id": MSP, "msp_secret": SECRET}
ADA = "urn:mbid:AQAAY5mDy6Pq"


def said(**fields: Any) -> bytes:
    plain = {"type": "text", "id": "3d3d0f2e", "v": 1, "sourceId": ADA, "destinationId": BUSINESS, "body": "Ciao", "locale": "it_IT"}  # fmt: skip
    return json.dumps(plain | fields).encode()


def parsed(body: bytes) -> list[Any]:
    return provider.parse(Raw(body), SETTINGS)


def message(**fields: Any) -> Inbound:
    (found,) = parsed(said(**fields))
    assert isinstance(found, Inbound)
    return found


def called(given: str, business: str = BUSINESS, body: bytes = b"{}") -> Raw:
    return Raw(body, {"authorization": f"Bearer {given}", "destination-id": business})


class TestApple(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("business_id", "msp_id", "msp_secret", "api_base")
    recipient = ADA
    signs_body = False

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return called(token(), body=body)

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return said(id=external_id, body=text)

    def ignored(self) -> list[bytes]:
        return [*(said(type=kind) for kind in ("typing_start", "typing_end", "brand_new")), said(body="")]  # fmt: skip

    def cloud(self) -> Cloud:
        return Gateway()


class TestWhoIsCalling:
    def test_tokens_for_others_with_other_secrets_or_none_are_refused(self) -> None:
        claims = {"aud": MSP, "iat": int(time.time())}
        for given in (
            token("another-msp"),
            token(secret="eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="),
            jwt.encode(claims, "", "none"),
            token(exp=int(time.time()) - 600),
            token(iat=int(time.time()) + 600),
        ):
            with pytest.raises(Refused):
                provider.verify(called(given), SETTINGS)

    def test_a_message_to_another_business_is_refused(self) -> None:
        with pytest.raises(Refused):
            provider.verify(called(token(), "another-business"), SETTINGS)

    def test_a_secret_that_is_no_base64_lets_nobody_in(self) -> None:
        with pytest.raises(Refused):
            provider.verify(called(token()), SETTINGS | {"msp_secret": "é"})


class TestReading:
    def test_a_compressed_message(self) -> None:
        (found,) = parsed(gzip.compress(said(intent="order", group="sales")))
        assert found.sender == Address("apple", ADA, verified=True, how="provider")
        assert (found.external_id, found.text, found.language) == ("3d3d0f2e", "Ciao", "it")
        assert found.meta == {"intent": "order", "group": "sales"}
        assert provider.envelope(Raw(gzip.compress(said()))).order_key == ADA

    def test_a_small_body_that_holds_a_giant_is_not_unpacked(self) -> None:
        bomb = gzip.compress(b" " * (reading.MOST + 1))
        assert len(bomb) < 100_000
        for body in (bomb, gzip.compress(said())[:-9], b"\x1f\x8bnonsense"):
            assert provider.envelope(Raw(body)).order_key == "apple"
            with pytest.raises(Unreadable):
                parsed(body)

    def test_who_deletes_the_conversation_has_ended_it(self) -> None:
        (ended,) = parsed(said(type="close", body=None))
        assert isinstance(ended, Ended)
        assert ended.sender.address == ADA

    def test_a_quick_reply_says_what_was_picked_and_of_what(self) -> None:
        items = [{"identifier": "1", "title": "Red"}, {"identifier": "2", "title": "Blue"}]
        quick = {"selectedIdentifier": "2", "selectedIndex": 1, "items": items}
        data = {"quick-reply": quick, "requestIdentifier": "r1", "version": "1.0"}
        found = message(type="interactive", body=None, interactiveData={"bid": "x", "data": data})
        assert (found.text, found.meta, found.answers) == ("Blue", {"postback": "2"}, "r1")

    def test_a_list_says_all_that_was_picked(self) -> None:
        items = [{"identifier": "1", "title": "Red"}, {"identifier": "2", "title": "Blue"}]
        data = {"listPicker": {"sections": [{"items": items}]}, "replyMessage": {"title": "2 items"}}  # fmt: skip
        found = message(type="interactive", interactiveData={"data": data})
        assert (found.text, found.meta) == ("Red, Blue", {"postback": "1, 2"})

    def test_a_large_reply_comes_as_its_title(self) -> None:
        found = message(type="interactive", body=None, interactiveDataRef={"title": "You chose a sofa", "key": "00"})  # fmt: skip
        assert found.text == "You chose a sofa"


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        key = str(uuid.UUID(int=7))
        outbound = Outbound(key, Address("apple", ADA), **({"text": "Ciao"} | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_a_text_leaves_compressed_under_our_own_id(self) -> None:
        with Gateway() as cloud:
            assert self.send(cloud, automatic=True) == Sent(str(uuid.UUID(int=7)))
            headers = cloud.calls[0].headers
            assert cloud.messages[0]["body"] == "Ciao"
        assert headers["auto-reply"] == "true"
        assert headers["destination-id"] == ADA

    def test_a_few_choices_carry_the_text_and_many_are_a_list(self) -> None:
        choices = tuple(QuickReply(f"id{n}", f"Choice {n}") for n in range(8))
        with Gateway() as cloud:
            self.send(cloud, quick_replies=choices[:3])
            self.send(cloud, quick_replies=choices)
            self.send(cloud, quick_replies=choices[:1])
            quick, text, many, _, one = cloud.messages
        assert quick["interactiveData"]["data"]["quick-reply"]["summaryText"] == "Ciao"
        assert text["type"] == "text"
        sections = many["interactiveData"]["data"]["listPicker"]["sections"]
        assert len(sections[0]["items"]) == 8
        assert one["interactiveData"]["receivedMessage"]["title"] == "Ciao"

    def test_a_file_goes_up_encrypted_and_the_key_goes_with_the_message(self) -> None:
        with Gateway() as cloud:
            self.send(cloud, files=(File("a.pdf", "application/pdf", b"%PDF secret"),))
            (message,) = cloud.messages
            (encrypted,) = cloud.stored.values()
            (attachment,) = message["attachments"]
            assert b"PDF" not in encrypted
            raw = bytes.fromhex(attachment["key"].removeprefix("00"))
            work = Cipher(algorithms.AES256(raw), modes.CTR(b"\0" * 16)).decryptor()
            assert work.update(encrypted) == b"%PDF secret"
        assert message["body"] == "Ciao\n\ufffc"
        assert attachment["size"] == "11"

    def test_a_broken_upload_was_seen_by_nobody_and_is_tried_again(self) -> None:
        with Gateway() as cloud:
            cloud.script.append(Answer(200, {}, delay=1.2))
            outcome = self.send(cloud, files=(File("a", "image/png", b"x"),))
            assert not outcome.permanent
            assert not cloud.messages

    def test_what_was_sent_in_part_is_not_sent_again(self) -> None:
        choices = tuple(QuickReply(f"id{n}", "x") for n in range(8))
        with Gateway() as cloud:
            cloud.script.extend([Answer(200, b""), Answer(500, b"")])
            assert self.send(cloud, quick_replies=choices).permanent

    def test_who_has_deleted_the_conversation_is_out_of_reach(self) -> None:
        with Gateway() as cloud:
            cloud.gone.add(ADA)
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "deleted this conversation" in outcome.reason

    def test_a_secret_that_cannot_be_read_is_told_before_anything_leaves(self) -> None:
        with Gateway() as cloud:
            settings = SETTINGS | {"api_base": cloud.url, "msp_secret": "é"}
            outcome = provider.send(Outbound("k", Address("apple", ADA), "x"), settings, impatient())  # fmt: skip
            assert isinstance(outcome, Failed)
            assert [line.ok for line in provider.check(settings, impatient())] == [False]
            assert not cloud.calls


class TestFiles:
    KEY = "00" + "11" * 32

    def fetch(self, cloud: Gateway, **fields: Any) -> File:
        attached = {"name": "a.png", "mimeType": "image/png", "url": f"{cloud.url}/content/9", "owner": "o", "key": self.KEY, "signature-base64": "c2ln"}  # fmt: skip
        (file,) = message(body="\ufffc", attachments=[attached | fields]).files
        return provider.fetch_media(file, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_they_are_fetched_and_decrypted(self) -> None:
        with Gateway() as cloud:
            cloud.stored["/content/9"] = files.crypt(b"PNG", self.KEY)
            found = self.fetch(cloud)
            assert (found.name, found.content_type, found.content) == ("a.png", "image/png", b"PNG")
            asked = cloud.calls[0].headers
        assert (asked["owner"], asked["mmcs-owner"]) == ("o", "o")

    def test_what_cannot_be_fetched_or_read_is_a_failure(self) -> None:
        with Gateway() as cloud:
            cloud.stored["/content/9"] = b"x"
            for broken in ({"key": "zz"}, {"key": "00"}, {"key": None}, {"owner": ""}, {"owner": "a\nb"}, {"owner": "é"}):  # fmt: skip
                with pytest.raises(NetError):
                    self.fetch(cloud, **broken)
            cloud.stored.clear()
            with pytest.raises(NetError):
                self.fetch(cloud)


def test_the_check_asks_for_room_and_puts_nothing_there() -> None:
    with Gateway() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert [line.ok for line in provider.check(settings, impatient())] == [True]
        wrong = provider.check(settings | {"business_id": "other"}, impatient())
        assert [line.ok for line in wrong] == [False]
        assert not cloud.stored
