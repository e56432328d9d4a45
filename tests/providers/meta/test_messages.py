"""Direct messages of Messenger and Instagram: one Send API, two accents."""

from __future__ import annotations

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
    Inbound,
    Outbound,
    Parsed,
    QuickReply,
    Raw,
    Reaction,
    SeenUpTo,
    Sent,
    Status,
    StatusUpdate,
    Withdrawn,
)
from sportello.channels.providers.instagram import provider as instagram
from sportello.channels.providers.messenger import provider as messenger
from sportello.channels.vendors.meta.pages import PageProvider
from tests.providers.conformance import Conformance, impatient
from tests.providers.meta.fixtures import payloads, raw, signed
from tests.vendors.cloud import Answer
from tests.vendors.graph import EXPIRED, PICTURE, TOKEN, Graph, error

SETTINGS = {
    "page_id": "12345654332",
    "page_access_token": TOKEN,
    "app_secret": "app-secret-abcdef",
    "verify_token": "pappagallo",
}
BOTH = pytest.mark.parametrize("provider", [messenger, instagram], ids=["messenger", "instagram"])
STORY = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=x"


def event(kind: str = "page", account: str = "12345654332", **what: Any) -> dict[str, Any]:
    said = {
        "sender": {"id": "987654321432"},
        "recipient": {"id": account},
        "timestamp": 1457764197627,
        **what,
    }
    return {"object": kind, "entry": [{"id": account, "time": 1457764198246, "messaging": [said]}]}


def words(text: str = "Ciao", mid: str = "m_1", **more: Any) -> dict[str, Any]:
    return event(message={"mid": mid, "text": text, **more})


def read(data: Any, provider: PageProvider = messenger) -> list[Parsed]:
    return provider.parse(raw(data), SETTINGS)


def heard(data: Any, provider: PageProvider = messenger) -> Inbound:
    (found,) = read(data, provider)
    assert isinstance(found, Inbound)
    return found


class _Shared(Conformance):
    settings = SETTINGS
    names = ("page_id", "page_access_token", "app_secret", "verify_token", "api_base")
    rate_limit = Answer(429, {"error": {"message": "Slow", "code": 613}}, {"Retry-After": "7"})
    refusal = error(551, "This person isn't available right now.")
    refusal_words = "This person isn't available"

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return signed(body, str(settings["app_secret"] or ""))

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(words(text, external_id)).encode()

    def ignored(self) -> list[bytes]:
        news = (
            event(optin={"ref": "x"}),
            event(account_linking={"status": "linked"}),
            event(policy_enforcement={"action": "block"}),
            event(take_thread_control={"previous_owner_app_id": "1"}),
            event(brand_new={"x": 1}),
            {"object": "page", "entry": [{"id": "12345654332", "time": 1}]},
            {"object": "user", "entry": [{"id": "12345654332", "changed_fields": ["likes"]}]},
        )
        return [json.dumps(item).encode() for item in news]

    def cloud(self) -> Graph:
        return Graph()


class TestMessengerConformance(_Shared):
    provider = messenger

    def statuses(self) -> list[bytes]:
        told = event(delivery={"mids": ["m_9"], "watermark": 1458668856253})
        return [json.dumps(told).encode()]

    def ignored(self) -> list[bytes]:
        other = event(account="999", message={"mid": "m", "text": "for another page"})
        return [*super().ignored(), json.dumps(other).encode()]


class TestInstagramConformance(_Shared):
    provider = instagram

    def statuses(self) -> list[bytes]:
        return [json.dumps(event("instagram", read={"mid": "m_9"})).encode()]


# ---------------------------------------------------------------------- what comes in


@BOTH
def test_a_message_has_its_author_and_time(provider: PageProvider) -> None:
    found = heard(words(), provider)
    assert found.sender == Address(provider.kind, "987654321432", "", True, "provider")
    assert found.sent_at == datetime(2016, 3, 12, 6, 29, 57, tzinfo=UTC) + timedelta(
        milliseconds=627
    )
    assert not found.is_public
    assert found.thread_ref == ""


@BOTH
def test_buttons_say_their_title_and_carry_their_payload(provider: PageProvider) -> None:
    quick = heard(words("Red", quick_reply={"payload": "R"}), provider)
    assert (quick.text, quick.meta["payload"]) == ("Red", "R")
    pressed = heard(event(postback={"title": "Start", "payload": "GO", "mid": "m_2"}), provider)
    assert (pressed.text, pressed.meta["payload"], pressed.external_id) == ("Start", "GO", "m_2")
    old = event(postback={"payload": "GO"})
    assert heard(old, provider).external_id == heard(old, provider).external_id != ""


