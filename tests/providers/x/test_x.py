"""X, both directions."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from sportello.channels.contract import (
    COMMENT,
    Address,
    Echo,
    Failed,
    File,
    Inbound,
    Outbound,
    Raw,
    SeenUpTo,
    Sent,
    Status,
)
from sportello.channels.providers.x import provider
from sportello.channels.providers.x.api import weight
from sportello.channels.providers.x.provider import EVENTS, sign
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.x import KEYS, PICTURE, US, XApi, hook, problem

ADA = "2222222222222222222"
ADA_USER = {"id": ADA, "name": "Ada Rossi", "username": "adarossi", "verified": False}
SETTINGS: dict[str, Any] = dict(KEYS)
PHOTO = {"media_key": "3_77", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg"}


def event(kind: str, payload: Any, **more: Any) -> dict[str, Any]:
    envelope = {"event_uuid": "5007", "filter": {"user_id": US}, "event_type": kind, "tag": "sportello"}  # fmt: skip
    return {"data": envelope | {"payload": payload} | more}


def direct(text: str = "hello!", id: str = "208", *, kind: str = "dm.received", **data: Any) -> dict[str, Any]:  # fmt: skip
    sender, target = (US, ADA) if kind == "dm.sent" else (ADA, US)
    message = {"text": text, "entities": {"hashtags": [], "symbols": [], "urls": []}} | data
    made = {"target": {"recipient_id": target}, "sender_id": sender, "message_data": message}
    one = {"type": "message_create", "id": id, "created_timestamp": "1784928224372", "message_create": made}  # fmt: skip
    return event(kind, {"direct_message_events": [one], "users": {ADA: {"data": ADA_USER}}})


def post(kind: str = "post.mention.create", **fields: Any) -> dict[str, Any]:
    plain = {
        "id": "900", "author_id": ADA, "conversation_id": "900", "text": "hey @bottega", "lang": "it",
        "created_at": "2026-07-24T21:23:23.000Z", "edit_history_tweet_ids": ["900"], "display_text_range": [0, 12],
        "entities": {"mentions": [{"start": 4, "end": 12, "username": "bottega", "id": US}]},
    }  # fmt: skip
    return event(kind, plain | fields, includes={"users": [ADA_USER], "media": [PHOTO]})


def reply(**fields: Any) -> dict[str, Any]:
    below = {"in_reply_to_tweet_id": "850", "in_reply_to_user_id": US, "conversation_id": "800"}
    above = [{"type": "replied_to", "id": "850"}]
    return post(
        "post.reply.create",
        **(
            below
            | {"referenced_tweets": above, "id": "901", "edit_history_tweet_ids": ["901"]}
            | fields
        ),
    )


def parsed(data: dict[str, Any]) -> list[Any]:
    return provider.parse(Raw(json.dumps(data).encode()), SETTINGS)


class TestX(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("api_key", "api_key_secret", "access_token", "access_token_secret", "api_base")
    recipient = ADA
    refusal = problem(403, "That person left us")
    rate_limit = Answer(429, {"title": "Too Many Requests", "detail": "Too Many Requests"}, {"Retry-After": "7"})  # fmt: skip

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return Raw(body, {"x-twitter-webhooks-signature": sign(body, settings["api_key_secret"] or "")})  # fmt: skip

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(direct(text, external_id)).encode()

    def ignored(self) -> list[bytes]:
        elsewhere = direct()
        elsewhere["data"]["filter"] = {"user_id": "3333333333333333333"}
        kinds = (
            "like.create",
            "follow.follow",
            "post.repost.create",
            "post.delete",
            "dm.indicate_typing",
            "brand.new",
        )
        noise = [event(kind, {"id": "1", "author_id": ADA}) for kind in kinds]
        repost = post(referenced_tweets=[{"type": "retweeted", "id": "800"}], text="RT @bottega: x")
        news = post("post.create", author_id=US)
        return [
            json.dumps(e).encode() for e in (elsewhere, *noise, repost, news, reply(author_id=US))
        ]

    def cloud(self) -> Cloud:
        return XApi()


class TestCalling:
    def test_the_vectors(self) -> None:
        call, crc = fixtures.vectors("x: POST"), fixtures.vectors("x: CRC")
        raw = Raw(call["body"].encode(), {"x-twitter-webhooks-signature": call["expected"]})
        provider.verify(raw, {"api_key_secret": call["secret"]})
        answer = provider.challenge(
            {"crc_token": crc["crc_token"]}, {"api_key_secret": crc["secret"]}
        )
        assert answer
        assert answer.content_type == "application/json"
        assert json.loads(answer.body) == crc["expected_json"]

    def test_the_signature_is_over_the_raw_bytes(self) -> None:
        body = rb'{"data": {"event_type": "dm.received", "t": "h\u00e9 \/"}}'
        raw = Raw(body, {"x-twitter-webhooks-signature": sign(body, SETTINGS["api_key_secret"])})
        provider.verify(raw, SETTINGS)

    def test_a_challenge_without_a_secret_is_not_answered(self) -> None:
        """Whoever knows that it is empty could have computed the answer himself."""
        answer = provider.challenge({"crc_token": "x"}, {"api_key_secret": ""})
        assert answer
        assert answer.status == 403
        assert provider.challenge({"other": "x"}, SETTINGS) is None


class TestDirectMessages:
    def test_who_when_and_what(self) -> None:
        (found,) = parsed(direct("Ciao &amp; grazie"))
        assert isinstance(found, Inbound)
        assert found.sender == Address("x", ADA, "Ada Rossi", verified=True, how="provider")
        assert (found.external_id, found.text, found.thread_ref) == ("208", "Ciao & grazie", "")
        assert found.sent_at
        assert found.sent_at.isoformat() == "2026-07-24T21:23:44.372000+00:00"
        assert not found.is_public

    def test_a_picture_comes_without_its_link(self) -> None:
        media = {
            "id": 7,
            "media_url_https": "https://ton.x.com/1.1/ton/data/dm/208/7/a.jpg",
            "url": "https://t.co/p",
            "type": "photo",
        }
        links = {
            "urls": [
                {"url": "https://t.co/p", "expanded_url": "https://x.com/messages/media/208"},
                {"url": "https://t.co/s", "expanded_url": "https://shop.example"},
            ]
        }
        (found,) = parsed(direct("Rotta https://t.co/s https://t.co/p", attachment={"type": "media", "media": media}, entities=links))  # fmt: skip
        assert found.text == "Rotta https://shop.example"
        assert [f.media_ref for f in found.files] == [media["media_url_https"]]

    def test_a_film_comes_in_its_best_form(self) -> None:
        variants = [
            {"content_type": "application/x-mpegURL", "url": "https://video.x.com/a.m3u8"},
            {"content_type": "video/mp4", "bitrate": 320000, "url": "https://video.x.com/s.mp4"},
            {"content_type": "video/mp4", "bitrate": 832000, "url": "https://video.x.com/l.mp4"},
        ]
        media = {"type": "video", "url": "https://t.co/v", "video_info": {"variants": variants}}
        (found,) = parsed(direct("", attachment={"type": "media", "media": media}))
        assert (found.text, found.files[0].media_ref) == ("", "https://video.x.com/l.mp4")

    def test_what_we_write_in_the_app_is_an_echo(self) -> None:
        (echo,) = parsed(direct("Ci pensiamo noi", kind="dm.sent"))
        assert isinstance(echo, Echo)
        assert (echo.recipient.address, echo.text, echo.thread_ref) == (ADA, "Ci pensiamo noi", "")

    def test_an_encrypted_message_is_shown_as_what_it_is(self) -> None:
        sealed = {
            "id": "e4f4",
            "sender_id": ADA,
            "conversation_id": f"{ADA}:{US}",
            "encoded_event": "CwAB…",
            "created_at_msec": "1784841183370",
        }
        (found,) = parsed(event("chat.received", sealed))
        assert isinstance(found, Inbound)
        assert "in X only" in found.text
        assert "CwAB" not in repr(found)
        assert (found.external_id, found.meta) == ("e4f4", {"encrypted": True})
        (echo,) = parsed(event("chat.sent", sealed | {"sender_id": US, "id": "e5"}))
        assert isinstance(echo, Echo)
        assert echo.recipient.address == ADA
        assert (
            parsed(event("chat.sent", sealed | {"sender_id": US, "conversation_id": f"{US}:a:b"}))
            == []
        )

    def test_what_was_read_is_told_up_to_a_moment(self) -> None:
        mark = {
            "created_timestamp": "1784928224372",
            "sender_id": ADA,
            "target": {"recipient_id": US},
        }
        (found,) = parsed(event("dm.read", {"direct_message_mark_read_events": [mark]}))
        assert isinstance(found, SeenUpTo)
        assert (found.recipient.address, found.status) == (ADA, Status.READ)


class TestPosts:
    def test_a_mention_is_public_and_its_conversation_a_thread(self) -> None:
        (found,) = parsed(post())
        assert isinstance(found, Inbound)
        assert (found.text, found.is_public, found.language) == ("hey @bottega", True, "it")
        assert (found.external_id, found.thread_ref) == (f"900@{ADA}", "900")
        assert found.contact_name == "Ada Rossi"
        assert provider.envelope(Raw(json.dumps(post()).encode())).external_ids == (f"900@{ADA}",)

    def test_a_reply_that_also_mentions_us_is_one_message(self) -> None:
        (answer,) = parsed(reply())
        same_post = reply()
        same_post["data"]["event_type"] = "post.mention.create"
        (mention,) = parsed(same_post)
        assert mention.fingerprint == answer.fingerprint
        assert mention.external_id == answer.external_id == f"901@{ADA}"
        assert (answer.thread_ref, answer.answers) == ("800", "850")

    def test_the_names_that_x_puts_before_a_reply_are_left_out(self) -> None:
        (found,) = parsed(reply(text="@bottega Non è arrivato", display_text_range=[9, 23]))
        assert found.text == "Non è arrivato"

    def test_a_quote_is_about_us(self) -> None:
        (found,) = parsed(
            post("post.quote.create", referenced_tweets=[{"type": "quoted", "id": "8"}])
        )
        assert found.meta["about"] == "quote"

    def test_pictures_come_from_the_expansions(self) -> None:
        links = {
            "urls": [
                {
                    "url": "https://t.co/m",
                    "expanded_url": "https://x.com/adarossi/status/900/photo/1",
                }
            ]
        }
        (found,) = parsed(post(text="rotta @bottega https://t.co/m", entities=links, attachments={"media_keys": ["3_77"]}))  # fmt: skip
        assert found.text == "rotta @bottega"
        assert [f.media_ref for f in found.files] == ["https://pbs.twimg.com/media/a.jpg"]

    def test_long_posts_are_read_whole(self) -> None:
        (found,) = parsed(post(text="short…", note_tweet={"text": "the whole story"}))
        assert found.text == "the whole story"

    def test_an_edited_post_is_a_new_word_on_the_old_one(self) -> None:
        (found,) = parsed(
            post(id="905", edit_history_tweet_ids=["900", "905"], text="hey @bottega!")
        )
        assert (found.external_id, found.answers) == (f"905@{ADA}", f"900@{ADA}")
        assert found.text == "✏️ hey @bottega!"

    def test_our_answer_by_the_app_is_an_echo(self) -> None:
        ours = {"author_id": US, "in_reply_to_user_id": ADA, "conversation_id": "900", "id": "950"}
        (echo,) = parsed(post("post.create", **ours))
        assert isinstance(echo, Echo)
        assert (echo.external_id, echo.recipient.address, echo.thread_ref) == ("950", ADA, "900")


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        plain: dict[str, Any] = {"text": "Ciao"}
        settings = SETTINGS | {"api_base": cloud.url} | fields.pop("settings", {})
        return provider.send(
            Outbound("k1", Address("x", ADA), **(plain | fields)), settings, impatient()
        )

    def test_pictures_are_uploaded_before_anything_is_said(self) -> None:
        files = (File("a.jpg", "image/jpeg", b"1"), File("b.gif", "image/gif", b"2"))
        with XApi() as cloud:
            assert isinstance(self.send(cloud, files=files), Sent)
            paths = [c.path for c in cloud.calls]
            assert b"dm_image" in cloud.calls[0].body
            assert b"dm_gif" in cloud.calls[1].body
            first, second = cloud.posted(f"/2/dm_conversations/with/{ADA}/messages")
        assert paths[:2] == ["/2/media/upload"] * 2
        assert first["text"] == "Ciao"
        assert len(first["attachments"]) == len(second["attachments"]) == 1

    def test_what_was_sent_in_part_is_not_sent_again(self) -> None:
        files = (File("a.jpg", "image/jpeg", b"1"), File("b.jpg", "image/jpeg", b"2"))
        with XApi() as cloud:
            media = [Answer(200, {"data": {"id": i}}) for i in "12"]
            cloud.script.extend([*media, Answer(201, {"data": {"dm_event_id": "9"}}), problem(429, "slow")])  # fmt: skip
            outcome = self.send(cloud, files=files)
        assert isinstance(outcome, Failed)
        assert outcome.permanent

    def test_what_is_no_picture_stays_here(self) -> None:
        with XApi() as cloud:
            outcome = self.send(cloud, files=(File("a.pdf", "application/pdf", b"%PDF"),))
            assert isinstance(outcome, Failed)
            assert "a.pdf" in outcome.reason
            assert not cloud.calls

    def test_who_takes_no_messages_says_so(self) -> None:
        with XApi() as cloud:
            cloud.closed.add(ADA)
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "permission to DM" in outcome.reason

    def test_the_answer_stands_below_the_newest_post_of_the_customer(self) -> None:
        with XApi() as cloud:
            assert isinstance(self.send(cloud, thread_ref="800", answers=f"903@{ADA}"), Sent)
            assert isinstance(self.send(cloud, thread_ref="800", answers=f"901@{ADA}"), Sent)
            assert isinstance(self.send(cloud, thread_ref="800"), Sent)
            below = [b["reply"]["in_reply_to_tweet_id"] for b in cloud.posted("/2/tweets")]
        assert below == ["903", "901", "800"]

    def test_a_public_answer_carries_pictures(self) -> None:
        with XApi() as cloud:
            assert isinstance(
                self.send(cloud, thread_ref="9", files=(File("a.png", "image/png", b"1"),)), Sent
            )
            assert b"tweet_image" in cloud.calls[0].body
            (body,) = cloud.posted("/2/tweets")
        assert len(body["media"]["media_ids"]) == 1

    def test_a_public_answer_that_is_too_long_is_refused_before_x_does(self) -> None:
        with XApi() as cloud:
            outcome = self.send(cloud, thread_ref="9", text="a" * 281)
            assert isinstance(outcome, Failed)
            assert "281" in outcome.reason
            assert not cloud.calls
            assert isinstance(self.send(cloud, text="a" * 281), Sent), (
                "direct messages may be longer"
            )
            premium = {"long_posts": True}
            assert isinstance(
                self.send(cloud, thread_ref="9", text="a" * 281, settings=premium), Sent
            )

    def test_whom_x_does_not_know_by_number_is_not_written_to(self) -> None:
        with XApi() as cloud:
            settings = SETTINGS | {"api_base": cloud.url}
            for kind, address in (("x", "@ada"), (COMMENT, "900"), ("x", "../tweets")):
                outcome = provider.send(
                    Outbound("k", Address(kind, address), "Ciao"), settings, impatient()
                )
                assert isinstance(outcome, Failed)
                assert outcome.permanent
            assert not cloud.calls

    def test_the_author_of_a_post_can_be_answered_in_private(self) -> None:
        outbound = Outbound(
            "k1", Address(COMMENT, f"900@{ADA}"), "Ci scriva qui il numero d'ordine"
        )
        with XApi() as cloud:
            outcome = provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())
            assert isinstance(outcome, Sent)
            assert outcome.recipient == Address("x", ADA)
            assert cloud.posted(f"/2/dm_conversations/with/{ADA}/messages")

    def test_a_reply_is_hidden_and_shown_again(self) -> None:
        with XApi() as cloud:
            settings = SETTINGS | {"api_base": cloud.url}
            for hidden in (True, True, False):
                assert isinstance(
                    provider.hide(f"900@{ADA}", settings, impatient(), hidden=hidden), Sent
                )
                assert cloud.hidden == {"900": hidden}

    @pytest.mark.parametrize("prefix", ["x-rate-limit", "x-user-limit-24hour"])
    def test_the_wait_is_until_the_limit_begins_anew(self, prefix: str) -> None:
        headers = {f"{prefix}-remaining": "0", f"{prefix}-reset": str(int(time.time()) + 500)}
        with XApi() as cloud:
            cloud.script.append(Answer(429, {"title": "Too Many Requests"}, headers))
            outcome = self.send(cloud)
        assert timedelta(seconds=490) < outcome.retry_after <= timedelta(seconds=500)


@pytest.mark.parametrize(
    ("text", "count"),
    [("café", 4), ("日本", 4), ("👾", 2), ("👨‍👩‍👧‍👦", 2), ("🙋🏽", 2), ("see https://example.com/a/very/long/path", 27), ("“ok” – 5", 8)],
)  # fmt: skip
def test_characters_are_counted_as_x_does(text: str, count: int) -> None:
    assert weight(text) == count


def test_private_pictures_are_fetched_with_the_signature() -> None:
    with XApi() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        file = File("photo.jpg", "image/jpeg", media_ref=f"{cloud.url}/ton/picture")
        assert provider.fetch_media(file, settings, impatient()).content == PICTURE
        gone = File("photo.jpg", "image/jpeg", media_ref=f"{cloud.url}/gone")
        with pytest.raises(NetError):
            provider.fetch_media(gone, settings, impatient())


def test_the_signature_goes_to_nobody_else() -> None:
    with XApi() as cloud:
        file = File("photo.jpg", "image/jpeg", media_ref=f"{cloud.url}/ton/picture")
        with pytest.raises(NetError):
            provider.fetch_media(file, SETTINGS, impatient())  # the API is at another address
        assert "authorization" not in cloud.calls[0].headers


class TestCheck:
    def lines(self, cloud: XApi, **settings: Any) -> list[tuple[bool | None, str]]:
        found = provider.check(SETTINGS | settings | {"api_base": cloud.url}, impatient())
        return [(line.ok, line.detail) for line in found]

    def test_webhook_and_subscriptions_are_registered(self) -> None:
        mine = "https://x.example/intake/c"
        with XApi() as cloud:
            assert [ok for ok, _ in self.lines(cloud, webhook_url=mine)] == [True, True, True]
            assert mine in [h["url"] for h in cloud.hooks]
            assert {s["event_type"] for s in cloud.subscriptions} == set(EVENTS)
            assert {s["filter"]["user_id"] for s in cloud.subscriptions} == {US}
            before = len(cloud.subscriptions)
            self.lines(cloud, webhook_url=mine)
            assert len(cloud.subscriptions) == before, "what is there is not made twice"

    def test_a_webhook_that_x_gave_up_is_validated_again(self) -> None:
        mine = "https://x.example/intake/c"
        with XApi() as cloud:
            cloud.hooks = [hook(mine, valid=False)]
            assert self.lines(cloud, webhook_url=mine)[1][0]
            assert cloud.hooks[0]["valid"]

    def test_wrong_keys_are_told(self) -> None:
        with XApi() as cloud:
            ok, detail = self.lines(cloud, access_token_secret="wrong")[0]
        assert (ok, detail) == (False, "X does not accept the keys of this channel. Generate them again in the developer console.")  # fmt: skip

    def test_a_token_of_another_kind_is_told(self) -> None:
        with XApi() as cloud:
            assert "account's number" in self.lines(cloud, access_token="abc")[2][1]
