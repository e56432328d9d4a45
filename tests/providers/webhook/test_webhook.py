"""The generic channel, both directions, and its two clients."""

from __future__ import annotations

import base64
import dataclasses
import importlib.util
import json
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from sportello.channels.contract import (
    Address,
    Ended,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Reaction,
    Refused,
    Sent,
    Status,
    StatusUpdate,
    Unreadable,
)
from sportello.channels.providers.webhook import provider, signature
from tests.providers.conformance import Conformance, impatient
from tests.vendors.app import SECRET, App
from tests.vendors.cloud import Answer, Call, Cloud

ROOT = Path(__file__).parents[3]
SETTINGS: dict[str, Any] = {"secret": SECRET, "outgoing_url": "https://app.example/hook"}
ADA = {"id": "42", "name": "Ada", "email": "Ada@home.example", "phone": "0039340 1234567"}


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> Raw:
    stamp = int(time.time() if at is None else at)
    key = secret.encode() if not secret.startswith("whsec_") else secret
    moment = datetime.fromtimestamp(stamp, UTC)
    made = Webhook(key or b"").sign("id1", moment, body.decode("utf-8", "replace"))
    return Raw(body, {"webhook-id": "id1", "webhook-timestamp": str(stamp), "webhook-signature": made})  # fmt: skip


def parsed(**event: Any) -> Any:
    (found,) = provider.parse(Raw(json.dumps(event).encode()), SETTINGS)
    return found


