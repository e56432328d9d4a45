"""pywa, the WhatsApp client that others run, as the judge of payloads, signatures and bodies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, types
from pywa.types.base_update import RawUpdate

from sportello.channels.contract import (
    Address,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Reaction,
    Refused,
    Sent,
    StatusUpdate,
    TemplateUse,
)
from sportello.channels.providers.whatsapp import provider
from tests.providers.conformance import impatient
from tests.providers.meta.fixtures import signed
from tests.providers.meta.test_whatsapp import SETTINGS, USER, event, read, said
from tests.vendors.graph import TOKEN, Graph

NUMBER, SECRET = SETTINGS["phone_number_id"], SETTINGS["app_secret"]
ADA, LINK = "393331234567", "https://f.example/a.pdf"
CONTEXT = {"context": {"from": "39055000", "id": "wamid.0"}}


class Their:
    """Their client, and the bodies it would have sent."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        session = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.client = WhatsApp(NUMBER, TOKEN, session=session, app_secret=SECRET, server=None)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        self.path = request.url.path
        message = {"messages": [{"id": "wamid.1"}], "contacts": [{"input": ADA, "wa_id": ADA}]}
        return httpx.Response(200, json={"messaging_product": "whatsapp"} | message)


@pytest.fixture
def their() -> Their:
    return Their()


def update(data: Any) -> RawUpdate:
    return RawUpdate(json.dumps(data).encode(), hmac_header=None, update_hash="1")


def test_what_is_genuine_for_us_is_genuine_for_them(their: Their) -> None:
    for body in (b"{}", json.dumps(said("text", {"body": "però"})).encode(), b"\xff"):
        raw = signed(body, SECRET)
        header = raw.headers["x-hub-signature-256"]
        provider.verify(raw, SETTINGS)
        assert their.client.webhook_update_validator(body, header) is None
        assert their.client.webhook_update_validator(body + b" ", header) is not None
        with pytest.raises(Refused):
            provider.verify(signed(body, "another"), SETTINGS)
        wrong = signed(body, "another").headers["x-hub-signature-256"]
        assert their.client.webhook_update_validator(body, wrong) is not None


@pytest.mark.parametrize(
    "data",
    [
        said("text", {"body": "Ciao"}),
        said("text", {"body": "quello"}, **CONTEXT),
        said("image", {"id": "m1", "mime_type": "image/jpeg", "sha256": "x", "caption": "Look"}),
        said("document", {"id": "m2", "mime_type": "application/pdf", "sha256": "x", "filename": "a.pdf"}),
        said("audio", {"id": "m3", "mime_type": "audio/ogg", "sha256": "x", "voice": True}),
    ],
)  # fmt: skip
def test_both_read_the_same_message(their: Their, data: Any) -> None:
    judged = types.Message.from_update(their.client, update(data))
    (ours,) = read(data)
    assert isinstance(ours, Inbound)
    assert ours.external_id == judged.id
    assert ours.sender.address == judged.from_user.bsuid
    assert [a.address for a in ours.claimed] == [f"+{judged.from_user.wa_id}"]
    assert ours.contact_name == judged.from_user.name
    assert ours.sent_at == judged.timestamp
    assert ours.text == (judged.text or judged.caption or "")
    answered = judged.reply_to_message
    assert ours.answers == (answered.id if answered else "")
    media: Any = judged.media
    assert [f.media_ref for f in ours.files] == ([media.id] if media else [])
    assert [f.content_type for f in ours.files] == ([media.mime_type] if media else [])


def test_both_read_the_same_button_and_row(their: Their) -> None:
    reply = {"type": "button_reply", "button_reply": {"id": "y", "title": "Yes"}}
    button = said("interactive", reply, **CONTEXT)
    pressed = types.CallbackButton.from_update(their.client, update(button))
    (ours,) = read(button)
    assert isinstance(ours, Inbound)
    assert (ours.text, ours.meta["payload"]) == (pressed.title, pressed.data)
    row = {"type": "list_reply", "list_reply": {"id": "r1", "title": "Row", "description": ""}}
    chosen = types.CallbackSelection.from_update(
        their.client, update(said("interactive", row, **CONTEXT))
    )
    (ours,) = read(said("interactive", row, **CONTEXT))
    assert isinstance(ours, Inbound)
    assert (ours.text, ours.meta["payload"]) == (chosen.title, chosen.data)


