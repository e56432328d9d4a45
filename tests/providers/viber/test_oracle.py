"""Viber's own SDK as the judge of what we accept and of what we send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from viberbot import Api, BotConfiguration
from viberbot.api.messages import FileMessage, PictureMessage, TextMessage

from sportello.channels.contract import (
    Address,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Refused,
    StatusUpdate,
)
from sportello.channels.providers.viber import provider
from tests.providers.conformance import impatient
from tests.providers.viber import test_viber
from tests.providers.viber.test_viber import SETTINGS, event
from tests.vendors.viber import TOKEN, BotApi

API = Api(BotConfiguration(auth_token=TOKEN, name="Shop", avatar=None))
MODELS = {"text": TextMessage, "picture": PictureMessage, "file": FileMessage}
THUMB = "https://dl.viber.example/t.jpg"


@pytest.mark.parametrize("data", [b"{}", json.dumps(event(text="però 👍")).encode(), b"\xff"])
def test_what_is_genuine_for_us_is_genuine_for_viber(data: bytes) -> None:
    raw = test_viber.TestViber().sign(data, SETTINGS)
    signature = raw.headers["x-viber-content-signature"]
    provider.verify(raw, SETTINGS)
    assert API.verify_signature(data, signature)
    assert not API.verify_signature(data + b" ", signature)
    with pytest.raises(Refused):
        provider.verify(Raw(data + b" ", raw.headers), SETTINGS)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": "Ciao"},
        {"type": "picture", "text": "look", "media": "https://dl.viber.example/1.jpg", "thumbnail": THUMB},
        {"type": "file", "media": "https://dl.viber.example/1", "file_name": "a.pdf", "size": 3},
        {"type": "video", "media": "https://dl.viber.example/1.mp4", "size": 3, "duration": 1},
    ],
)  # fmt: skip
def test_both_read_the_same_message(message: dict[str, Any]) -> None:
    data = json.dumps(event(**message)).encode()
    theirs = API.parse_request(data)
    (ours,) = provider.parse(Raw(data), SETTINGS)
    assert isinstance(ours, Inbound)
    assert ours.external_id == str(theirs.message_token)
    assert (ours.sender.address, ours.contact_name) == (theirs.sender.id, theirs.sender.name)
    assert ours.sent_at is not None
    assert ours.sent_at.timestamp() * 1000 == pytest.approx(theirs.timestamp)
    if message["type"] in ("text", "picture"):
        assert ours.text == theirs.message.text
    assert [f.media_ref for f in ours.files] == ([theirs.message.media] if ours.files else [])
    assert bool(ours.files) == ("media" in message)


@pytest.mark.parametrize("kind", ["delivered", "seen", "failed"])
def test_both_read_the_same_report(kind: str) -> None:
    told = {"event": kind, "timestamp": 1457764197627, "message_token": 49, "user_id": "u="}
    data = json.dumps(told | {"desc": "left"}).encode()
    theirs = API.parse_request(data)
    (ours,) = provider.parse(Raw(data), SETTINGS)
    assert isinstance(ours, StatusUpdate)
    assert theirs.event_type == kind
    user = theirs.user_id if kind != "failed" else "u="  # they keep it to themselves
    assert (ours.external_id, ours.recipient) == (str(theirs.message_token), user)


def test_what_we_send_is_what_their_sender_would() -> None:
    files = (
        File("a.jpg", "image/jpeg", media_ref="https://f.example/a.jpg"),
        File("a.pdf", "application/pdf", b"%PDF", media_ref="https://f.example/a.pdf"),
    )
    choices = (QuickReply("y", "Yes"), QuickReply("", "No"))
    outbound = Outbound("k1", Address("viber", "u="), text="Ciao", files=files, quick_replies=choices)  # fmt: skip
    with BotApi() as cloud:
        provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())
        bodies = [call.json for call in cloud.calls]
    assert [b["type"] for b in bodies] == ["text", "picture", "file"]
    for ours in bodies:
        message = MODELS[ours["type"]]().from_dict(ours)
        assert message.validate()
        theirs = API._message_sender._prepare_payload(message, "Shop", None, receiver="u=")
        theirs["sender"].pop("avatar")  # we have none
        assert theirs.pop("auth_token") == TOKEN  # ours is in a header
        assert theirs == ours
