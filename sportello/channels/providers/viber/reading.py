"""What Viber's webhook brings: messages, and what became of ours."""

from __future__ import annotations

from sportello.channels.contract import (
    Address,
    Envelope,
    File,
    Inbound,
    Parsed,
    Raw,
    Status,
    StatusUpdate,
)
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import Shape, Text, at, digest, key, moment, peek, read

MEDIA = {"picture": ("photo.jpg", "image/jpeg"), "video": ("video.mp4", "video/mp4"), "file": ("file", "application/octet-stream")}  # fmt: skip


class Person(Shape):
    id: Text = ""
    name: Text = ""
    language: Text = ""


class Place(Shape):
    lat: float
    lon: float


class Card(Shape):
    name: Text = ""
    phone_number: Text = ""


class Said(Shape):
    type: Text = ""
    text: Text = ""
    media: Text = ""
    file_name: Text = ""
    location: Place | None = None
    contact: Card | None = None


class Event(Shape):
    event: Text = ""
    timestamp: float = 0
    message_token: Text = ""
    user_id: Text = ""
    desc: Text = ""
    sender: Person | None = None
    message: Said | None = None


def envelope(raw: Raw) -> Envelope:
    data = peek(raw.body)
    who = key(at(data, "sender", "id")) or key(data.get("user_id")) or "viber"
    token = key(data.get("message_token")) if data.get("event") == "message" else ""
    return Envelope(who, (token,) if token else ())


def parsed(raw: Raw) -> list[Parsed]:
    event = read(Event, raw.body)
    kinds = {"delivered": Status.DELIVERED, "seen": Status.READ, "failed": Status.FAILED}
    if event.event in kinds and event.message_token:
        reached = moment(event.timestamp / 1000)
        return [StatusUpdate(event.message_token, kinds[event.event], event.desc, event.user_id, reached)]  # fmt: skip
    found = _inbound(event) if event.event == "message" else None
    return [found] if found else []


def _inbound(event: Event) -> Inbound | None:
    message, sender = event.message, event.sender
    if message is None or sender is None or not sender.id:
        return None
    lines = [message.text]
    files: tuple[File, ...] = ()
    if message.type in MEDIA and message.media:
        name, kind = MEDIA[message.type]
        files = (File(message.file_name or name, kind, media_ref=message.media),)
    elif message.media:
        lines.append(message.media)
    if place := message.location:
        lines.append(f"https://www.openstreetmap.org/?mlat={place.lat}&mlon={place.lon}")
    if card := message.contact:
        lines += [card.name, e164(card.phone_number)]
    if message.type == "sticker":
        lines.append("[sticker]")
    text = "\n".join(line for line in lines if line)
    if not text and not files:
        return None
    fingerprint = digest(text, *(f.name for f in files))
    return Inbound(
        external_id=event.message_token or digest(sender.id, str(event.timestamp), fingerprint),
        sender=Address("viber", sender.id, sender.name, verified=True, how="provider"),
        text=text,
        sent_at=moment(event.timestamp / 1000),
        fingerprint=fingerprint,
        files=files,
        language=sender.language[:8],
        contact_name=sender.name,
    )
