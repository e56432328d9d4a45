"""Text messages by CM.com, both directions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Refused,
    Sent,
    Status,
    StatusUpdate,
)
from sportello.channels.providers.cm import provider
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.cm import TOKEN, Gateway, rejected

SETTINGS: dict[str, Any] = {"product_token": TOKEN, "sender": "Shop", "token": "in-the-address"}


def event(text: str = "Ciao", **fields: Any) -> dict[str, Any]:
    media = {"mediaUri": "", "contentType": "", "title": ""}
    said = {"text": text, "media": media, "custom": fields.pop("custom", {})}
    plain = {"reference": "r0", "messageContext": "", "from": {"number": "00393401234567", "name": "Ada"}}  # fmt: skip
    return plain | {"to": {"number": "3669"}, "message": said, "timeUtc": "2026-11-21T12:00:00", "channel": "SMS"} | fields  # fmt: skip


def parsed(data: Any) -> list[Any]:
    return provider.parse(Raw(json.dumps(data).encode()), SETTINGS)


def report(code: str, **status: str) -> dict[str, Any]:
    told = {"code": code, "errorCode": "", "errorDescription": ""} | status
    one = {"received": "2026-11-21T12:00:00", "to": "00393401234567", "reference": "k1", "status": told}  # fmt: skip
    return {"messages": {"msg": one}}


class TestCm(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("product_token", "sender", "token", "api_base")
    recipient = "+393401234567"
    refusal = rejected(304, "That person left us")
    signs = False

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return Raw(body, query=f"token={settings['token']}")

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(event(text, reference=external_id)).encode()

    def statuses(self) -> list[bytes]:
        return [json.dumps(report(code)).encode() for code in "024"]

    def ignored(self) -> list[bytes]:
        reaction = {"reference": "x", "from": {"number": "1"}, "event": {"type": "reaction"}, "channel": "Instagram"}  # fmt: skip
        return [json.dumps(x).encode() for x in (reaction, report("77"), event(""))]

    def cloud(self) -> Cloud:
        return Gateway()


@pytest.mark.parametrize(
    "query", ["", "token=", "token=wrong", "other=in-the-address", "token=%ff"]
)
def test_without_the_secret_in_the_address_nobody_is_let_in(query: str) -> None:
    with pytest.raises(Refused):
        provider.verify(Raw(b"{}", query=query), SETTINGS)
    for empty in ("", None):
        with pytest.raises(Refused):
            provider.verify(Raw(b"{}", query="token="), SETTINGS | {"token": empty})


class TestReading:
    def test_a_message(self) -> None:
        (found,) = parsed(event())
        assert isinstance(found, Inbound)
        assert found.sender == Address("phone", "+393401234567", "Ada", verified=True, how="provider")  # fmt: skip
        assert (found.text, found.answers, found.thread_ref, found.meta) == ("Ciao", "r0", "", {})
        assert found.sent_at
        assert found.sent_at.tzinfo

    def test_two_answers_to_one_message_are_two(self) -> None:
        (one,), (other,) = parsed(event("yes")), parsed(event("no"))
        assert one.external_id != other.external_id

    def test_other_channels_and_their_buttons(self) -> None:
        custom = {"suggestionResponse": {"postbackData": "y", "text": "Yes"}}
        (found,) = parsed(event("", channel="RCS", custom=custom))
        assert (found.text, found.thread_ref, found.meta) == ("Yes", "RCS", {"postback": "y"})
        (found,) = parsed(event(channel="WhatsApp"))
        assert found.sender.kind == "whatsapp"

    def test_who_wants_no_more_is_marked(self) -> None:
        (found,) = parsed(event("CANCELLA"))
        assert found.meta == {"opt_out": True}

    def test_reports_come_alone_or_as_a_list(self) -> None:
        one = report("3", errorCode="5", errorDescription="Blocked")
        (found,) = parsed(one)
        assert isinstance(found, StatusUpdate)
        assert (found.external_id, found.status, found.reason, found.recipient) == ("k1", Status.FAILED, "Blocked", "+393401234567")  # fmt: skip
        assert len(parsed({"messages": {"msg": [one["messages"]["msg"]] * 2}})) == 2

    def test_the_payloads_beside_the_repository_are_read(self) -> None:
        for name, payload in fixtures.payloads("cm/bodies", pattern="mo-webhooks*.json"):
            (found,) = parsed(payload)
            assert isinstance(found, Inbound), name
            assert found.text or found.files, name


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        plain: dict[str, Any] = {"recipient": Address("phone", "+39 340 1234567"), "text": "Ciao"}
        outbound = Outbound("0198aa11-2222-7333-8444-555566667777", **(plain | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_the_body_is_as_documented(self) -> None:
        with Gateway() as cloud:
            assert self.send(cloud) == Sent("0198aa11222273338444555566667777")
            (message,) = cloud.calls[0].json["messages"]["msg"]
        assert message == {
            "from": "Shop", "to": [{"number": "00393401234567"}], "body": {"type": "auto", "content": "Ciao"},
            "reference": "0198aa11222273338444555566667777", "minimumNumberOfMessageParts": 1,
            "maximumNumberOfMessageParts": 8, "allowedChannels": ["SMS"],
        }  # fmt: skip
        assert re.fullmatch(r"[0-9A-Za-z]{1,32}", message["reference"])

    def test_by_sms_files_are_links_and_buttons_are_lines(self) -> None:
        file = File("a.png", "image/png", media_ref="https://f.example/a.png")
        with Gateway() as cloud:
            self.send(cloud, files=(file,), quick_replies=(QuickReply("y", "Yes"),))
            (message,) = cloud.calls[0].json["messages"]["msg"]
        assert message["body"]["content"] == "Ciao\n1. Yes\nhttps://f.example/a.png"

    def test_rcs_first_keeps_a_plain_text_for_phones_without_it(self) -> None:
        with Gateway() as cloud:
            outbound = Outbound("k1", Address("phone", "+393401234567"), "Ciao", quick_replies=(QuickReply("y", "Yes"),))  # fmt: skip
            settings = SETTINGS | {"api_base": cloud.url, "try_rcs": True}
            assert isinstance(provider.send(outbound, settings, impatient()), Sent)
            (message,) = cloud.calls[0].json["messages"]["msg"]
        assert message["allowedChannels"] == ["RCS", "SMS"]
        assert message["body"]["content"] == "Ciao\n1. Yes"
        assert message["richContent"]["suggestions"][0]["label"] == "Yes"

    def test_apples_names_of_people_stay_whole(self) -> None:
        name = "urn:mbid:" + "A" * 150
        (found,) = parsed(event(**{"from": {"number": name, "name": ""}}, channel="Apple Messages for Business"))  # fmt: skip
        assert found.sender.address == name
        with Gateway() as cloud:
            self.send(cloud, recipient=found.sender, thread_ref=found.thread_ref)
            assert cloud.calls[0].json["messages"]["msg"][0]["to"] == [{"number": name}]

    def test_rcs_gets_pictures_and_buttons(self) -> None:
        file = File("a.png", "image/png", media_ref="https://f.example/a.png")
        with Gateway() as cloud:
            self.send(cloud, thread_ref="RCS", files=(file,), quick_replies=(QuickReply("y", "Y" * 40),))  # fmt: skip
            (message,) = cloud.calls[0].json["messages"]["msg"]
        assert message["allowedChannels"] == ["RCS"]
        assert [list(part) for part in message["richContent"]["conversation"]] == [["text"], ["media"]]  # fmt: skip
        assert message["richContent"]["suggestions"][0]["label"] == "Y" * 25

    def test_a_200_that_accepts_nothing_is_a_refusal(self) -> None:
        with Gateway() as cloud:
            cloud.script.append(Answer(200, rejected(304, "Invalid number").body))
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert (outcome.permanent, outcome.reason) == (True, "Invalid number")
