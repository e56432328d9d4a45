"""Slack, both directions. What we call genuine, Slack's own verifier calls genuine."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from sportello.channels.contract import (
    Address,
    Edited,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Reaction,
    Refused,
    Sent,
    Withdrawn,
)
from sportello.channels.providers.slack import mrkdwn, provider
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.slack import SECRET, TOKEN, WebApi, no

SETTINGS: dict[str, Any] = {"bot_token": TOKEN, "signing_secret": SECRET, "colleagues": True}
HOME = {"team_id": "T_HOME", "user_id": "U_BOT", "is_bot": True}
STAMP = "1763800000.000100"


def body(**event: Any) -> bytes:
    plain = {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "U1",
        "user_team": "T_THEIRS",
    }
    return json.dumps(
        {"type": "event_callback", "team_id": "T_HOME", "authorizations": [HOME], "event_id": "Ev1", "event": plain | event}
    ).encode()  # fmt: skip


def parsed(data: bytes, **settings: Any) -> list[Any]:
    return provider.parse(Raw(data), SETTINGS | settings)


def message(**event: Any) -> Inbound:
    (found,) = parsed(body(**({"ts": STAMP, "text": "Ciao"} | event)))
    assert isinstance(found, Inbound)
    return found


def signed(data: bytes, secret: str = SECRET, at: int | None = None) -> Raw:
    stamp = str(int(time.time()) if at is None else at)
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + data, hashlib.sha256)
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={made.hexdigest()}"}
    return Raw(data, headers)


class TestSlack(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("bot_token", "signing_secret", "api_base")
    rate_limit = Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"})
    refusal = no("That person left us")

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return signed(body, settings["signing_secret"] or "")

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return body(ts=f"1763800000.{ord(external_id[-1]):06}", text=text, thread_ts="1763800000.000001")  # fmt: skip

    def ignored(self) -> list[bytes]:
        subtypes = ("channel_join", "bot_message", "channel_topic", "brand_new")
        return [
            *(body(ts="1.2", text="x", subtype=subtype) for subtype in subtypes),
            *(body(type=kind) for kind in ("member_joined_channel", "pin_added", "brand_new")),
            body(ts="1.2", text="ours", user="U_BOT"),
            body(ts="1.2", text="another app", bot_id="B7"),
            json.dumps({"type": "app_rate_limited", "team_id": "T", "minute_rate_limited": 1}).encode(),
        ]  # fmt: skip

    def cloud(self) -> Cloud:
        return WebApi()

    def outbound(self) -> Outbound:
        return Outbound("k1", Address("slack", "T_THEIRS:U1"), "Buongiorno 🙂", thread_ref=f"C1:{STAMP}")  # fmt: skip


class TestWhoIsCalling:
    def test_the_vector_of_slacks_own_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        vector = fixtures.vectors("slack")
        stamp = vector["headers"]["X-Slack-Request-Timestamp"]
        monkeypatch.setattr(time, "time", lambda: float(stamp))
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": vector["expected"]}
        raw = Raw(vector["body"].encode(), headers)
        provider.verify(raw, {"signing_secret": vector["secret"]})

    def test_slacks_own_verifier_agrees(self) -> None:
        judge = SignatureVerifier(SECRET)
        for raw in (signed("però 🙂".encode()), signed(b"x", "other"), signed(b"x", at=1)):
            try:
                provider.verify(raw, SETTINGS)
                ours = True
            except Refused:
                ours = False
            assert judge.is_valid_request(raw.body, dict(raw.headers)) is ours

    def test_a_replay_is_refused(self) -> None:
        for at in (int(time.time()) - 301, int(time.time()) + 301, 0):
            with pytest.raises(Refused):
                provider.verify(signed(body(), at=at), SETTINGS)

    def test_the_question_for_the_address_is_answered_to_slack_only(self) -> None:
        question = b'{"token":"x","challenge":"3eZbrw1aB","type":"url_verification"}'
        answer = provider.handshake(signed(question), SETTINGS)
        assert answer
        assert (answer.status, answer.body) == (200, "3eZbrw1aB")
        with pytest.raises(Refused):
            provider.handshake(signed(question, "other"), SETTINGS)

    def test_a_customer_who_writes_the_word_asks_no_question(self) -> None:
        said = body(ts=STAMP, text='{"type":"url_verification","challenge":"x"}')
        assert provider.handshake(signed(said), SETTINGS) is None


class TestReading:
    def test_a_message_opens_a_thread_and_answers_go_on_there(self) -> None:
        first = message(user_profile={"real_name": "Ada Lovelace"})
        assert (first.external_id, first.thread_ref) == (f"C1:{STAMP}", f"C1:{STAMP}")
        assert first.sender == Address("slack", "T_THEIRS:U1", "Ada Lovelace", verified=True, how="provider")  # fmt: skip
        assert first.sent_at
        assert first.sent_at.year == 2025
        second = message(ts="1763800009.000200", thread_ts=STAMP)
        assert second.thread_ref == first.thread_ref

    def test_a_direct_message_is_one_talk_even_when_it_is_threaded(self) -> None:
        direct = message(channel="D9", channel_type="im", thread_ts="1763700000.000001")
        assert (direct.thread_ref, direct.answers) == ("D9", "D9:1763700000.000001")

    def test_colleagues_open_no_tickets_unless_they_are_the_customers(self) -> None:
        theirs = {"user_team": "T_HOME", "ts": STAMP, "text": "Ciao"}
        assert parsed(body(**theirs)) == []
        assert len(parsed(body(**theirs), colleagues=False)) == 1
        assert len(parsed(body(**theirs, channel_type="im", channel="D1"))) == 1

    def test_markup_becomes_text(self) -> None:
        said = "Hi <@U2|bob>, *see* <https://x.example/?a=1&amp;b=2|the page> in <#C1|help> <!here> &lt;b&gt;"
        assert message(text=said).text == (
            "Hi @bob, *see* the page (https://x.example/?a=1&b=2) in #help @here <b>"
        )
        assert message(text="<mailto:a@x.example|a@x.example> &amp;lt;").text == "a@x.example &lt;"

    def test_files_lie_at_slack_and_are_asked_for_by_id_in_shared_channels(self) -> None:
        own = {"id": "F1", "name": "a.png", "mimetype": "image/png", "url_private_download": "https://files.slack.com/a.png"}  # fmt: skip
        shared = {"id": "F2", "mode": "file_access", "file_access": "check_file_info"}
        gone = {"id": "F3", "mode": "tombstone"}
        found = message(subtype="file_share", text="", files=[own, shared, gone])
        assert [(f.name, f.media_ref) for f in found.files] == [
            ("a.png", "https://files.slack.com/a.png"),
            ("file", "F2"),
        ]

    def test_an_edit_and_a_deletion_say_so_once(self) -> None:
        was = {"user": "U1", "user_team": "T_THEIRS", "text": "Caio", "ts": STAMP}
        now = was | {"text": "Ciao", "edited": {"ts": "1763800005.000000"}}
        edit = body(subtype="message_changed", message=now, previous_message=was)
        (edited,) = parsed(edit)
        assert isinstance(edited, Edited)
        assert (edited.external_id, edited.text) == (f"C1:{STAMP}", "Ciao")
        unfurled = body(subtype="message_changed", message=was, previous_message=was)
        assert parsed(unfurled) == []
        (withdrawn,) = parsed(body(subtype="message_deleted", deleted_ts=STAMP, previous_message=was))  # fmt: skip
        assert isinstance(withdrawn, Withdrawn)
        assert withdrawn.external_id == f"C1:{STAMP}"
        ours = was | {"user": "U_BOT"}
        assert parsed(body(subtype="message_deleted", deleted_ts=STAMP, previous_message=ours)) == []  # fmt: skip

    def test_a_reaction_is_an_emoji_and_can_be_taken_back(self) -> None:
        item = {"type": "message", "channel": "C1", "ts": STAMP}
        (added,) = parsed(body(type="reaction_added", reaction="+1::skin-tone-2", item=item))
        assert isinstance(added, Reaction)
        assert (added.external_id, added.emoji) == (f"C1:{STAMP}", "👍")
        (removed,) = parsed(body(type="reaction_removed", reaction="+1", item=item))
        assert removed.emoji == ""
        (own,) = parsed(body(type="reaction_added", reaction="shop_logo", item=item))
        assert own.emoji == ":shop_logo:"

    def test_a_pressed_button_is_what_the_customer_says(self) -> None:
        payload = {
            "type": "block_actions", "user": {"id": "U1", "team_id": "T_THEIRS", "name": "ada"}, "channel": {"id": "C1"},
            "message": {"ts": "1763800007.000300", "thread_ts": STAMP},
            "actions": [{"action_id": "q0", "value": "yes", "text": {"text": "Yes &amp; no"}, "action_ts": "1763800008.5"}],
        }  # fmt: skip
        form = urlencode({"payload": json.dumps(payload)}).encode()
        provider.verify(signed(form), SETTINGS)
        (found,) = parsed(form)
        assert (found.text, found.meta, found.thread_ref) == ("Yes & no", {"postback": "yes"}, f"C1:{STAMP}")  # fmt: skip
        assert found.sender.address == "T_THEIRS:U1"
        assert found.answers == "C1:1763800007.000300"

    def test_the_payloads_beside_the_repository_are_read(self) -> None:
        for name, payload in fixtures.payloads("slack/java-slack-sdk/events"):
            assert isinstance(parsed(json.dumps(payload).encode()), list), name


class TestSending:
    def send(self, cloud: WebApi, **fields: Any) -> Any:
        plain = {"text": "Ciao", "thread_ref": f"C1:{STAMP}"}
        outbound = Outbound("k1", Address("slack", "T:U1"), **(plain | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_an_answer_stays_in_its_thread_and_mentions_nobody(self) -> None:
        with WebApi() as cloud:
            assert self.send(cloud, text="a < b & <!channel>") == Sent("C1:1763800000.000001")
            sent = cloud.calls[0].json
        assert (sent["channel"], sent["thread_ts"]) == ("C1", STAMP)
        assert sent["text"] == "a &lt; b &amp; &lt;!channel&gt;"
        assert sent["unfurl_links"] is False

    def test_without_a_thread_it_is_a_direct_message(self) -> None:
        with WebApi() as cloud:
            assert self.send(cloud, thread_ref="").external_id.startswith("D_U1:")
            assert "thread_ts" not in cloud.calls[-1].json

    def test_buttons_are_blocks_that_slacks_library_accepts(self) -> None:
        choices = tuple(QuickReply(f"id{n}", "x" * 90) for n in range(10))
        with WebApi() as cloud:
            assert isinstance(self.send(cloud, text="y " * 2000, quick_replies=choices), Sent)
            blocks = cloud.calls[0].json["blocks"]
        assert [b["type"] for b in blocks] == ["section", "section", "actions"]

    def test_files_go_up_unseen_and_are_shown_below_the_text(self) -> None:
        with WebApi() as cloud:
            outcome = self.send(cloud, files=(File("a.png", "image/png", b"PNG"),))
            assert outcome.external_id.startswith("C1:17638")
            assert cloud.files == {"F1": b"PNG"}
            (shown,) = cloud.shown
        assert shown == {"files": [{"id": "F1", "title": "a.png"}], "channel_id": "C1", "thread_ts": STAMP}  # fmt: skip

    def test_a_broken_upload_shows_nothing_and_is_tried_again(self) -> None:
        with WebApi() as cloud:
            cloud.script.append(Answer(200, {}, delay=1.2))
            outcome = self.send(cloud, files=(File("a.png", "image/png", b"PNG"),))
            assert isinstance(outcome, Failed)
            assert not outcome.permanent
            assert not any("postMessage" in call.path for call in cloud.calls)

    def test_what_was_sent_in_part_is_not_sent_again(self) -> None:
        with WebApi() as cloud:
            post = Answer(200, {"ok": True, "channel": "C1", "ts": "1.2"})
            place = Answer(200, {"ok": True, "upload_url": f"{cloud.url}/upload/F1", "file_id": "F1"})  # fmt: skip
            cloud.script.extend([place, Answer(200, b"OK"), post, no("ratelimited")])
            assert self.send(cloud, files=(File("a", "image/png", b"x"),)).permanent

    def test_a_limit_by_name_waits_as_long_as_slack_says(self) -> None:
        with WebApi() as cloud:
            cloud.script.append(Answer(200, {"ok": False, "error": "ratelimited"}, {"Retry-After": "9"}))  # fmt: skip
            outcome = self.send(cloud)
        assert (outcome.permanent, outcome.retry_after) == (False, timedelta(seconds=9))

    def test_a_channel_we_were_thrown_out_of_is_told_in_words(self) -> None:
        with WebApi() as cloud:
            cloud.script.append(no("not_in_channel"))
            outcome = self.send(cloud)
        assert outcome.permanent
        assert "not in this Slack channel" in outcome.reason


class TestFiles:
    def fetch(self, cloud: WebApi, reference: str, token: str = TOKEN) -> File:
        settings = SETTINGS | {"api_base": cloud.url, "bot_token": token}
        return provider.fetch_media(File("a", "image/png", media_ref=reference), settings, impatient())  # fmt: skip

    def test_they_are_fetched_with_the_token_by_address_or_id(self) -> None:
        with WebApi() as cloud:
            cloud.files["F1"] = b"PNG"
            assert self.fetch(cloud, f"{cloud.url}/files-pri/F1").content == b"PNG"
            assert self.fetch(cloud, "F1").content == b"PNG"
            with pytest.raises(NetError):
                self.fetch(cloud, "F2")

    def test_a_sign_in_page_is_no_file(self) -> None:
        with WebApi() as cloud, pytest.raises(NetError):
            self.fetch(cloud, f"{cloud.url}/files-pri/F1", token="other")

    def test_the_token_goes_to_slack_only(self) -> None:
        with WebApi() as cloud, WebApi() as stranger:
            stranger.files["F1"] = b"PNG"
            with pytest.raises(NetError):
                provider.fetch_media(
                    File("a", "image/png", media_ref=f"{stranger.url}/files-pri/F1"),
                    SETTINGS | {"api_base": cloud.url}, impatient(),
                )  # fmt: skip
            assert "authorization" not in stranger.calls[0].headers


def test_the_check_names_the_scopes_that_are_missing() -> None:
    with WebApi() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert [line.ok for line in provider.check(settings, impatient())] == [True]
        cloud.scopes = "chat:write,im:write,users:read"
        (line,) = provider.check(settings, impatient())
        assert line.ok is False
        assert "files:read, files:write" in line.detail


def test_a_long_text_is_cut_at_blanks() -> None:
    assert mrkdwn.pieces("aaa bbb ccc", 7) == ["aaa bbb", "ccc"]
    assert mrkdwn.pieces("aaaa bbb ccc", 7) == ["aaaa", "bbb ccc"]
    assert mrkdwn.pieces("a" * 9, 4) == ["aaaa", "aaaa", "a"]
