"""Microsoft Teams, both directions."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import jwt
import pytest

from sportello.channels.contract import (
    Address,
    Edited,
    Failed,
    File,
    Inbound,
    KeysWanted,
    Outbound,
    QuickReply,
    Raw,
    Reaction,
    Refused,
    Sent,
    Withdrawn,
)
from sportello.channels.providers.teams import provider, trust
from sportello.channels.providers.teams.provider import words_of
from sportello.channels.vendors.calls import Reply
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.teams import APP, PASSWORD, TENANT, BotFramework, problem, published, token

SERVICE = "https://smba.trafficmanager.net/emea/"
SETTINGS: dict[str, Any] = {"app_id": APP, "app_password": PASSWORD, "tenant_id": TENANT}
TALK = "19:abc@thread.tacv2;messageid=1485983408511"
ADA = {"id": "29:1Ada", "name": "Ada Lovelace", "aadObjectId": "ada-0-1"}


def activity(**fields: Any) -> bytes:
    plain = {
        "type": "message", "id": "1485983408511", "timestamp": "2026-11-21T10:00:00.123Z", "serviceUrl": SERVICE,
        "channelId": "msteams", "from": ADA, "conversation": {"id": TALK, "conversationType": "channel", "tenantId": TENANT},
        "recipient": {"id": f"28:{APP}", "name": "Help"}, "text": "Ciao", "textFormat": "plain", "locale": "it-IT",
    }  # fmt: skip
    return json.dumps(plain | fields).encode()


def parsed(body: bytes) -> list[Any]:
    return provider.parse(Raw(body), SETTINGS)


def message(**fields: Any) -> Inbound:
    (found,) = parsed(activity(**fields))
    assert isinstance(found, Inbound)
    return found


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    """As after the first lesson of a running door."""
    known = {"key-1": (jwt.PyJWK(published(), algorithm="RS256").key, ("msteams",))}
    trust._rings[trust.KEYS] = trust.Ring(known, time.monotonic(), time.monotonic() + 60)
    yield
    trust.forget()


class TestTeams(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("app_id", "app_password", "tenant_id", "api_base")
    signs_body = False

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return Raw(body, {"authorization": f"Bearer {token(SERVICE)}"})

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return activity(id=external_id, text=text)

    def ignored(self) -> list[bytes]:
        kinds = ("conversationUpdate", "typing", "invoke", "installationUpdate", "brandNew")
        bot = {"id": "28:other", "name": "Bot"}
        return [*(activity(type=kind) for kind in kinds), activity(text=""), activity(**{"from": bot})]  # fmt: skip

    def cloud(self) -> Cloud:
        return BotFramework()

    def outbound(self) -> Outbound:
        return Outbound("k1", Address("teams", f"{TENANT}:ada-0-1"), "Buongiorno 🙂")


class TestWhoIsCalling:
    def refuse(self, given: str, body: bytes | None = None, **settings: Any) -> None:
        raw = Raw(body or activity(), {"authorization": f"Bearer {given}"})
        with pytest.raises(Refused) as refused:
            provider.verify(raw, SETTINGS | settings)
        assert not isinstance(refused.value, KeysWanted)

    def test_tokens_for_others_by_others_or_out_of_date_are_refused(self) -> None:
        self.refuse(token(SERVICE, app="another-bot"))
        self.refuse(token(SERVICE, iss="https://evil.example"))
        self.refuse(token(SERVICE, exp=int(time.time()) - 600))
        self.refuse(token(SERVICE, nbf=int(time.time()) + 600))
        self.refuse("not.a.token")

    def test_neither_no_algorithm_nor_the_public_key_as_a_secret_is_taken(self) -> None:
        claims = {"iss": trust.ISSUER, "aud": APP, "serviceurl": SERVICE, "exp": int(time.time()) + 60}  # fmt: skip
        self.refuse(jwt.encode(claims, "", "none", headers={"kid": "key-1"}))
        self.refuse(jwt.encode(claims, "n" * 64, "HS256", headers={"kid": "key-1"}))

    def test_the_address_to_answer_is_microsofts_and_the_one_of_the_token(self) -> None:
        other = "https://smba.trafficmanager.net/amer/"
        self.refuse(token(SERVICE), activity(serviceUrl=other))
        for evil in (
            "https://evil.example/",
            "https://evil.trafficmanager.net/emea/",
            "https://botframework.com.evil.example/",
            "http://smba.trafficmanager.net/emea/",
            "https://smba.trafficmanager.net@evil.example/",
            "https://smba.trafficmanager.net:8443/",
            "//smba.trafficmanager.net/",
            "https://evil.example\\.botframework.com/",
            "https://evil.example#.botframework.com",
            "https://ada@x.botframework.com/",
        ):
            self.refuse(token(evil), activity(serviceUrl=evil))

    def test_a_key_speaks_for_the_channels_it_is_endorsed_for(self) -> None:
        self.refuse(token(SERVICE), activity(channelId="webchat"))

    def test_a_channel_without_its_secret_lets_nobody_in(self) -> None:
        self.refuse(token(SERVICE), app_password="")

    def test_an_unknown_key_is_wanted_and_learnt(self) -> None:
        with BotFramework() as cloud:
            settings = SETTINGS | {"api_base": cloud.url}
            body = activity(serviceUrl=cloud.service)
            raw = Raw(body, {"authorization": f"Bearer {token(cloud.service, number=2)}"})
            with pytest.raises(KeysWanted):
                provider.verify(raw, settings)
            cloud.keys.append(published(2))
            provider.learn_keys(settings, impatient())
            provider.verify(raw, settings)
            assert cloud.lessons == 1

    def test_old_keys_serve_while_microsoft_cannot_be_reached(self) -> None:
        with BotFramework() as cloud:
            settings = SETTINGS | {"api_base": cloud.url}
            provider.learn_keys(settings, impatient())
        ring = trust._rings[cloud.url]
        trust._rings[cloud.url] = trust.Ring(ring.keys, ring.learnt, 0.0)
        raw = Raw(activity(serviceUrl=cloud.service), {"authorization": f"Bearer {token(cloud.service)}"})  # fmt: skip
        with pytest.raises(KeysWanted):
            provider.verify(raw, settings)
        provider.learn_keys(settings, impatient())
        provider.verify(raw, settings)
        trust._rings[cloud.url] = trust.Ring(ring.keys, time.monotonic() - trust.USABLE - 1, 0.0)
        with pytest.raises(NetError):
            provider.learn_keys(settings, impatient())

    def test_keys_of_another_house_are_not_learnt(self) -> None:
        with BotFramework() as evil, BotFramework() as cloud:
            cloud.script.append(Answer(200, {"jwks_uri": f"{evil.url}/v1/.well-known/keys"}))
            with pytest.raises(NetError):
                provider.learn_keys(SETTINGS | {"api_base": cloud.url}, impatient())
            assert evil.lessons == 0


class TestReading:
    def test_a_message_in_a_channel(self) -> None:
        found = message(
            text="<at>Help</at> the <at>Bob</at> cup&nbsp;is broken",
            entities=[{"type": "mention", "text": "<at>Help</at>", "mentioned": {"id": f"28:{APP}"}},
                      {"type": "mention", "text": "<at>Bob</at>", "mentioned": {"id": "29:bob", "name": "Bob"}},
                      {"type": "clientInfo", "locale": "it-IT"}],
        )  # fmt: skip
        assert found.text == "the Bob cup is broken"
        assert found.sender == Address("teams", f"{TENANT}:ada-0-1", "Ada Lovelace", verified=True, how="provider")  # fmt: skip
        assert found.thread_ref == f"{SERVICE} {TALK}"
        assert found.external_id == f"{TALK}|1485983408511"

    def test_who_is_in_no_directory_goes_by_the_bots_own_name(self) -> None:
        assert message(**{"from": {"id": "29:1Guest"}}).sender.address == "29:1Guest"

    def test_files_and_pictures_but_not_the_messages_own_html(self) -> None:
        found = message(
            text="",
            attachments=[
                {"contentType": "text/html", "content": "<p>x</p>"},
                {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "a.pdf",
                 "content": {"downloadUrl": f"https://shop.sharepoint.com/x?tempauth={'a' * 2000}", "fileType": "pdf"}},
                {"contentType": "image/*", "contentUrl": f"{SERVICE}v3/attachments/1/views/original"},
                {"contentType": "application/vnd.microsoft.card.adaptive", "content": {}},
            ],
        )  # fmt: skip
        assert len(found.files[0].media_ref) > 2000, "signed addresses are long, and whole"
        assert [(f.name, f.content_type, f.media_ref.partition("?")[0]) for f in found.files] == [
            ("a.pdf", "application/octet-stream", "https://shop.sharepoint.com/x"),
            ("picture.png", "image/png", f"{SERVICE}v3/attachments/1/views/original"),
        ]

    def test_edits_deletions_and_reactions(self) -> None:
        edit = {
            "type": "messageUpdate",
            "channelData": {"eventType": "editMessage"},
            "text": "Ciao!",
        }
        (edited,) = parsed(activity(**edit))
        assert isinstance(edited, Edited)
        assert (edited.external_id, edited.text) == (f"{TALK}|1485983408511", "Ciao!")
        (gone,) = parsed(activity(type="messageDelete", channelData={"eventType": "softDeleteMessage"}))  # fmt: skip
        assert isinstance(gone, Withdrawn)
        (liked,) = parsed(activity(type="messageReaction", replyToId="77", reactionsAdded=[{"type": "like"}]))  # fmt: skip
        assert isinstance(liked, Reaction)
        assert (liked.external_id, liked.emoji) == (f"{TALK}|77", "👍")
        (taken_back,) = parsed(activity(type="messageReaction", replyToId="77", reactionsRemoved=[{"type": "like"}]))  # fmt: skip
        assert taken_back.emoji == ""

    def test_a_pressed_button_says_its_title(self) -> None:
        found = message(text="Yes", value="y", replyToId="77")
        assert (found.text, found.meta, found.answers) == ("Yes", {"postback": "y"}, f"{TALK}|77")


class TestSending:
    def send(self, cloud: BotFramework, **fields: Any) -> Any:
        plain = {"text": "Ciao", "thread_ref": f"{cloud.service} {TALK}"}
        outbound = Outbound("k1", Address("teams", f"{TENANT}:ada-0-1"), **(plain | fields))
        return provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())

    def test_an_answer_stays_in_its_thread(self) -> None:
        with BotFramework() as cloud:
            assert self.send(cloud) == Sent(f"{TALK}|1514312453000")
            self.send(cloud, answers=f"{TALK}|77")
            first, second = cloud.calls
            assert cloud.tokens == 1
        assert first.path == "/emea/v3/conversations/19%3Aabc%40thread.tacv2%3Bmessageid%3D1485983408511/activities"  # fmt: skip
        assert second.path.endswith("/activities/77")
        assert first.json["textFormat"] == "plain"

    def test_without_a_conversation_one_is_opened(self) -> None:
        with BotFramework() as cloud:
            outbound = Outbound("k1", Address("teams", "29:1Guest"), "Ciao")
            settings = SETTINGS | {"api_base": cloud.url}
            outcome = provider.send(outbound, settings, impatient())
            assert outcome == Sent("a:29:1Guest|1514312453000")
            self.send(cloud, thread_ref="")
            meeting = cloud.calls[2].json
        assert (meeting["members"], meeting["tenantId"]) == ([{"id": "ada-0-1"}], TENANT)

    def test_the_token_is_sent_to_microsoft_only(self) -> None:
        with BotFramework() as cloud, BotFramework() as evil:
            outcome = self.send(cloud, thread_ref=f"{evil.service} {TALK}")
            assert isinstance(outcome, Failed)
            assert outcome.permanent
            assert not evil.calls

    def test_a_withdrawn_token_is_replaced_once(self) -> None:
        with BotFramework() as cloud:
            self.send(cloud)
            cloud.stale.add("token-1")
            assert isinstance(self.send(cloud), Sent)
            assert cloud.tokens == 2

    def test_a_wrong_secret_is_told_in_words_and_nothing_has_left(self) -> None:
        with BotFramework() as cloud:
            outbound = Outbound("k1", Address("teams", "x"), "Ciao", thread_ref=f"{cloud.service} {TALK}")  # fmt: skip
            settings = SETTINGS | {"api_base": cloud.url, "app_password": "wrong"}
            outcome = provider.send(outbound, settings, impatient())
            assert isinstance(outcome, Failed)
            assert outcome.permanent
            assert "Invalid client secret" in outcome.reason
            assert not cloud.calls

    def test_pictures_are_shown_files_are_links_and_buttons_a_card(self) -> None:
        files = (
            File("a.png", "image/png", b"1", media_ref="https://f.example/a.png"),
            File("b.pdf", "application/pdf", b"2", media_ref="https://f.example/b.pdf"),
        )
        with BotFramework() as cloud:
            self.send(cloud, files=files, quick_replies=(QuickReply("y", "Yes"),))
            sent = cloud.calls[0].json
        assert sent["text"] == "Ciao\n\nb.pdf\nhttps://f.example/b.pdf"
        assert [a["contentType"] for a in sent["attachments"]] == ["image/png", "application/vnd.microsoft.card.hero"]  # fmt: skip
        assert sent["attachments"][1]["content"]["buttons"][0]["value"] == "y"

    def test_a_bot_that_was_thrown_out_is_told_so(self) -> None:
        with BotFramework() as cloud:
            cloud.left.add(TALK)
            outcome = self.send(cloud)
        assert outcome.permanent
        assert "removed from this conversation" in outcome.reason

    def test_two_writers_at_once_is_a_matter_of_waiting(self) -> None:
        with BotFramework() as cloud:
            cloud.script.append(problem(412, "PreconditionFailed", "Try again"))
            assert not self.send(cloud).permanent


def test_microsofts_recorded_exchanges_are_understood() -> None:
    """Paths are quoted as Microsoft's own client did, and what the connector says no with is told on."""
    recordings = sorted((fixtures.HOME / "teams/botbuilder-python").rglob("*.yaml"))
    if not recordings:
        fixtures.missing("no recordings of the Bot Framework")
    told, quoted = set(), set()
    for path in recordings:
        text = path.read_text()
        quoted |= set(re.findall(r"uri: \S+/v3/conversations/([^/\s]+)/activities", text))
        for scalar in re.findall(r'string: ("(?:[^"\\]|\\.)*")', text, re.DOTALL):
            flat = re.sub(r"\\\n\s*", "", scalar).replace("\\ ", " ")  # as YAML folds lines
            answer = json.loads(json.loads(flat))
            if "error" in answer:
                told.add((answer["error"]["message"], words_of(Reply(400, answer))))
    assert quoted
    assert all(quote(unquote(one), safe="") == one for one in quoted)
    assert told
    assert all(message in words for message, words in told)


def test_pictures_are_fetched_with_the_token_and_files_without() -> None:
    with BotFramework() as cloud, BotFramework() as sharepoint:
        cloud.pictures["1"] = b"PNG"
        settings = SETTINGS | {"api_base": cloud.url}
        file = File("a", "image/png", media_ref=f"{cloud.service}v3/attachments/1/views/original")
        assert provider.fetch_media(file, settings, impatient()).content == b"PNG"
        other = File("a", "x/y", media_ref=f"{sharepoint.url}/x")
        with pytest.raises(NetError):
            provider.fetch_media(other, settings, impatient())
        assert "authorization" not in sharepoint.calls[0].headers


def test_the_check_signs_in_and_learns_the_keys() -> None:
    with BotFramework() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert [line.ok for line in provider.check(settings, impatient())] == [True, True]
        wrong = provider.check(settings | {"app_password": "x"}, impatient())
        assert [line.ok for line in wrong] == [False, True]
