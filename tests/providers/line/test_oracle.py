"""LINE's own SDK as the judge of what we accept and of what we send."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from linebot.v3 import SignatureValidator, WebhookParser
from linebot.v3.messaging import ApiClient, Configuration, PushMessageRequest
from linebot.v3.messaging import MessagingApi as TheirClient
from linebot.v3.webhooks import MessageEvent, PostbackEvent, UnsendEvent

from sportello.channels.contract import (
    Address,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Refused,
    Sent,
    Withdrawn,
)
from sportello.channels.providers.line import provider
from tests.providers.conformance import impatient
from tests.providers.line import test_line
from tests.providers.line.test_line import SETTINGS, body, event
from tests.vendors.line import TOKEN, MessagingApi

SECRET = SETTINGS["channel_secret"]
AGAIN = {"deliveryContext": {"isRedelivery": False}, "replyToken": "r" * 32}


def theirs(data: bytes, signature: str) -> list[Any]:
    found = WebhookParser(SECRET).parse(data.decode(), signature)
    assert isinstance(found, list)
    return found


def said(kind: str, **fields: Any) -> dict[str, Any]:
    return event(**AGAIN, message={"id": "5", "type": kind, "quoteToken": "q"} | fields)


@pytest.mark.parametrize("data", [body(), body(said("text", text="però 👍")), b"not JSON at all"])
def test_what_is_genuine_for_us_is_genuine_for_line(data: bytes) -> None:
    raw = test_line.TestLine().sign(data, SETTINGS)
    signature = raw.headers["x-line-signature"]
    provider.verify(raw, SETTINGS)
    assert SignatureValidator(SECRET).validate(data.decode(), signature)
    forged = (Raw(data + b" ", raw.headers), Raw(data, {"x-line-signature": signature.lower()}))
    for other in forged:
        assert not SignatureValidator(SECRET).validate(other.body.decode(), other.headers["x-line-signature"])  # fmt: skip
        with pytest.raises(Refused):
            provider.verify(other, SETTINGS)


def test_both_read_the_same_events() -> None:
    group = {"type": "group", "groupId": "Cg", "userId": "Uu"}
    data = body(
        said("text", text="Ciao", quotedMessageId="3"),
        said("text", text="hi") | {"source": group},
        said("file", fileName="a.pdf", fileSize=3),
        said("image", contentProvider={"type": "line"}),
        said("sticker", packageId="1", stickerId="2", stickerResourceType="STATIC", keywords=["Love"]),
        said("location", title="Home", address="Via Roma", latitude=35.6, longitude=139.7),
        event(**AGAIN, type="postback", postback={"data": "yes"}),
        event(**AGAIN, type="unsend", unsend={"messageId": "5"}),
        event(**AGAIN, type="follow", follow={"isUnblocked": False}),
    )  # fmt: skip
    raw = test_line.TestLine().sign(data, SETTINGS)
    judged = theirs(data, raw.headers["x-line-signature"])
    utterances = [e for e in judged if isinstance(e, MessageEvent | PostbackEvent | UnsendEvent)]
    found: list[Any] = provider.parse(raw, SETTINGS)
    assert len(found) == len(utterances) == 8
    for ours, their in zip(found, utterances, strict=True):
        if isinstance(their, UnsendEvent):
            assert isinstance(ours, Withdrawn)
            assert ours.external_id == their.unsend.message_id
            continue
        assert isinstance(ours, Inbound)
        assert ours.sent_at is not None
        assert their.source is not None
        assert ours.sender.address == their.source.user_id
        assert ours.thread_ref == (getattr(their.source, "group_id", None) or "")
        assert ours.sent_at.timestamp() * 1000 == pytest.approx(their.timestamp)
        if isinstance(their, PostbackEvent):
            assert ours.text == their.postback.data
            continue
        assert ours.external_id == their.message.id
        if their.message.type == "text":
            assert (ours.text, ours.answers) == (their.message.text, their.message.quoted_message_id or "")  # fmt: skip
        if their.message.type == "file":
            assert ours.files[0].name == their.message.file_name


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"thread_ref": "Cg"},
        {"quick_replies": tuple(QuickReply(f"r{n}", f"A rather long title {n}") for n in range(15))},
        {"files": (File("a.png", "image/png", media_ref="https://f.example/a.png"),)},
        {"text": "", "files": (File("a.pdf", "application/pdf", media_ref="https://f.example/a.pdf"),)},
    ],
)  # fmt: skip
def test_our_push_is_the_one_their_client_would_send(fields: dict[str, Any]) -> None:
    """Read into their models and sent by their client, nothing is lost and nothing refused."""
    outbound = Outbound("k1", Address("line", "Uu"), **({"text": "Ciao"} | fields))
    with MessagingApi() as cloud:
        outcome = provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())
        assert isinstance(outcome, Sent)
        ours = cloud.calls[-1]
        request = PushMessageRequest.from_dict(ours.json)
        assert request is not None
        with ApiClient(Configuration(host=cloud.url, access_token=TOKEN)) as client:
            taken = TheirClient(client).push_message(request, x_line_retry_key=str(uuid4()))
        their = cloud.calls[-1]
    assert (their.method, their.path) == (ours.method, ours.path)
    assert their.headers["authorization"] == ours.headers["authorization"]
    assert without_defaults(their.json) == ours.json
    assert taken.sent_messages


def without_defaults(value: Any) -> Any:
    """Their client spells out what is so anyway."""
    if isinstance(value, dict):
        kept = {k: without_defaults(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if (k, v) != ("notificationDisabled", False)}
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    return value
