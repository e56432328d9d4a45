"""LINE official accounts, by the Messaging API."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import TYPE_CHECKING, Annotated, Any
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
    Inbound,
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
    Withdrawn,
    said,
)
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
    NullIsEmpty,
    Shape,
    Text,
    at,
    digest,
    key,
    moment,
    peek,
    read,
    same,
)
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.line.me"
AT_ONCE = 5
MEDIA_BYTES = 100 * 1024 * 1024
MEDIA = {
    "image": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "audio": ("voice.m4a", "audio/mp4"),
    "file": ("file", "application/octet-stream"),
}


class Source(Shape):
    userId: Text = ""  # noqa: N815 (LINE's own names)
    groupId: Text = ""  # noqa: N815
    roomId: Text = ""  # noqa: N815


class ContentProvider(Shape):
    type: Text = ""
    originalContentUrl: Text = ""  # noqa: N815


class Said(Shape):
    id: Text = ""
    type: Text = ""
    text: Text = ""
    fileName: Text = ""  # noqa: N815
    title: Text = ""
    address: Text = ""
    latitude: float | None = None
    longitude: float | None = None
    keywords: Annotated[list[Text], NullIsEmpty] = []
    contentProvider: ContentProvider | None = None  # noqa: N815
    quotedMessageId: Text = ""  # noqa: N815


class Postback(Shape):
    data: Text = ""


class Unsent(Shape):
    messageId: Text = ""  # noqa: N815


class Event(Shape):
    type: Text = ""
    timestamp: float = 0
    source: Source | None = None
    webhookEventId: Text = ""  # noqa: N815
    message: Said | None = None
    postback: Postback | None = None
    unsend: Unsent | None = None


class Body(Shape):
    events: Annotated[list[Event], NullIsEmpty] = []


class Line(Provider):
    kind = "line"
    name = "LINE"
    identity_kind = "line"
    customer_link = "https://line.me/R/ti/p/@{name}"
    conversational = True
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
        events = at(peek(raw.body), "events")
        rows = [e for e in events if isinstance(e, dict)] if isinstance(events, list) else []
        who = next((w for e in rows if (w := _talk(at(e, "source")))), "line")
        ids = (
            key(at(e, "message", "id")) or key(e.get("webhookEventId"))
            for e in rows
            if e.get("type") in ("message", "postback")
        )
        return Envelope(who, tuple(i for i in ids if i))

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        events = read(Body, raw.body).events
        return [said for event in events if (said := _withdrawn(event) or _inbound(event))]

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


def _talk(source: object) -> str:
    names = ("groupId", "roomId", "userId")
    return next((found for name in names if (found := key(at(source, name)))), "")


def _withdrawn(event: Event) -> Withdrawn | None:
    """LINE asks that what was unsent be neither used nor shown any more."""
    if event.type != "unsend" or not event.unsend or not event.unsend.messageId:
        return None
    return Withdrawn(event.unsend.messageId, None, moment(event.timestamp / 1000))


def _inbound(event: Event) -> Inbound | None:
    """What a person said, or None. Joining, leaving, following and the like are no utterances."""
    source = event.source or Source()
    thread = source.groupId or source.roomId
    sender = source.userId or thread
    if not sender:
        return None
    text, id, answers = "", event.webhookEventId, ""
    files: tuple[File, ...] = ()
    meta: dict[str, str] = {}
    if event.type == "message" and event.message:
        said, id = event.message, event.message.id or event.webhookEventId
        text, files, answers = _text(said), _files(said), said.quotedMessageId
    elif event.type == "postback" and event.postback:
        text = event.postback.data
        meta = {"postback": text}
    if not text and not files:
        return None
    fingerprint = digest(text, *(f.media_ref for f in files))
    return Inbound(
        external_id=id or digest(sender, str(event.timestamp), fingerprint),
        sender=Address("line", sender, verified=True, how="provider"),
        text=text,
        sent_at=moment(event.timestamp / 1000),
        fingerprint=fingerprint,
        files=files,
        thread_ref=thread,
        meta=meta,
        answers=answers,
    )


def _text(said: Said) -> str:
    if said.type == "sticker":
        return said.text or ", ".join(said.keywords[:3]) or "[sticker]"
    if said.type == "location" and said.latitude is not None and said.longitude is not None:
        link = f"https://www.openstreetmap.org/?mlat={said.latitude}&mlon={said.longitude}"
        return "\n".join(x for x in (said.title, said.address, link) if x)
    return said.text


def _files(said: Said) -> tuple[File, ...]:
    if said.type not in MEDIA:
        return ()
    name, kind = MEDIA[said.type]
    outside = said.contentProvider.originalContentUrl if said.contentProvider else ""
    reference = outside or said.id
    return (File(said.fileName or name, kind, media_ref=reference),) if reference else ()


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