@BOTH
def test_attachments_are_files_or_lines(provider: PageProvider) -> None:
    def attached(kind: str, payload: Any = None, **more: Any) -> Inbound:
        found = {"type": kind, "payload": payload or {}, **more}
        return heard(event(message={"mid": "m", "attachments": [found]}), provider)

    picture = attached("image", {"url": "https://x.fbcdn.net/v/gatto.png?oh=1"})
    assert picture.files == (File("gatto.png", "image/png", media_ref="https://x.fbcdn.net/v/gatto.png?oh=1"),)  # fmt: skip
    assert picture.text == ""
    assert attached("audio", {"url": STORY}).files[0].name.startswith("audio.")
    assert "mlat=12.3" in attached("location", {"coordinates": {"lat": 12.3, "long": 4}}).text
    assert attached("fallback", title="Sito", url="https://x.example").text == "[Shared a link] Sito https://x.example"  # fmt: skip
    assert attached("ig_reel", {"title": "R", "url": STORY}).text == f"[Shared a reel] R {STORY}"
    mention = attached("story_mention", {"url": STORY})
    assert (mention.text, mention.files[0].media_ref) == ("[Mentioned you in a story]", STORY)
    assert attached("hologram").text == "[hologram]"


def test_a_story_reply_brings_the_story() -> None:
    found = heard(words(reply_to={"story": {"id": "1", "url": STORY}}), instagram)
    assert found.files == (File("story.jpg", "image/jpeg", media_ref=STORY),)
    assert found.meta["story"] == STORY
    assert heard(words(reply_to={"mid": "m_0"})).answers == "m_0"


@BOTH
def test_unsent_and_edited_messages_name_the_first(provider: PageProvider) -> None:
    (gone,) = read(event(message={"mid": "m_1", "is_deleted": True}), provider)
    assert isinstance(gone, Withdrawn)
    assert gone.external_id == "m_1"
    changed = event(message_edit={"mid": "m_1", "text": "due", "num_edit": "2"})
    (edited,) = read(changed, provider)
    assert isinstance(edited, Edited)
    assert (edited.text, edited.external_id, edited.sender) == ("due", "m_1", gone.sender)


@BOTH
def test_reactions_come_and_go(provider: PageProvider) -> None:
    (found,) = read(event(reaction={"mid": "m", "action": "react", "emoji": "❤"}), provider)
    assert isinstance(found, Reaction)
    assert (found.external_id, found.emoji) == ("m", "❤")
    (gone,) = read(event(reaction={"mid": "m", "action": "unreact"}), provider)
    assert isinstance(gone, Reaction)
    assert gone.emoji == ""


def test_receipts_name_messages_or_give_a_watermark() -> None:
    told = read(event(delivery={"mids": ["m_1", "m_2"], "watermark": 1}))
    assert [(u.external_id, u.status) for u in told if isinstance(u, StatusUpdate)] == [
        ("m_1", Status.DELIVERED),
        ("m_2", Status.DELIVERED),
    ]
    (seen,) = read(event(read={"mid": "m_3"}), instagram)
    assert isinstance(seen, StatusUpdate)
    assert seen.status is Status.READ
    (mark,) = read(event(read={"watermark": 1458668856253}))
    assert isinstance(mark, SeenUpTo)
    assert (mark.recipient.address, mark.status) == ("987654321432", Status.READ)
    assert mark.at == datetime(2016, 3, 22, 17, 47, 36, 253000, tzinfo=UTC)
    (older,) = read(event(delivery={"watermark": 1458668856253}))
    assert isinstance(older, SeenUpTo)
    assert older.status is Status.DELIVERED


def test_what_another_app_said_is_kept_and_what_we_said_is_a_status() -> None:
    said: dict[str, Any] = {"sender": {"id": "12345654332"}, "recipient": {"id": "987"}}
    message = {"mid": "m_5", "text": "Dal telefono", "is_echo": True, "app_id": 1}
    (echo,) = read(event(**said, message=message))
    assert isinstance(echo, Echo)
    assert (echo.external_id, echo.recipient.address, echo.text) == ("m_5", "987", "Dal telefono")
    (ours,) = read(event(**said, message=message | {"metadata": "sportello:k-1"}))
    assert isinstance(ours, StatusUpdate)
    assert (ours.external_id, ours.status) == ("m_5", Status.SENT)


