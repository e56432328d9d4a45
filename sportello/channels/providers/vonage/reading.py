"""What Vonage's webhooks bring: messages of the Messages API and of the older SMS API, and reports."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from sportello.channels.contract import (
    Address,
    Envelope,
    File,
    Inbound,
    Parsed,
    Raw,
    Status,
    StatusUpdate,
    Unreadable,
    said,
)
from sportello.channels.providers.vonage import signature
from sportello.channels.vendors import sms
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import Shape, Text, at, digest, iso_moment, key, peek, read

STATUSES = {
    "submitted": Status.SENT,
    "accepted": Status.SENT,
    "buffered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "rejected": Status.FAILED,
    "undeliverable": Status.FAILED,
    "failed": Status.FAILED,
    "expired": Status.FAILED,
}
KINDS = {"whatsapp": "whatsapp", "viber_service": "viber", "messenger": "messenger", "rcs": "phone"}
"""Channel of the Messages API → kind of identity. Other than SMS and MMS, the channel is the thread."""
NUMBERED = {"sms", "mms", "rcs", "whatsapp", "viber_service"}
MEDIA = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4", "file": "application/octet-stream", "vcard": "text/vcard"}  # fmt: skip


class Media(Shape):
    url: Text = ""
    caption: Text = ""
    name: Text = ""


class Choice(Shape):
    id: Text = ""
    title: Text = ""
    text: Text = ""
    payload: Text = ""


class Place(Shape):
    lat: float | None = None
    long: float | None = None
    name: Text = ""


class Named(Shape):
    name: Text = ""


class Message(Shape):
    message_uuid: Text = ""
    channel: Text = "sms"
    sender: Text = ""
    to: Text = ""
    timestamp: Text = ""
    message_type: Text = ""
    text: Text = ""
    image: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    file: Media | None = None
    vcard: Media | None = None
    reply: Choice | None = None
    button: Choice | None = None
    location: Place | None = None
    profile: Named | None = None
    context: dict[str, Any] | None = None


def envelope(raw: Raw) -> Envelope:
    fields = signature.fields_of(raw)
    id = fields.get("message_uuid") or fields.get("messageId") or ""
    is_status = "status" in fields
    whose = peek(raw.body).get("to" if is_status else "from")
    who = _bare(whose) or fields.get("msisdn") or "vonage"
    return Envelope(who[:100], (id[:100],) if id and not is_status else ())


def parsed(raw: Raw) -> list[Parsed]:
    data = peek(raw.body)
    fields = {n: v.replace("\x00", "") for n, v in signature.fields_of(raw).items()}
    if "status" in fields:
        return _report(fields, data)
    if fields.get("msisdn", "").strip():
        return [_older(fields)]
    if not _bare(data.get("from")).strip():
        raise Unreadable("Neither a message nor a status of Vonage.")
    return [_inbound(read(Message, data | {"sender": _bare(data["from"]), "to": _bare(data.get("to"))}))]  # fmt: skip


def _bare(party: object) -> str:
    """Vonage writes a party as text, or as an object in older versions."""
    if isinstance(party, dict):
        return key(party.get("number")) or key(party.get("id"))
    return key(party)


def _report(fields: dict[str, str], data: dict[str, Any]) -> list[Parsed]:
    status = STATUSES.get(fields["status"])
    id = fields.get("message_uuid") or fields.get("messageId")
    if status is None or not id:
        return []
    reason = ""
    if status is Status.FAILED:
        error = data.get("error")
        told = [key(at(error, name)) for name in ("title", "detail", "reason")]
        code = fields.get("err-code", "")
        reason = ". ".join(x for x in told if x) or (
            said("Vonage error {number}.", number=code) if code else fields["status"]
        )
    return [
        StatusUpdate(
            id, status, reason, _bare(data.get("to")), iso_moment(fields.get("timestamp", ""))
        )
    ]


def _older(fields: dict[str, str]) -> Inbound:
    """The SMS API. Parts of a long message come apart: each is shown, with its number."""
    text = fields.get("text", "")
    meta: dict[str, Any] = dict(sms.meta_of(text))
    if fields.get("concat") == "true":
        meta["part"] = f"{fields.get('concat-part', '?')}/{fields.get('concat-total', '?')}"
    return Inbound(
        external_id=fields.get("messageId") or digest(*(f"{k}={v}" for k, v in sorted(fields.items()))),
        sender=Address("phone", e164(fields["msisdn"]), verified=True, how="provider"),
        text=text,
        sent_at=iso_moment(unquote_plus(fields.get("message-timestamp", ""))),
        fingerprint=digest(text),
        meta=meta,
    )  # fmt: skip


def _inbound(message: Message) -> Inbound:
    chosen = message.reply or message.button
    text = message.text
    meta: dict[str, Any] = {}
    if chosen:
        text = text or chosen.title or chosen.text
        meta["postback"] = chosen.id or chosen.payload
    if (place := message.location) and place.lat is not None:
        link = f"https://www.openstreetmap.org/?mlat={place.lat}&mlon={place.long}"
        text = "\n".join(x for x in (text, place.name, link) if x)
    files = []
    for kind, content_type in MEDIA.items():
        media: Media | None = getattr(message, kind)
        if media and media.url:
            text = text or media.caption
            files.append(File(media.name or kind, content_type, media_ref=media.url))
    channel = message.channel
    number = e164(message.sender) if channel in NUMBERED else message.sender
    name = message.profile.name if message.profile else ""
    fingerprint = digest(text, *(f.media_ref for f in files))
    return Inbound(
        external_id=message.message_uuid or digest(number, message.timestamp, fingerprint),
        sender=Address(KINDS.get(channel, "phone"), number, name, verified=True, how="provider"),
        text=text,
        sent_at=iso_moment(message.timestamp),
        fingerprint=fingerprint,
        files=tuple(files),
        thread_ref=channel if channel in KINDS else "",
        contact_name=name,
        meta=meta | sms.meta_of(text),
        answers=key(at(message.context, "message_uuid")),
    )