class TestWebhook(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("secret", "outgoing_url")
    refusal = Answer(400, {"error": "That person left us"})

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        if not settings["secret"]:
            forged = {"webhook-id": "i", "webhook-timestamp": str(int(time.time()))}
            return Raw(body, forged | {"webhook-signature": "v1,"})
        return signed(body, settings["secret"])

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        event = {"type": "message", "id": external_id, "from": ADA, "text": text}
        return json.dumps(event).encode()

    def statuses(self) -> list[bytes]:
        return [
            json.dumps({"type": "status", "message": "k", "status": s}).encode()
            for s in ("sent", "delivered", "read")
        ]

    def ignored(self) -> list[bytes]:
        events = [{"type": "brand_new"}, {"type": "typing", "from": ADA}, {"type": "status", "message": "k", "status": "seen"}]  # fmt: skip
        return [json.dumps(e).encode() for e in events]

    def cloud(self) -> Cloud:
        return App()

    def at(self, cloud: Cloud) -> dict[str, Any]:
        return self.settings | {"outgoing_url": cloud.url}


class TestSignature:
    def test_an_old_call_is_a_replay(self) -> None:
        for seconds in (-301, 301):
            with pytest.raises(Refused, match="five minutes"):
                provider.verify(signed(b"{}", at=time.time() + seconds), SETTINGS)

    def test_one_of_several_signatures_is_enough(self) -> None:
        raw = signed(b"{}")
        both = f"v1,AAAA {raw.headers['webhook-signature']}"
        rotated = dict(raw.headers) | {"webhook-signature": both}
        provider.verify(dataclasses.replace(raw, headers=rotated), SETTINGS)

    def test_a_plain_secret_is_the_key_itself(self) -> None:
        provider.verify(signed(b"{}", "correct horse"), {"secret": "correct horse"})

    def test_another_id_is_refused(self) -> None:
        raw = signed(b"{}")
        other = dataclasses.replace(raw, headers=dict(raw.headers) | {"webhook-id": "id2"})
        with pytest.raises(Refused):
            provider.verify(other, SETTINGS)


class TestReading:
    def test_a_message(self) -> None:
        event = {"type": "message", "id": "m1", "from": ADA, "text": "Ciao", "thread": "t1", "sent_at": "2026-11-21T12:00:00Z"}  # fmt: skip
        found = parsed(**event)
        assert isinstance(found, Inbound)
        assert found.sender == Address("app", "42", "Ada", verified=True, how="hmac")
        assert [(a.kind, a.address, a.verified) for a in found.claimed] == [
            ("email", "ada@home.example", False),
            ("phone", "+393401234567", False),
        ]
        assert found.thread_ref == "t1"
        assert found.sent_at == datetime(2026, 11, 21, 12, tzinfo=UTC)

    def test_what_the_app_has_checked_is_a_fact(self) -> None:
        found = parsed(type="message", id="1", text="x", **{"from": ADA | {"verified": True}})
        assert all(a.verified for a in found.claimed)

    def test_files_come_with_their_bytes_or_an_address(self) -> None:
        files = [
            {"name": "a.txt", "type": "text/plain", "content": base64.b64encode(b"hi").decode()},
            {"name": "b.png", "type": "image/png", "url": "https://app.example/b.png"},
        ]
        found = parsed(type="message", id="1", files=files, **{"from": ADA})
        assert found.files == (
            File("a.txt", "text/plain", b"hi"),
            File("b.png", "image/png", media_ref="https://app.example/b.png"),
        )

    @pytest.mark.parametrize(
        "event",
        [
            {"type": "message", "text": "x"},
            {"type": "message", "from": ADA},
            {"type": "message", "from": ADA, "files": [{"name": "a"}]},
            {"type": "message", "from": ADA, "files": [{"url": "file:///etc/passwd"}]},
            {"type": "message", "from": ADA, "files": [{"content": "?"}]},
        ],
    )
    def test_what_is_missing_is_said(self, event: dict[str, Any]) -> None:
        with pytest.raises(Unreadable):
            parsed(**event)

    def test_the_other_events(self) -> None:
        assert parsed(type="ended", id="e1", thread="t", **{"from": ADA}) == Ended(
            Address("app", "42", "Ada", verified=True, how="hmac"), "t", "e1"
        )
        assert isinstance(parsed(type="reaction", message="m", emoji="👍", **{"from": ADA}), Reaction)  # fmt: skip
        failed = parsed(type="status", message="k", status="failed", reason="uninstalled")
        assert failed == StatusUpdate("k", Status.FAILED, "uninstalled")

    def test_a_file_is_fetched_from_the_app(self) -> None:
        class Files(Cloud):
            def respond(self, call: Call) -> Answer:
                return Answer(200, b"PNG")

        with Files() as cloud:
            file = File("b", "image/png", media_ref=f"{cloud.url}/b.png")
            assert provider.fetch_media(file, SETTINGS, impatient()).content == b"PNG"


class TestSending:
    def test_the_app_gets_what_is_documented_and_believes_it(self) -> None:
        outbound = Outbound(
            "key-1", Address("app", "42", "Ada"), "Ciao 🙂", thread_ref="t1", answers="m1",
            quick_replies=(QuickReply("y", "Yes"),), files=(File("a.txt", "text/plain", b"hi"),),
        )  # fmt: skip
        with App() as app:
            outcome = provider.send(outbound, SETTINGS | {"outgoing_url": app.url}, impatient())
            assert outcome == Sent("key-1")
            (event,), (call,) = app.got, app.calls
        assert call.headers["webhook-id"] == "key-1"
        assert event["text"] == "Ciao 🙂"
        assert event["to"] == {"id": "42", "name": "Ada"}
        assert event["quick_replies"] == [{"id": "y", "title": "Yes"}]
        assert event["files"] == [{"name": "a.txt", "type": "text/plain", "content": "aGk="}]

    def test_the_app_may_name_its_own_id(self) -> None:
        with App() as app:
            app.script.append(Answer(200, {"id": 7}))
            outbound = Outbound("k", Address("app", "42"), "x")
            assert provider.send(outbound, SETTINGS | {"outgoing_url": app.url}, impatient()) == Sent("7")  # fmt: skip

    def test_a_channel_that_only_receives_says_so(self) -> None:
        outcome = provider.send(Outbound("k", Address("app", "1"), "x"), {"secret": "s"}, impatient())  # fmt: skip
        assert isinstance(outcome, Failed)
        assert outcome.permanent


class Intake(Cloud):
    """Our own door: what the clients post is judged as the real one does."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []

    def respond(self, call: Call) -> Answer:
        raw = Raw(call.body, call.headers)
        try:
            provider.verify(raw, SETTINGS)
        except Refused:
            return Answer(401, b"The signature does not fit")
        self.got += provider.parse(raw, SETTINGS)
        return Answer(200, b"")


class TestPythonClient:
    @pytest.fixture
    def client(self) -> Any:
        path = ROOT / "clients/python/sportello_channel.py"
        spec = importlib.util.spec_from_file_location("sportello_channel", path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_what_it_posts_is_believed_and_read(self, client: Any) -> None:
        with Intake() as intake:
            channel = client.Channel(intake.url, SECRET)
            id = channel.message(ADA, "Ciao", files=[client.file("a", "text/plain", b"hi")])
            channel.status("k", "read")
            channel.ended(ADA, "t")
            channel.reaction(ADA, "m", "👍")
            channel.edited(ADA, "m", "Salve")
            channel.withdrawn(ADA, "m")
        message, status, ended, reaction, edited, withdrawn = intake.got
        assert (edited.external_id, edited.text, withdrawn.external_id) == ("m", "Salve", "m")
        assert (message.external_id, message.text, message.files[0].content) == (id, "Ciao", b"hi")
        assert (status.status, ended.thread_ref, reaction.emoji) == (Status.READ, "t", "👍")

    def test_a_refusal_is_raised(self, client: Any) -> None:
        with Intake() as intake, pytest.raises(client.Refused, match="401"):
            client.Channel(intake.url, "wrong").message(ADA, "x")

    def test_it_reads_our_answers_and_nothing_else(self, client: Any) -> None:
        channel, body = client.Channel("http://x", SECRET), b'{"type": "message"}'
        headers = {k.title(): v for k, v in signature.headers(SECRET, "k", body).items()}
        assert channel.read(headers, body) == {"type": "message"}
        for wrong in (headers | {"Webhook-Timestamp": "1"}, headers | {"Webhook-Id": "x"}, {}):
            with pytest.raises(client.BadSignature):
                channel.read(wrong, body)


SCRIPT = """
import { Channel, BadSignature, Refused, file } from %(module)s;
const channel = new Channel(%(url)s, %(secret)s), ada = { id: "42", name: "Ada" };
const id = await channel.message(ada, "Ciao 🙂", { files: [file("a", "text/plain", new Uint8Array([104, 105]))] });
await channel.status("k", "read");
await channel.ended(ada, "t");
await channel.reaction(ada, "m", "👍");
await channel.edited(ada, "m", "Salve");
await channel.withdrawn(ada, "m");
const refused = await new Channel(%(url)s, "wrong").message(ada, "x").catch((e) => e instanceof Refused && e.status);
const read = await channel.read(new Headers(%(headers)s), %(body)s);
const forged = await channel.read(%(headers)s, %(body)s + " ").catch((e) => e instanceof BadSignature);
const unsigned = await channel.read({}, %(body)s).catch((e) => e instanceof BadSignature);
console.log(JSON.stringify({ id, refused, read, forged, unsigned }));
"""


class TestJavaScriptClient:
    def test_it_does_what_the_other_one_does(self, tmp_path: Path) -> None:
        node = shutil.which("node") or str(ROOT / ".venv/bin/node")
        if not Path(node).exists():
            pytest.skip("there is no node")
        body = '{"type":"message","text":"Ciao 🙂"}'
        module = (ROOT / "clients/javascript/sportello-channel.mjs").as_uri()
        with Intake() as intake:
            values = {
                "module": module, "url": intake.url, "secret": SECRET, "body": body,
                "headers": signature.headers(SECRET, "k", body.encode()),
            }  # fmt: skip
            script = tmp_path / "app.mjs"
            script.write_text(SCRIPT % {k: json.dumps(v) for k, v in values.items()})
            done = subprocess.run([node, script], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["refused"] == 401
        assert told["read"]["text"] == "Ciao 🙂"
        assert told["forged"] is True
        assert told["unsigned"] is True
        message, status, ended, reaction, edited, withdrawn = intake.got
        assert (edited.external_id, edited.text, withdrawn.external_id) == ("m", "Salve", "m")
        assert (message.external_id, message.text, message.files[0].content) == (told["id"], "Ciao 🙂", b"hi")  # fmt: skip
        assert (status.status, ended.thread_ref, reaction.emoji) == (Status.READ, "t", "👍")
