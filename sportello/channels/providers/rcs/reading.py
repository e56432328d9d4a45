"""What RCS for Business tells: a Pub/Sub envelope with a message, an event of a phone, or an event of the server."""

from __future__ import annotations

import base64
from typing import Any

from sportello.channels.contract import (
    Address,
    Envelope,
    File,
    Inbound,
    Nature,
    Parsed,
    Raw,
    Settings,
    Status,
    StatusUpdate,
    Unreadable,
    said,
)
from sportello.channels.vendors import sms
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import Shape, Text, at, digest, iso_moment, key, peek, read

RECEIPTS = {"DELIVERED": Status.DELIVERED, "READ": Status.READ}
WISHES = {"UNSUBSCRIBE": True, "SUBSCRIBE": False}


class Payload(Shape):
    mimeType: Text = ""  # noqa: N815 (Google's own names)
    fileName: Text = ""  # noqa: N815
    fileUri: Text = ""  # noqa: N815


class UserFile(Shape):
    payload: Payload | None = None


class Suggestion(Shape):
    postbackData: Text = ""  # noqa: N815
    text: Text = ""


class Place(Shape):
    latitude: float | None = None
    longitude: float | None = None


class News(Shape):
    senderPhoneNumber: Text = ""  # noqa: N815
    phoneNumber: Text = ""  # noqa: N815
    messageId: Text = ""  # noqa: N815
    eventId: Text = ""  # noqa: N815
    eventType: Text = ""  # noqa: N815
    sendTime: Text = ""  # noqa: N815
    agentId: Text = ""  # noqa: N815
    text: Text = ""
    suggestionResponse: Suggestion | None = None  # noqa: N815
    userFile: UserFile | None = None  # noqa: N815
    location: Place | None = None


def decoded(body: bytes) -> bytes:
    """What Google signs: the bytes inside ``message.data``. Empty for what is no such envelope. Never raises."""
    data = at(peek(body), "message", "data")
    if not isinstance(data, str):
        return b""
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        return b""


def envelope(raw: Raw) -> Envelope:
    news = peek(decoded(raw.body))
    number = key(news.get("senderPhoneNumber")) or key(news.get("phoneNumber"))
    id = "" if "eventType" in news else key(news.get("messageId"))
    return Envelope(number or "rcs", (id,) if id else ())


def parsed(raw: Raw, settings: Settings) -> list[Parsed]:
    """Raises `Unreadable`. What concerns another agent of the same partner says nothing here."""
    inside = decoded(raw.body)
    if not inside:
        raise Unreadable("No envelope of RCS for Business.")
    news = read(News, inside)
    agent = str(settings.get("agent_id") or "")
    if news.agentId and agent and bare(news.agentId) != bare(agent):
        return []
    if news.eventType:
        return _event(news)
    found = _said(news)
    return [found] if found else []


def bare(agent: str) -> str:
    return agent.strip().removesuffix("@rbm.goog").lower()


def _event(news: News) -> list[Parsed]:
    number, when = e164(news.senderPhoneNumber or news.phoneNumber), iso_moment(news.sendTime)
    if news.eventType in RECEIPTS and news.messageId:
        status = RECEIPTS[news.eventType]
        return [StatusUpdate(news.messageId, status, recipient=number, at=when, key=news.messageId)]
    if news.eventType == "TTL_EXPIRATION_REVOKED" and news.messageId:
        words = said("The phone was off for too long: the message was taken back.")
        return [StatusUpdate(news.messageId, Status.FAILED, words, number, when, key=news.messageId)]  # fmt: skip
    if news.eventType in WISHES and number:
        return [
            Inbound(
                external_id=news.eventId or digest(number, news.eventType, news.sendTime),
                sender=_address(number),
                text="STOP" if WISHES[news.eventType] else "START",
                sent_at=when,
                nature=Nature.AUTO_REPLY,
                meta={"opt_out": WISHES[news.eventType], "event": news.eventType},
            )
        ]
    return []


def _address(number: str) -> Address:
    return Address("phone", number, verified=True, how="provider")


def _said(news: News) -> Inbound | None:
    number = e164(news.senderPhoneNumber)
    if not number:
        raise Unreadable("Neither a message nor an event of RCS for Business.")
    text = news.text
    meta: dict[str, Any] = {}
    if pressed := news.suggestionResponse:
        text = text or pressed.text or pressed.postbackData
        meta["postback"] = pressed.postbackData
    if (place := news.location) and place.latitude is not None and place.longitude is not None:
        link = f"https://www.openstreetmap.org/?mlat={place.latitude}&mlon={place.longitude}"
        text = "\n".join(x for x in (text, link) if x)
    files = _files(news.userFile)
    if not text and not files:
        return None
    fingerprint = digest(text, *(f.name for f in files))
    return Inbound(
        external_id=news.messageId or digest(number, news.sendTime, fingerprint),
        sender=_address(number),
        text=text,
        sent_at=iso_moment(news.sendTime),
        fingerprint=fingerprint,
        files=files,
        meta=meta | sms.meta_of(text),
    )


def _files(sent: UserFile | None) -> tuple[File, ...]:
    payload = sent.payload if sent else None
    if payload is None or not payload.fileUri:
        return ()
    kind = payload.mimeType or "application/octet-stream"
    return (File(payload.fileName or "file", kind, media_ref=payload.fileUri),)