def test_a_talk_that_another_app_owns_says_so() -> None:
    data = words()
    data["entry"][0]["standby"] = data["entry"][0].pop("messaging")
    assert heard(data).meta["standby"] == "yes"


def test_captured_messenger_payloads_are_understood() -> None:
    kinds = set()
    for name, data in payloads("meta/restfb-webhooks"):
        if data.get("object") != "page":
            continue
        parsed = messenger.parse(raw(data), SETTINGS | {"page_id": ""})
        messenger.envelope(raw(data))
        for item in parsed:
            kinds.add(type(item).__name__)
            if isinstance(item, Inbound):
                assert item.external_id, name
                assert item.sender.address, name
                assert item.text or item.files, name
        if name.split("/")[1].startswith("messaging-message-"):
            assert parsed, name
        if name.split("/")[1].startswith(("feed-", "ratings-", "mention-")):
            assert not parsed, name
    assert kinds == {
        "Inbound",
        "Echo",
        "Reaction",
        "StatusUpdate",
        "SeenUpTo",
        "Edited",
        "Withdrawn",
    }


def test_captured_instagram_payloads_are_understood() -> None:
    seen: dict[str, list[Parsed]] = {}
    for name, data in payloads("meta/restfb/instagram", "chatwoot-specs/instagram"):
        if "entry" in data:
            seen[name] = instagram.parse(raw(data), SETTINGS)
            instagram.envelope(raw(data))
    assert [name for name, parsed in seen.items() if not parsed] == ["instagram/wh-story_insights"]
    for name, parsed in seen.items():
        for item in parsed:
            assert not isinstance(item, Inbound) or (item.external_id and (item.text or item.files)), name  # fmt: skip
    public = {n for n, parsed in seen.items() for p in parsed if isinstance(p, Inbound) and p.is_public}  # fmt: skip
    assert public == {f"instagram/wh-{n}" for n in ("comments", "comments-2021", "livecomments", "mentions")}  # fmt: skip


# ---------------------------------------------------------------------- Instagram in public


def comment(**more: Any) -> dict[str, Any]:
    value = {
        "id": "179",
        "text": "Quanto costa?",
        "from": {"id": "987", "username": "ada"},
        "media": {"id": "18", "media_product_type": "FEED"},
        **more,
    }
    change = {"field": "comments", "value": value}
    return {
        "object": "instagram",
        "entry": [{"id": "178", "time": 1668022334, "changes": [change]}],
    }


def test_a_comment_is_public_and_its_answers_stand_below_the_top_one() -> None:
    found = heard(comment(), instagram)
    assert (found.is_public, found.thread_ref, found.sender.address) == (True, "179", "987")
    below = heard(comment(parent_id="170"), instagram)
    assert (below.external_id, below.thread_ref, below.answers) == ("179", "170", "170")


def test_instagram_login_spells_the_same_comment_without_a_list() -> None:
    data = comment()
    data["entry"][0] |= data["entry"][0].pop("changes")[0]
    assert heard(data, instagram) == heard(comment(), instagram)


def test_our_own_comments_are_no_messages() -> None:
    assert read(comment(**{"from": {"id": "178", "username": "bottega"}}), instagram) == []


def test_public_answers_leave_below_the_comment() -> None:
    outcome, cloud = sent(instagram, out(instagram, thread_ref="170"))
    assert isinstance(outcome, Sent)
    assert cloud.calls[0].path == "/v25.0/170/replies"
    assert cloud.posted == [{"message": "Ecco"}]
    sent_mention, cloud = sent(instagram, out(instagram, thread_ref="mention:18:179"), instagram_id="178")  # fmt: skip
    assert isinstance(sent_mention, Sent)
    assert cloud.calls[0].path == "/v25.0/178/mentions"
    assert cloud.calls[0].json == {"message": "Ecco", "media_id": "18", "comment_id": "179"}
    refused, _ = sent(instagram, out(instagram, thread_ref="170", files=(File("a", "b/c", b"x"),)))
    assert isinstance(refused, Failed)


# ---------------------------------------------------------------------- what goes out


def out(provider: PageProvider, **more: Any) -> Outbound:
    person = Address(provider.kind, "987654321432")
    fields: dict[str, Any] = {"idempotency_key": "k-1", "recipient": person, "text": "Ecco"}
    return Outbound(**fields | more)