def test_both_read_the_same_reaction(their: Their) -> None:
    data = said("reaction", {"message_id": "wamid.0", "emoji": "👍"})
    judged = types.Message.from_update(their.client, update(data))
    (ours,) = read(data)
    assert isinstance(ours, Reaction)
    assert judged.reaction is not None
    assert ours.emoji == judged.reaction.emoji
    assert ours.external_id == judged.reaction.message_id


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed"])
def test_both_read_the_same_status(their: Their, status: str) -> None:
    told: dict[str, Any] = {"id": "wamid.9", "timestamp": "1698266945", "recipient_id": ADA}
    if status == "failed":
        told["errors"] = [{"code": 131026, "title": "Message undeliverable", "message": "x"}]
    data = event(contacts=[USER], statuses=[told | {"status": status}])
    judged = types.MessageStatus.from_update(their.client, update(data))
    (ours,) = read(data)
    assert isinstance(ours, StatusUpdate)
    assert (ours.external_id, ours.status.value) == (judged.id, judged.status.value)
    assert bool(ours.reason) == bool(judged.error)


PDF = File("a.pdf", "application/pdf", media_ref=LINK)
PNG = File("a.png", "image/png", media_ref=LINK)
ROWS = tuple(QuickReply(f"r{n}", f"Row {n}") for n in range(5))


def list_of(rows: tuple[QuickReply, ...]) -> types.SectionList:
    found = [types.SectionRow(title=r.title, callback_data=r.id) for r in rows]
    return types.SectionList("☰", sections=[types.Section(title="", rows=found)])


@pytest.mark.parametrize(
    ("fields", "send"),
    [
        ({}, lambda wa: wa.send_message(ADA, "Ecco", tracker="k-1")),
        ({"answers": "wamid.0"}, lambda wa: wa.send_message(ADA, "Ecco", reply_to_message_id="wamid.0", tracker="k-1")),
        ({"text": "see https://x.example"}, lambda wa: wa.send_message(ADA, "see https://x.example", preview_url=True, tracker="k-1")),
        ({"to": "IT.13491208655302741918"}, lambda wa: wa.send_message("IT.13491208655302741918", "Ecco", tracker="k-1")),
        ({"files": (PDF,)}, lambda wa: wa.send_document(ADA, LINK, filename="a.pdf", caption="Ecco", tracker="k-1")),
        ({"files": (PNG,)}, lambda wa: wa.send_image(ADA, LINK, caption="Ecco", tracker="k-1")),
        (
            {"quick_replies": (QuickReply("y", "Yes"), QuickReply("n", "No"))},
            lambda wa: wa.send_message(ADA, "Ecco", tracker="k-1", buttons=[types.Button("Yes", callback_data="y"), types.Button("No", callback_data="n")]),
        ),
        ({"quick_replies": ROWS}, lambda wa: wa.send_message(ADA, "Ecco", tracker="k-1", buttons=list_of(ROWS))),
        (
            {"text": "", "template": TemplateUse("order_update", "it", ("42", "x"))},
            lambda wa: wa.send_template(
                ADA, "order_update", types.templates.TemplateLanguage.ITALIAN, [types.templates.BodyText.params("42", "x")], tracker="k-1"
            ),
        ),
    ],
)  # fmt: skip
def test_our_body_is_the_one_their_client_sends(
    their: Their, fields: dict[str, Any], send: Callable[[WhatsApp], Any]
) -> None:
    to = fields.get("to", ADA)
    rest = {name: value for name, value in fields.items() if name != "to"}
    outbound = Outbound("k-1", Address("whatsapp", to), **({"text": "Ecco"} | rest))
    with Graph() as cloud:
        outcome = provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())
        assert isinstance(outcome, Sent)
        (ours,) = cloud.posted
        path = cloud.calls[-1].path
    send(their.client)
    assert [told(body) for body in their.bodies] == [ours]
    assert their.path.split("/")[2:] == path.split("/")[2:]  # versions may differ


def told(value: Any) -> Any:
    """Without what they spell otherwise: an untitled section has an empty title, BODY is in capitals."""
    if isinstance(value, dict):
        return {
            name: inner.lower() if name == "type" and isinstance(inner, str) else told(inner)
            for name, inner in value.items()
            if (name, inner) != ("title", "")
        }
    return [told(item) for item in value] if isinstance(value, list) else value
