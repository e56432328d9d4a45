"""Telegram, both directions."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sportello.channels.contract import (
    Address,
    Echo,
    Edited,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Reaction,
    Sent,
)
from sportello.channels.providers.telegram import provider
from sportello.channels.registry import get
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.telegram import TOKEN, BotApi, refusal

SETTINGS: dict[str, Any] = {"bot_token": TOKEN, "secret_token": "knock-knock"}
ADA = {"id": 55, "is_bot": False, "first_name": "Ada", "last_name": "Rossi", "language_code": "it"}
PRIVATE = {"id": 55, "type": "private"}


def message(number: int = 7, **fields: Any) -> dict[str, Any]:
    plain = {"message_id": number, "from": ADA, "chat": PRIVATE, "date": 1631132077}
    return {"update_id": number + 1000, "message": plain | fields}


def parsed(update: dict[str, Any]) -> list[Any]:
    return provider.parse(Raw(json.dumps(update).encode()), SETTINGS)


def outbound(**fields: Any) -> Outbound:
    return Outbound("k1", Address("telegram", "55"), **({"text": "Ciao"} | fields))


class TestTelegram(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("bot_token", "secret_token", "polling", "api_base")
    signs_body = False
    rate_limit = refusal(429, "Too Many Requests: retry after 5", retry_after=5)
    refusal = refusal(400, "That person left us")

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return Raw(body, {"x-telegram-bot-api-secret-token": settings["secret_token"] or ""})

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(message(sum(external_id.encode()), text=text)).encode()

    def ignored(self) -> list[bytes]:
        bot = message(text="hello")
        bot["message"]["from"] = ADA | {"is_bot": True}
        updates = [
            message(text="/start"), message(new_chat_title="x"), bot,
            {"update_id": 3, "brand_new_thing": {}}, {"update_id": 4, "poll": {"id": "1"}},
            {"update_id": 5, "channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}, "text": "news"}},
        ]  # fmt: skip
        return [json.dumps(u).encode() for u in updates]

    def cloud(self) -> Cloud:
        return BotApi()


def test_it_is_found_by_its_folder() -> None:
    assert get("telegram") is provider


def test_a_message_says_who_where_and_when() -> None:
    (found,) = parsed(message(text="Ciao\x00", reply_to_message={"message_id": 3}))
    assert found.external_id == "55:7"
    assert found.sender == Address("telegram", "55", "Ada Rossi", verified=True, how="provider")
    assert (found.text, found.language, found.answers) == ("Ciao", "it", "55:3")
    assert found.sent_at.isoformat() == "2021-09-08T20:14:37+00:00"
    assert found.thread_ref == ""


def test_a_group_is_a_thread_of_its_own() -> None:
    (found,) = parsed(message(text="hi", chat={"id": -100, "type": "supergroup"}))
    assert (found.sender.address, found.thread_ref) == ("55", "-100")


@pytest.mark.parametrize(
    ("fields", "file", "text"),
    [
        ({"photo": [{"file_id": "s"}, {"file_id": "l"}], "caption": "Look"}, ("photo.jpg", "image/jpeg", "l"), "Look"),
        ({"document": {"file_id": "d", "file_name": "a.pdf", "mime_type": "application/pdf"}}, ("a.pdf", "application/pdf", "d"), ""),
        ({"voice": {"file_id": "v"}}, ("voice.ogg", "audio/ogg", "v"), ""),
        ({"sticker": {"file_id": "s", "emoji": "👍"}}, ("sticker.webp", "image/webp", "s"), "👍"),
        ({"animation": {"file_id": "a"}, "document": {"file_id": "a"}}, ("animation.mp4", "video/mp4", "a"), ""),
    ],
)  # fmt: skip
def test_files_stay_at_telegram_until_fetched(
    fields: dict[str, Any], file: tuple[str, str, str], text: str
) -> None:
    (found,) = parsed(message(**fields))
    assert [(f.name, f.content_type, f.media_ref) for f in found.files] == [file]
    assert found.text == text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"location": {"latitude": 45.1, "longitude": 9.2}}, "https://www.openstreetmap.org/?mlat=45.1&mlon=9.2"),
        ({"contact": {"first_name": "Bob", "phone_number": "+39340"}}, "Bob\n+39340"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "[dice]"),
    ],
)  # fmt: skip
def test_what_is_neither_text_nor_file_is_put_into_words(fields: dict[str, Any], text: str) -> None:
    (found,) = parsed(message(**fields))
    assert found.text == text


def test_an_edit_names_the_message_as_it_came() -> None:
    update = {"update_id": 1, "edited_message": message(text="right")["message"] | {"edit_date": 9}}
    (found,) = parsed(update)
    assert isinstance(found, Edited)
    assert (found.external_id, found.text) == ("55:7", "right")
    assert found.sender is not None
    assert found.at == datetime.fromtimestamp(9, UTC)


def test_a_pressed_button_says_its_title() -> None:
    keyboard = {"inline_keyboard": [[{"text": "Yes, please", "callback_data": "y"}]]}
    under = message(reply_markup=keyboard, text="Coffee?")["message"]
    update = {"update_id": 1, "callback_query": {"id": "c9", "from": ADA, "message": under, "data": "y"}}  # fmt: skip
    (found,) = parsed(update)
    assert (found.text, found.answers, found.external_id) == ("Yes, please", "55:7", "callback:c9")
    assert provider.envelope(Raw(json.dumps(update).encode())).external_ids == ("callback:c9",)


def test_reactions_come_and_go() -> None:
    base = {"chat": PRIVATE, "message_id": 7, "user": ADA, "date": 1, "old_reaction": []}
    thumb = {"new_reaction": [{"type": "emoji", "emoji": "👍"}]}
    (given,) = parsed({"update_id": 1, "message_reaction": base | thumb})
    (taken,) = parsed({"update_id": 2, "message_reaction": base | {"new_reaction": []}})
    assert isinstance(given, Reaction)
    assert (given.external_id, given.emoji, taken.emoji) == ("55:7", "👍", "")


def test_what_the_owner_of_a_business_account_writes_is_ours() -> None:
    theirs = message(text="Hi", business_connection_id="b1")["message"]
    (inbound,) = parsed({"update_id": 1, "business_message": theirs})
    assert isinstance(inbound, Inbound)
    assert inbound.thread_ref == "b1/55"
    (echo,) = parsed({"update_id": 2, "business_message": theirs | {"from": ADA | {"id": 77}}})
    assert isinstance(echo, Echo)
    assert echo.recipient == Address("telegram", "55")


def test_the_payloads_beside_the_repository_are_read() -> None:
    for name, payload in fixtures.payloads("chatwoot-specs/telegram"):
        update = payload if "update_id" in payload else {"update_id": 1, "message": payload}
        found = parsed(update)
        assert len(found) == ("text" in str(payload) or "callback" in str(payload)), name


class TestSending:
    def send(self, cloud: BotApi, **fields: Any) -> Any:
        return provider.send(outbound(**fields), SETTINGS | {"api_base": cloud.url}, impatient(2))

    def test_buttons_and_the_quoted_message(self) -> None:
        with BotApi() as cloud:
            outcome = self.send(cloud, answers="55:7", quick_replies=(QuickReply("y" * 80, "Yes"),))
            assert outcome == Sent("55:900")
            sent = cloud.calls[0].json
        assert sent["reply_parameters"]["message_id"] == 7
        assert sent["reply_markup"]["inline_keyboard"] == [
            [{"text": "Yes", "callback_data": "y" * 64}]
        ]

    def test_one_picture_carries_the_text(self) -> None:
        with BotApi() as cloud:
            assert isinstance(self.send(cloud, files=(File("a.png", "image/png", b"PNG"),)), Sent)
            (call,) = cloud.calls
        assert call.path.endswith("/sendPhoto")
        assert b"Ciao" in call.body
        assert b"PNG" in call.body

    def test_several_files_follow_the_text(self) -> None:
        files = (File("a.png", "image/png", b"1"), File("b.pdf", "application/pdf", b"2"))
        with BotApi() as cloud:
            assert self.send(cloud, files=files) == Sent("55:900")
            methods = [c.path.rpartition("/")[2] for c in cloud.calls]
        assert methods == ["sendMessage", "sendPhoto", "sendDocument"]

    def test_what_was_sent_in_part_is_not_sent_again(self) -> None:
        files = (File("a.png", "image/png", b"1"), File("b.pdf", "application/pdf", b"2"))
        with BotApi() as cloud:
            cloud.script.extend(
                [cloud.sendMessage({"chat_id": "55"}), refusal(429, "slow", retry_after=3)]
            )
            outcome = self.send(cloud, files=files)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "a.png" in outcome.reason

    def test_who_blocked_the_bot_is_out_of_reach(self) -> None:
        with BotApi() as cloud:
            cloud.blocked.add("55")
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "does not take messages" in outcome.reason

    def test_the_wait_is_telegrams(self) -> None:
        with BotApi() as cloud:
            cloud.script.append(refusal(429, "Too Many Requests", retry_after=42))
            assert self.send(cloud).retry_after == timedelta(seconds=42)

    def test_a_group_that_became_a_supergroup_is_followed(self) -> None:
        with BotApi() as cloud:
            cloud.script.append(refusal(400, "group chat was upgraded", migrate_to_chat_id=-1009))
            assert isinstance(self.send(cloud, thread_ref="-9"), Sent)
            assert [c.json["chat_id"] for c in cloud.calls] == ["-9", "-1009"]


class TestFetching:
    def settings(self, cloud: BotApi) -> dict[str, Any]:
        return {"bot_token": TOKEN, "polling": True, "api_base": cloud.url}

    def test_updates_come_in_order_with_the_cursor_behind_them(self) -> None:
        found: list[tuple[str, dict[str, Any]]] = []

        def store(raw: Raw, cursor: dict[str, Any]) -> None:
            (said,) = provider.parse(raw, {})
            assert isinstance(said, Inbound)
            found.append((said.text, cursor))

        with BotApi() as cloud:  # a webhook is registered still: it is taken away
            cloud.updates = [message(n, text=str(n)) for n in (1, 2, 3)]
            settings = self.settings(cloud)
            provider.listen(settings, {"offset": 1002}, impatient(), store, lambda: len(found) == 2)
        assert found == [("2", {"offset": 1003}), ("3", {"offset": 1004})]

    def test_a_pressed_button_is_acknowledged(self) -> None:
        stop = threading.Event()
        with BotApi() as cloud:
            cloud.webhook = {"url": ""}
            cloud.updates = [{"update_id": 1, "callback_query": {"id": "c9", "from": ADA, "data": "y"}}]  # fmt: skip
            provider.listen(self.settings(cloud), {}, impatient(), lambda r, c: stop.set(), stop.is_set)  # fmt: skip
            assert cloud.calls[-1].json == {"callback_query_id": "c9"}

    def test_a_refusal_is_raised_for_the_channels_page(self) -> None:
        with BotApi() as cloud, pytest.raises(NetError, match="bot token"):
            list(provider.poll(self.settings(cloud) | {"bot_token": "1:x"}, {}, impatient()))

    def test_nothing_is_fetched_without_the_setting(self) -> None:
        assert list(provider.poll({"bot_token": TOKEN}, {}, impatient())) == []

    def test_files_are_fetched(self) -> None:
        with BotApi() as cloud:
            cloud.files["f1"] = b"JPEG"
            settings = self.settings(cloud)
            file = File("p.jpg", "image/jpeg", media_ref="f1")
            assert provider.fetch_media(file, settings, impatient()).content == b"JPEG"
            with pytest.raises(NetError, match="invalid file_id"):
                provider.fetch_media(File("p", "x/y", media_ref="gone"), settings, impatient())


class TestCheck:
    def lines(self, cloud: BotApi, **settings: Any) -> list[tuple[bool | None, str]]:
        found = provider.check(SETTINGS | settings | {"api_base": cloud.url}, impatient())
        return [(line.ok, line.detail) for line in found]

    def test_a_missing_webhook_is_told(self) -> None:
        with BotApi() as cloud:
            cloud.webhook = {"url": ""}
            assert self.lines(cloud)[1][0] is False

    def test_the_trouble_telegram_has_with_us_is_told(self) -> None:
        with BotApi() as cloud:
            cloud.webhook["last_error_message"] = "Connection timed out"
            assert "Connection timed out" in self.lines(cloud)[1][1]

    def test_the_address_is_registered_when_it_is_known(self) -> None:
        with BotApi() as cloud:
            assert self.lines(cloud, webhook_url="https://x.example/intake/c")[1][0]
            assert cloud.webhook == {"url": "https://x.example/intake/c"}

    def test_a_wrong_token_is_told(self) -> None:
        with BotApi() as cloud:
            assert self.lines(cloud, bot_token="1:x")[0] == (
                False,
                "Telegram does not know this bot token. Copy it again from @BotFather.",
            )


def test_an_answer_without_a_message_is_not_taken_for_sent() -> None:
    with BotApi() as cloud:
        cloud.script.append(Answer(200, {"ok": True, "result": {}}))
        outcome = provider.send(outbound(), SETTINGS | {"api_base": cloud.url}, impatient())
    assert not isinstance(outcome, Sent)
