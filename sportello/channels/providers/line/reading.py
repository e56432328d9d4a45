"""What LINE's webhook brings: messages, pressed buttons and what people take back."""

from __future__ import annotations

from typing import Annotated

from sportello.channels.contract import Address, Envelope, File, Inbound, Parsed, Raw, Withdrawn
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
)

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


def envelope(raw: Raw) -> Envelope:
    events = at(peek(raw.body), "events")
    rows = [e for e in events if isinstance(e, dict)] if isinstance(events, list) else []
    who = next((w for e in rows if (w := _talk(at(e, "source")))), "line")
    ids = (
        key(at(e, "message", "id")) or key(e.get("webhookEventId"))
        for e in rows
        if e.get("type") in ("message", "postback")
    )
    return Envelope(who, tuple(i for i in ids if i))


def parsed(body: bytes) -> list[Parsed]:
    """Raises `Unreadable`."""
    events = read(Body, body).events
    return [said for event in events if (said := _withdrawn(event) or _inbound(event))]


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