def sent(provider: PageProvider, outbound: Outbound, *answers: Answer, **settings: Any) -> tuple[Any, Graph]:  # fmt: skip
    with Graph() as cloud:
        cloud.script.extend(answers)
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url} | settings, impatient()), cloud  # fmt: skip


def test_a_text_leaves_as_documented() -> None:
    outcome, cloud = sent(messenger, out(messenger))
    assert outcome == Sent("m_1")
    assert cloud.calls[0].path == "/v25.0/12345654332/messages"
    assert cloud.posted == [
        {
            "recipient": {"id": "987654321432"},
            "messaging_type": "RESPONSE",
            "message": {"text": "Ecco", "metadata": "sportello:k-1"},
        }
    ]
    _, cloud = sent(instagram, out(instagram))
    assert cloud.posted[0]["message"] == {"text": "Ecco"}


@BOTH
def test_quick_replies_and_files_leave_together(provider: PageProvider) -> None:
    picture = File("gatto.jpg", "image/jpeg", b"\xff\xd8")
    replies = tuple(QuickReply(f"r{n}", "A rather long title, cut") for n in range(15))
    outcome, cloud = sent(provider, out(provider, files=(picture,), quick_replies=replies))
    assert isinstance(outcome, Sent)
    first, last = (body["message"] for body in cloud.posted)
    assert first["attachment"] == {"type": "image", "payload": {"attachment_id": "1857777774821032"}}  # fmt: skip
    assert len(last["quick_replies"]) == 13
    assert all(len(r["title"]) <= 20 for r in last["quick_replies"])


@BOTH
def test_a_person_may_answer_for_a_week_and_a_robot_for_a_day(provider: PageProvider) -> None:
    def after(**late: Any) -> Any:
        more = {k: late.pop(k) for k in ("automatic",) if k in late}
        until = datetime.now(UTC) - timedelta(**late)
        return sent(provider, out(provider, window_until=until, **more))

    outcome, cloud = after(days=5)
    assert isinstance(outcome, Sent)
    assert (cloud.posted[0]["messaging_type"], cloud.posted[0]["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")  # fmt: skip
    for refused, cloud in (after(days=7), after(hours=1, automatic=True)):
        assert isinstance(refused, Failed)
        assert refused.permanent
        assert not cloud.calls
    within = out(provider, window_until=datetime.now(UTC) + timedelta(hours=1), automatic=True)
    _, cloud = sent(provider, within)
    assert cloud.posted[0]["messaging_type"] == "RESPONSE"


@BOTH
def test_a_private_reply_goes_to_whoever_wrote_the_comment(provider: PageProvider) -> None:
    private = out(provider, recipient=Address("comment", "179"), thread_ref="179")
    outcome, cloud = sent(provider, private)
    assert isinstance(outcome, Sent)
    assert cloud.posted[0]["recipient"] == {"comment_id": "179"}


@BOTH
def test_an_expired_token_says_what_to_do(provider: PageProvider) -> None:
    outcome, _ = sent(provider, out(provider), EXPIRED)
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert "enter a new one" in outcome.reason


@BOTH
def test_a_closed_window_is_for_good(provider: PageProvider) -> None:
    closed = error(10, "This message is sent outside of allowed window.", error_subcode=2018278)
    outcome, _ = sent(provider, out(provider), closed)
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert "outside of allowed window" in outcome.reason


@BOTH
def test_media_is_fetched_without_our_token(provider: PageProvider) -> None:
    with Graph() as cloud:
        cloud.script.append(Answer(200, PICTURE, {"Content-Type": "image/jpeg"}))
        wanted = File("x.bin", "application/octet-stream", media_ref=f"{cloud.url}/cdn/x")
        found = provider.fetch_media(wanted, SETTINGS | {"api_base": cloud.url}, impatient())
    assert (found.content, found.content_type) == (PICTURE, "image/jpeg")
    assert "authorization" not in cloud.calls[0].headers


def test_the_check_names_page_account_and_a_missing_subscription() -> None:
    with Graph() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert "Bottega" in messenger.check(settings, impatient())[0].detail
        assert "@bottega (178414)" in instagram.check(settings, impatient())[0].detail
        cloud.subscribed[0]["subscribed_fields"] = ["feed"]
        assert messenger.check(settings, impatient())[1].ok is False
