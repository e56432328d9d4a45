"""The generic channel: an app speaks to us and we to it, in JSON that both sides sign."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Sent,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.webhook import events, signature
from sportello.channels.vendors import media
from sportello.channels.vendors.calls import Reply, call, delivered, refused, tried
from sportello.channels.vendors.shapes import key

if TYPE_CHECKING:
    from sportello.core.net import Net

MAX_FILE = 20 * 1024 * 1024


class WebhookChannel(Provider):
    kind = "webhook"
    name = "App or website (webhook)"
    identity_kind = "app"
    conversational = True
    hue = "webhook"
    capabilities = Capabilities(
        html=True,
        files=True,
        max_file_bytes=MAX_FILE,
        read_receipts=True,
        delivery_receipts=True,
        quick_replies=20,
        reactions=True,
        edits=True,
    )
    settings = (
        Setting("secret", "Signing secret", FieldKind.SECRET, required=True, help="Long and random, like whsec_ and base64. Your app signs with it, and so do we."),
        Setting("outgoing_url", "Address of your app", FieldKind.URL, help="Answers are posted there as JSON. Empty: this channel only receives."),
    )  # fmt: skip
    guide = (
        "Invent a long random secret and give it to your app.",
        "Let your app post messages to the address shown here, signed as Standard Webhooks describe.",
        "Enter the address where your app takes answers, and press “Test the settings”.",
        "Small clients for Python and JavaScript are in the folder “clients”.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        signature.judge(raw, str(settings.get("secret") or ""))

    def envelope(self, raw: Raw) -> Envelope:
        return Envelope(*events.order_key(raw.body))

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return events.parsed(raw.body)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return media.fetched(file, net, of="The app", most=MAX_FILE)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        if not settings.get("outgoing_url"):
            return Failed(said("This channel has no address to send to."), permanent=True)
        event = {
            "type": "message",
            "id": outbound.idempotency_key,
            "to": {"id": outbound.recipient.address, "name": outbound.recipient.name},
            "thread": outbound.thread_ref,
            "text": outbound.text,
            "html": outbound.html,
            "from_name": outbound.from_name,
            "language": outbound.language,
            "automatic": outbound.automatic,
            "answers": outbound.answers,
            "quick_replies": [{"id": q.id, "title": q.title} for q in outbound.quick_replies],
            "files": [_file(f) for f in outbound.files],
        }
        return delivered(lambda: _sent(settings, net, event))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        if not settings.get("outgoing_url"):
            return [Check(said("Sending"), None, said("No address: this channel only receives."))]
        return [tried(said("Your app"), lambda: _ping(settings, net))]


def _file(file: File) -> dict[str, str]:
    about = {"name": file.name, "type": file.content_type}
    if file.media_ref and not file.content:
        return about | {"url": file.media_ref}
    return about | {"content": base64.b64encode(file.content).decode()}


def _post(settings: Settings, net: Net, event: dict[str, Any]) -> Reply:
    body = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
    signed = signature.headers(str(settings.get("secret") or ""), event["id"], body)
    headers = {"content-type": "application/json"} | signed
    return call(net, "POST", str(settings["outgoing_url"]), content=body, headers=headers)


def _sent(settings: Settings, net: Net, event: dict[str, Any]) -> Outcome:
    """Any 2xx is a yes. The app may name its own id for later statuses; ours is the default."""
    reply = _post(settings, net, event)
    if reply.ok:
        return Sent(key(reply.data.get("id")) or event["id"])
    error = reply.data.get("error")
    told = key(error.get("message") if isinstance(error, dict) else error)
    return refused(reply, told)


def _ping(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = _post(settings, net, {"type": "ping", "id": "ping"})
    if reply.ok:
        return True, said("It answers {status}.", status=reply.status)
    return False, said("It answers {status} to a signed “ping”. Any 2xx is right.", status=reply.status)  # fmt: skip
