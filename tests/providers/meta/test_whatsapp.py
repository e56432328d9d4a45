"""WhatsApp, on the wire format of the Cloud API."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sportello.channels.contract import (
    Address,
    Echo,
    Edited,
    Failed,
    File,
    IdentityChanged,
    Inbound,
    Outbound,
    Parsed,
    QuickReply,
    Raw,
    Reaction,
    Sent,
    Status,
    StatusUpdate,
    TemplateUse,
    Unknown,
    Withdrawn,
)
from sportello.channels.providers.whatsapp import provider
from sportello.channels.vendors.meta.foreign import obj, text
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.providers.meta.fixtures import payloads, raw, signed
from tests.vendors.cloud import Answer
from tests.vendors.graph import EXPIRED, PICTURE, THROTTLED, TOKEN, Graph, error

SETTINGS = {
    "phone_number_id": "1122334455667",
    "access_token": TOKEN,
    "app_secret": "app-secret-abcdef",
    "verify_token": "pappagallo",
    "waba_id": "102290129340398",
}
USER = {"profile": {"name": "Ada"}, "wa_id": "393331234567", "user_id": "IT.13491208655302741918"}


def event(field: str = "messages", number: str = "1122334455667", **value: Any) -> dict[str, Any]:
    whole = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "39055000", "phone_number_id": number},
        **value,
    }
    changes = [{"field": field, "value": whole}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": changes}]}


def said(kind: str, content: Any = None, **more: Any) -> dict[str, Any]:
    message = {"from": "393331234567", "id": "wamid.1", "timestamp": "1697043223", "type": kind}
    return event(contacts=[USER], messages=[message | ({kind: content} if content else {}) | more])


def read(data: Any) -> list[Parsed]:
    return provider.parse(raw(data), SETTINGS)


def heard(data: Any) -> Inbound:
    (found,) = read(data)
    assert isinstance(found, Inbound)
    return found


class TestConformance(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("phone_number_id", "access_token", "app_secret", "verify_token", "api_base")
    rate_limit = dataclasses.replace(THROTTLED, headers={"Retry-After": "7"})
    refusal = error(131009, "Parameter value is not valid")
    refusal_words = "Parameter value is not valid"

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return signed(body, str(settings["app_secret"] or ""))

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(said("text", {"body": text}, id=external_id)).encode()

    def statuses(self) -> list[bytes]:
        told = {"id": "wamid.9", "timestamp": "1698266945", "recipient_id": "393331234567"}
        return [
            json.dumps(event(statuses=[told | {"status": s}])).encode()
            for s in ("sent", "delivered", "read")
        ]

    def ignored(self) -> list[bytes]:
        other = said("text", {"body": "for another shop"})
        other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
        news = (
            other,
            event(statuses=[{"id": "wamid.9", "status": "pondered"}]),
            event("calls", calls=[{"id": "wacid.1", "event": "connect", "from": "39"}]),
            event("message_template_status_update", event="APPROVED"),
            event("account_update", event="VERIFIED_ACCOUNT"),
            {"object": "whatsapp_business_account", "entry": []},
            {
                "object": "brand_new",
                "entry": [{"id": "1", "changes": [{"field": "x", "value": 1}]}],
            },
        )
        return [json.dumps(item).encode() for item in news]

    def cloud(self) -> Graph:
        return Graph()


# ---------------------------------------------------------------------- what comes in


def test_a_person_with_a_user_id_is_known_by_it_and_vouched_for_by_number() -> None:
    found = heard(said("text", {"body": "Ciao"}))
    assert found.sender == Address("whatsapp", "IT.13491208655302741918", "Ada", True, "provider")
    assert found.claimed == (Address("phone", "+393331234567", "", True, "provider"),)
    assert found.sent_at == datetime(2023, 10, 11, 16, 53, 43, tzinfo=UTC)


def test_a_person_without_a_number_is_a_person() -> None:
    contact = {"profile": {"name": "", "username": "@ada"}, "user_id": "IT.1349"}
    message = {"from_user_id": "IT.1349", "id": "wamid.2", "type": "text", "text": {"body": "Ciao"}}
    found = heard(event(contacts=[contact], messages=[message]))
    assert (found.sender.address, found.contact_name, found.claimed) == ("IT.1349", "@ada", ())


def test_a_person_without_a_user_id_is_known_by_number() -> None:
    found = heard(
        event(messages=[{"from": "39333", "id": "w", "type": "text", "text": {"body": "x"}}])
    )
    assert found.sender.address == "39333"


def test_one_call_may_bring_messages_of_several_people() -> None:
    two = [{"wa_id": "391", "profile": {"name": "A"}}, {"wa_id": "392", "profile": {"name": "B"}}]
    messages = [
        {"from": n, "id": f"w{n}", "type": "text", "text": {"body": n}} for n in ("391", "392")
    ]
    found = read(event(contacts=two, messages=messages))
    assert [p.contact_name for p in found if isinstance(p, Inbound)] == ["A", "B"]


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("button", {"payload": "P", "text": "Yes"}, "Yes"),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "y", "title": "Sì"}}, "Sì"),
        ("interactive", {"list_reply": {"id": "y", "title": "Uno", "description": "due"}}, "Uno\ndue"),
        ("interactive", {"nfm_reply": {"body": "Sent", "response_json": "{}"}}, "Sent\n{}"),
        ("contacts", [{"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+1 5"}]}], "👤 Bo +1 5"),
        ("order", {"text": "Hi", "product_items": [{"product_retailer_id": "X", "quantity": 3, "item_price": 30, "currency": "EUR"}]}, "Hi\n🛒 3 × X, 30 EUR"),
        ("location", {"latitude": 43.7, "longitude": 11.2, "name": "Duomo"}, "📍 Duomo\nhttps://www.openstreetmap.org/?mlat=43.7&mlon=11.2"),
        ("unsupported", {"type": "poll"}, "[poll]"),
        ("hologram", {"x": 1}, "[hologram]"),
    ],
)  # fmt: skip
def test_everything_a_person_sends_reads_as_text(kind: str, content: Any, words: str) -> None:
    assert heard(said(kind, content)).text == words


def test_a_file_stays_at_the_vendor_until_it_is_fetched() -> None:
    found = heard(said("document", {"id": "77", "mime_type": "application/pdf", "filename": "conto.pdf", "caption": "Ecco"}))  # fmt: skip
    assert found.text == "Ecco"
    assert found.files == (File("conto.pdf", "application/pdf", media_ref="77"),)
    voice = heard(said("audio", {"id": "78", "mime_type": "audio/ogg; codecs=opus", "voice": True}))
    assert voice.files == (File("audio.ogg", "audio/ogg", media_ref="78"),)


def test_a_reply_names_what_it_answers() -> None:
    assert heard(said("text", {"body": "x"}, context={"id": "wamid.0"})).answers == "wamid.0"


def test_a_reaction_is_no_message() -> None:
    (found,) = read(said("reaction", {"message_id": "wamid.0", "emoji": "😮"}))
    assert isinstance(found, Reaction)
    assert (found.external_id, found.emoji) == ("wamid.0", "😮")
    (gone,) = read(said("reaction", {"message_id": "wamid.0"}))
    assert isinstance(gone, Reaction)
    assert gone.emoji == ""


def test_an_edit_and_a_withdrawal_point_at_the_first_message() -> None:
    edit = {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "due"}}}
    (found,) = read(said("edit", edit))
    assert isinstance(found, Edited)
    assert (found.text, found.external_id) == ("due", "wamid.0")
    (gone,) = read(said("revoke", {"original_message_id": "wamid.0"}))
    assert isinstance(gone, Withdrawn)
    assert (gone.external_id, gone.sender) == ("wamid.0", found.sender)


def test_a_status_hands_our_own_key_back() -> None:
    told = {"id": "wamid.1", "status": "sent", "biz_opaque_callback_data": "key-1"}
    (found,) = read(event(statuses=[told]))
    assert isinstance(found, StatusUpdate)
    assert (found.external_id, found.key) == ("wamid.1", "key-1")


def test_new_ids_and_numbers_are_the_same_person() -> None:
    update = {"user_id": {"previous": "IT.1", "current": "IT.2"}, "wa_id": "39"}
    (found,) = read(event("user_id_update", user_id_update=[update]))
    assert isinstance(found, IdentityChanged)
    assert (found.previous.address, found.current.address) == ("IT.1", "IT.2")
    sentence = {
        "body": "User A changed from IT.1 to IT.2",
        "user_id": "IT.2",
        "type": "user_changed_user_id",
    }
    (again,) = read(event(messages=[{"id": "w", "type": "system", "system": sentence}]))
    assert again == found
    moved = {"type": "user_changed_number", "wa_id": "3922", "body": "…"}
    both = read(event(messages=[{"from": "3911", "id": "w", "type": "system", "system": moved}]))
    pairs = [(p.previous, p.current) for p in both if isinstance(p, IdentityChanged)]
    assert [(a.kind, a.address, b.address) for a, b in pairs] == [
        ("whatsapp", "3911", "3922"),
        ("phone", "+3911", "+3922"),
    ]


def test_what_the_owner_says_on_the_phone_is_kept() -> None:
    echo = {
        "from": "39055",
        "to": "39333",
        "id": "wamid.e",
        "timestamp": "1697043223",
        "type": "text",
    }
    (found,) = read(
        event("smb_message_echoes", message_echoes=[echo | {"text": {"body": "Arrivo"}}])
    )
    assert isinstance(found, Echo)
    assert (found.external_id, found.recipient.address, found.text) == (
        "wamid.e",
        "39333",
        "Arrivo",
    )


def test_a_failure_is_told_in_words() -> None:
    errors = [
        {
            "code": 131026,
            "title": "Message undeliverable",
            "error_data": {"details": "Not on WhatsApp"},
        }
    ]
    told = {"id": "wamid.9", "status": "failed", "recipient_id": "39", "errors": errors}
    (found,) = read(event(statuses=[told]))
    assert isinstance(found, StatusUpdate)
    assert found.status is Status.FAILED
    assert "cannot receive it" in found.reason
    assert "Not on WhatsApp" in found.reason
    assert found.permanent


def test_captured_payloads_are_understood() -> None:
    seen: dict[str, int] = {}
    for name, data in _events():
        sensible = {**SETTINGS, "phone_number_id": ""}
        assert provider.envelope(raw(data)).order_key, name
        parsed = provider.parse(raw(data), sensible)
        for item in parsed:
            seen[type(item).__name__] = seen.get(type(item).__name__, 0) + 1
            if isinstance(item, Inbound):
                assert item.external_id, name
                assert item.sender.address, name
                assert item.text or item.files, name
        values = [c["value"] for e in data["entry"] for c in e["changes"]]
        expected = sum(len(v.get("messages", [])) for v in values)
        told = sum(not isinstance(p, Echo | StatusUpdate) for p in parsed)
        if expected and not any(text(m, "type") == "system" for m in values[0]["messages"]):
            assert told == expected, name
    assert set(seen) == {
        "Inbound", "StatusUpdate", "Echo", "Reaction", "IdentityChanged", "Edited", "Withdrawn",
    }  # fmt: skip
    assert seen["Inbound"] > 60


def _events() -> Any:
    for name, data in payloads(
        "whatsapp/pywa/updates", "meta/restfb/whatsapp", "chatwoot-specs/whatsapp"
    ):
        if "entry" in data:
            yield name, data
        elif "messages" in data and "contacts" in data and "messaging_product" not in data:
            yield name, event(**data)
        elif isinstance(data, dict):
            for key, inner in data.items():
                if isinstance(inner, dict) and "entry" in inner:
                    yield f"{name}.{key}", inner
                elif obj(inner, "value"):
                    yield f"{name}.{key}", event(**obj(inner, "value"))


# ---------------------------------------------------------------------- what goes out


def out(**more: Any) -> Outbound:
    person = Address("whatsapp", more.pop("to", "393331234567"))
    fields: dict[str, Any] = {"idempotency_key": "k-1", "recipient": person, "text": "Ecco"}
    return Outbound(**fields | more)


def sent(outbound: Outbound, *answers: Answer) -> tuple[Any, Graph]:
    with Graph() as cloud:
        cloud.script.extend(answers)
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient()), cloud


def test_a_text_leaves_as_documented() -> None:
    outcome, cloud = sent(out(answers="wamid.0"))
    assert isinstance(outcome, Sent)
    assert outcome.external_id.startswith("wamid.")
    assert cloud.calls[0].path == "/v25.0/1122334455667/messages"
    assert cloud.posted == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "393331234567",
            "context": {"message_id": "wamid.0"},
            "biz_opaque_callback_data": "k-1",
            "type": "text",
            "text": {"body": "Ecco", "preview_url": False},
        }
    ]


def test_a_user_id_has_a_field_of_its_own() -> None:
    _, cloud = sent(out(to="IT.13491208655302741918"))
    assert cloud.posted[0]["recipient"] == "IT.13491208655302741918"
    assert "to" not in cloud.posted[0]


def test_few_quick_replies_are_buttons_and_many_a_list() -> None:
    def replies(count: int) -> tuple[QuickReply, ...]:
        return tuple(QuickReply(f"r{n}", f"A rather long title, number {n}") for n in range(count))

    _, cloud = sent(out(quick_replies=replies(3)))
    assert cloud.posted[0]["interactive"]["type"] == "button"
    outcome, cloud = sent(out(quick_replies=replies(12)))
    assert isinstance(outcome, Sent)
    assert len(cloud.posted[0]["interactive"]["action"]["sections"][0]["rows"]) == 10


def test_a_picture_is_uploaded_and_captioned() -> None:
    picture = File("gatto.jpg", "image/jpeg", b"\xff\xd8")
    outcome, cloud = sent(out(files=(picture,)))
    assert isinstance(outcome, Sent)
    assert cloud.posted[0]["image"] == {"id": "media-1", "caption": "Ecco"}
    _, cloud = sent(out(files=(File("v.ogg", "audio/ogg", b"OggS"),)))
    assert [p["type"] for p in cloud.posted] == ["audio", "text"]
    _, cloud = sent(
        out(files=(File("c.pdf", "application/pdf", media_ref="https://x.example/c.pdf"),))
    )
    assert cloud.posted[0]["document"] == {"link": "https://x.example/c.pdf", "filename": "c.pdf", "caption": "Ecco"}  # fmt: skip


def test_an_upload_that_hangs_has_sent_nothing() -> None:
    outcome, cloud = sent(
        out(files=(File("g.jpg", "image/jpeg", b"x"),)), Answer(200, {}, delay=1.2)
    )
    assert outcome == Failed(outcome.reason, permanent=False)
    assert not cloud.posted


def test_after_a_day_only_a_template_leaves() -> None:
    late = datetime.now(UTC) - timedelta(minutes=1)
    outcome, cloud = sent(out(window_until=late))
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert "template" in outcome.reason
    assert not cloud.calls
    use = TemplateUse("order_update", "it", ("42\n  di  più", "x"))
    outcome, cloud = sent(out(window_until=late, template=use, text=""))
    assert isinstance(outcome, Sent)
    assert cloud.posted[0]["template"] == {
        "name": "order_update",
        "language": {"code": "it"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "42 di più"},
                    {"type": "text", "text": "x"},
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("answer", "permanent", "words", "pause"),
    [
        (EXPIRED, True, "enter a new one", None),
        (THROTTLED, False, "throughput", 30),
        (error(131056, "Pair rate limit hit"), False, "Pair rate", 10),
        (error(131047, "Re-engagement message"), True, "only a template", None),
        (error(131026, "Message undeliverable"), True, "cannot receive", None),
        (error(131016, "Service unavailable", status=500), False, "unavailable", None),
        (error(2, "Temporary", status=500), False, "Temporary", None),
        (Answer(500, {"error": {"message": "oops", "code": 999}}), False, "oops", None),
        (Answer(429, b""), False, "429", None),
    ],
)
def test_what_metas_errors_mean(
    answer: Answer, permanent: bool, words: str, pause: int | None
) -> None:
    outcome, _ = sent(out(), answer)
    assert isinstance(outcome, Failed)
    assert outcome.permanent is permanent
    assert words in outcome.reason
    assert outcome.retry_after == (timedelta(seconds=pause) if pause else None)


def test_a_part_that_failed_after_another_left_is_not_sent_twice() -> None:
    two = (File("a.pdf", "application/pdf", b"a"), File("b.ogg", "audio/ogg", b"b"))
    ok = Answer(200, {"messages": [{"id": "wamid.1"}]})
    uploads = [Answer(200, {"id": "m"})] * 2
    outcome, _ = sent(out(files=two), *uploads, ok, THROTTLED)
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    outcome, _ = sent(out(files=two), *uploads, ok, Answer(502, b"<html>"))
    assert isinstance(outcome, Unknown)


def test_templates_that_can_be_filled_in_are_offered() -> None:
    def one(name: str, *components: dict[str, Any], status: str = "APPROVED") -> dict[str, Any]:
        return {"name": name, "language": "it", "status": status, "components": list(components)}

    body = {"type": "BODY", "text": "Ordine {{1}} per {{2}}, {{1}}."}
    with Graph() as cloud:
        cloud.templates = [
            one("plain", {"type": "HEADER", "format": "TEXT", "text": "Ciao"}, body),
            one("paused", body, status="PAUSED"),
            one("picture", {"type": "HEADER", "format": "IMAGE"}, body),
            one("named", {"type": "BODY", "text": "Ciao {{name}}"}),
            one(
                "link",
                body,
                {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://x/{{1}}"}]},
            ),
        ]
        found = provider.templates(SETTINGS | {"api_base": cloud.url}, impatient())
    assert [(t.name, t.parameters, t.status) for t in found] == [("plain", 2, "approved"), ("paused", 2, "paused")]  # fmt: skip


def test_media_is_fetched_in_two_steps() -> None:
    wanted = File("image.jpg", "image/jpeg", media_ref="media-1")
    with Graph() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert provider.fetch_media(wanted, settings, impatient()).content == PICTURE
        cloud.script.extend([error(100, "Object with ID does not exist", error_subcode=33)])
        with pytest.raises(NetError):
            provider.fetch_media(wanted, settings, impatient())


def test_the_check_says_whose_number_it_is_and_who_listens() -> None:
    with Graph() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        number, hook = provider.check(settings, impatient())
        assert "+39 055 000 is Bottega; quality GREEN" in number.detail
        assert hook.ok
        cloud.subscribed = []
        _, hook = provider.check(settings, impatient())
        assert hook.ok is False
        assert "subscribe" in hook.detail
