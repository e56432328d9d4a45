"""What CM's webhooks bring: messages of all its channels, and status reports."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from pydantic import Field

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
from sportello.channels.vendors import sms
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import (
    NullIsEmpty,
    Shape,
    Text,
    at,
    digest,
    iso_moment,
    key,
    peek,
    read,
)

STATUSES = {"0": Status.SENT, "1": Status.FAILED, "2": Status.DELIVERED, "3": Status.FAILED, "4": Status.READ}  # fmt: skip
KINDS = {"whatsapp": "whatsapp", "viber": "viber", "instagram": "instagram", "apple messages for business": "apple"}  # fmt: skip
"""CM's channel in lower case → kind of identity. What is not here is told by telephone number."""


class Party(Shape):
    number: Text = ""
    name: Text = ""


class Media(Shape):
    mediaUri: Text = ""  # noqa: N815 (CM's own names)
    contentType: Text = ""  # noqa: N815
    title: Text = ""


class Said(Shape):
    text: Text = ""
    media: Media | None = None
    custom: Annotated[dict[str, Any], NullIsEmpty] = {}


class Message(Shape):
    reference: Text = ""
    messageContext: Text = ""  # noqa: N815
    sender: Party = Field(alias="from")
    message: Said
    timeUtc: Text = ""  # noqa: N815
    channel: Text = "SMS"


def envelope(raw: Raw) -> Envelope:
    data = peek(raw.body)
    number = key(at(data, "from", "number")) or key(at(_reports(data), 0, "to"))
    return Envelope(e164(number) or "cm", ())


def parsed(raw: Raw) -> list[Parsed]:
    data = peek(raw.body)
    if "messages" in data:
        return [update for report in _reports(data) if (update := _update(report))]
    if "event" in data:
        return []
    if not key(at(data, "from", "number")).strip():
        raise Unreadable("Neither a message nor a status report of CM.")
    found = _inbound(read(Message, data), hashlib.sha256(raw.body).hexdigest())
    return [found] if found else []


def number_of(address: str) -> str:
    """Apple's names of people are no numbers and longer than any."""
    return address if address.startswith("urn:") else e164(address)


def _reports(data: dict[str, Any]) -> list[Any]:
    """Status reports come alone or as a list."""
    found = at(data, "messages", "msg")
    return found if isinstance(found, list) else [found] if isinstance(found, dict) else []


def _update(report: object) -> StatusUpdate | None:
    status = STATUSES.get(key(at(report, "status", "code")))
    reference = key(at(report, "reference"))
    if status is None or not reference:
        return None
    reason = ""
    if status is Status.FAILED:
        told, code = (key(at(report, "status", n)) for n in ("errorDescription", "errorCode"))
        reason = told or said("CM error {number}.", number=code)
    reached = iso_moment(key(at(report, "received")))
    return StatusUpdate(reference, status, reason, e164(key(at(report, "to"))), reached)


def _inbound(message: Message, fallback: str) -> Inbound | None:
    """`reference` names the message of ours that is answered: the only id of this one is its content."""
    said, channel = message.message, message.channel
    text, meta, custom = said.text, {}, said.custom
    if chosen := key(at(custom, "suggestionResponse", "postbackData")):
        meta["postback"] = chosen
        text = text or key(at(custom, "suggestionResponse", "text")) or chosen
    latitude, longitude = (at(custom, "location", n) for n in ("latitude", "longitude"))
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        link = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
        text = "\n".join(x for x in (text, key(at(custom, "location", "label")), link) if x)
    cards = custom.get("contacts")
    for card in cards if isinstance(cards, list) else []:
        phones = at(card, "phones")
        told = [key(at(card, "name", "formatted_name"))]
        told += [key(at(p, "phone")) for p in phones] if isinstance(phones, list) else []
        text = "\n".join(x for x in (text, *told) if x)
    files: tuple[File, ...] = ()
    if said.media and said.media.mediaUri:
        kind = said.media.contentType or "application/octet-stream"
        files = (File(said.media.title or "file", kind, media_ref=said.media.mediaUri),)
    if not text and not files:
        return None
    sender, is_sms = message.sender, channel in ("SMS", "")
    return Inbound(
        external_id=fallback,
        sender=Address(KINDS.get(channel.lower(), "phone"), number_of(sender.number), sender.name, verified=True, how="provider"),
        text=text,
        sent_at=iso_moment(message.timeUtc),
        fingerprint=digest(text, *(f.media_ref for f in files)),
        files=files,
        thread_ref="" if is_sms else channel,
        contact_name=sender.name,
        meta=meta | sms.meta_of(text),
        answers=message.messageContext or message.reference,
    )  # fmt: skip
