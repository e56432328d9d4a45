"""LINE official accounts, by the Messaging API."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from sportello.channels.contract import (
    Address,
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Profile,
    Provider,
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    Unknown,
    said,
)
from sportello.channels.providers.line import reading
from sportello.channels.vendors.calls import (
    Reply,
    base,
    call,
    delivered,
    public_address,
    refused,
    tried,
    without_address,
)
from sportello.channels.vendors.shapes import (
    at,
    key,
    same,
)
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.line.me"
AT_ONCE = 5
MEDIA_BYTES = 100 * 1024 * 1024


class Line(Provider):
    kind = "line"
    name = "LINE"
    identity_kind = "line"
    customer_link = "https://line.me/R/ti/p/@{name}"
    conversational = True
    shared_threads = True
    hue = "line"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=10 * 1024 * 1024,
        max_text=5000,
        media=("image/jpeg", "image/png"),
        quick_replies=13,
        edits=True,
    )
    settings = (
        Setting("channel_secret", "Channel secret", FieldKind.SECRET, required=True, help="LINE Developers console, Basic settings."),
        Setting("channel_access_token", "Channel access token", FieldKind.SECRET, required=True, help="LINE Developers console, Messaging API, long-lived."),
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "In the LINE Developers console make a Messaging API channel for your official account.",
        "Copy the channel secret and issue a long-lived channel access token.",
        "Paste the address shown here as webhook URL, press Verify and turn “Use webhook” on.",
        "Turn the automatic replies of the official account off.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        secret = str(settings.get("channel_secret") or "")
        made = base64.b64encode(hmac.new(secret.encode(), raw.body, hashlib.sha256).digest())
        if not secret or not same(raw.headers.get("x-line-signature", ""), made.decode()):
            raise Refused("LINE's signature does not fit.")

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw.body)

    def profile(self, address: Address, settings: Settings, net: Net) -> Profile | None:
        """Known of whoever has added the account as a friend; a group's members are not."""
        where = f"{base(settings, API)}/v2/bot/profile/{quote(address.address, safe='')}"
        name = key(call(net, "GET", where, headers=_bearer(settings)).data.get("displayName"))
        return Profile(name) if name else None

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        options: dict[str, Any] = {"max_bytes": MEDIA_BYTES, "timeout": 60.0}
        url = file.media_ref
        if not url.startswith(("https://", "http://")):
            host = base(settings, API).replace("//api.line.me", "//api-data.line.me")
            url = f"{host}/v2/bot/message/{quote(url, safe='')}/content"
            options["headers"] = _bearer(settings)
        answer = net.http.get(url, **options)
        if answer.status_code != 200:  # 202: a video that LINE is still converting
            raise Broken(f"LINE does not give this file (HTTP {answer.status_code}).")
        kind = answer.headers.get("content-type", "").partition(";")[0] or file.content_type
        return dataclasses.replace(file, content=answer.content, content_type=kind)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """One push: a reply token lasts a minute and works once, which an agent never keeps to."""
        messages: list[dict[str, Any]] = []
        if outbound.text:
            messages.append({"type": "text", "text": outbound.text})
        for file in outbound.files:
            url = public_address(file)
            if not url:
                return without_address(file)
            if file.content_type in ("image/jpeg", "image/png"):
                picture = {"type": "image", "originalContentUrl": url, "previewImageUrl": url}
                messages.append(picture)
            else:
                messages.append({"type": "text", "text": f"{file.name}\n{url}"})
        if not messages or len(messages) > AT_ONCE:
            words = said("LINE takes at most {count} parts at once.", count=AT_ONCE)
            return Failed(words, permanent=True)
        if outbound.quick_replies:
            messages[-1]["quickReply"] = {"items": [_button(q.id, q.title) for q in outbound.quick_replies[:13]]}  # fmt: skip
        push = {"to": outbound.thread_ref or outbound.recipient.address, "messages": messages}
        return delivered(lambda: _push(settings, net, push, outbound.idempotency_key))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [
            tried(said("Official account"), lambda: _account(settings, net)),
            tried(said("Webhook"), lambda: _webhook(settings, net)),
        ]


def _button(id: str, title: str) -> dict[str, Any]:
    label = title if len(title) <= 20 else f"{title[:19]}…"
    action = {"type": "postback", "label": label, "data": id[:300], "displayText": title[:300]}
    return {"type": "action", "action": action}


def _bearer(settings: Settings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.get('channel_access_token') or ''}"}


def _push(settings: Settings, net: Net, push: dict[str, Any], idempotency_key: str) -> Outcome:
    """LINE knows a retry by its key and answers 409 with what it took the first time."""
    headers = _bearer(settings) | {"x-line-retry-key": _uuid(idempotency_key)}
    url = f"{base(settings, API)}/v2/bot/message/push"
    reply = call(net, "POST", url, json=push, headers=headers)
    id = key(at(reply.data, "sentMessages", 0, "id"))
    if reply.status == 409 or (reply.ok and id):
        return Sent(id or reply.headers.get("x-line-accepted-request-id", idempotency_key))
    if reply.status == 429 and "monthly" in key(reply.data.get("message")).lower():
        return Failed(said("The account's monthly number of messages is used up."), permanent=True)
    return refused(reply, _words(reply))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, text))


def _words(reply: Reply) -> str:
    if reply.status == 401:
        return said("LINE does not accept the channel access token.")
    detail = key(at(reply.data, "details", 0, "message"))
    return " ".join(x for x in (key(reply.data.get("message")), detail) if x)


def _why(reply: Reply) -> str:
    outcome: Failed | Unknown = refused(reply, _words(reply))
    return outcome.reason


def _account(settings: Settings, net: Net) -> tuple[bool, str]:
    url = f"{base(settings, API)}/v2/bot/info"
    reply = call(net, "GET", url, headers=_bearer(settings))
    name = key(reply.data.get("displayName"))
    return (True, said("The token belongs to {name}.", name=name)) if name else (False, _why(reply))


def _webhook(settings: Settings, net: Net) -> tuple[bool, str]:
    url = f"{base(settings, API)}/v2/bot/channel/webhook/endpoint"
    mine = str(settings.get("webhook_url") or "")
    reply = call(net, "GET", url, headers=_bearer(settings))
    there = key(reply.data.get("endpoint"))
    if mine and there != mine and reply.status in (200, 404):
        made = call(net, "PUT", url, headers=_bearer(settings), json={"endpoint": mine})
        return made.ok, said("The address was registered.") if made.ok else _why(made)
    if not there:
        return False, said("No webhook: paste the address shown here into the LINE console.")
    if reply.data.get("active") is not True:
        return False, said("“Use webhook” is off in the LINE console.")
    return True, said("LINE calls {url}.", url=there)
