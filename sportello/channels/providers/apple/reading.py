"""What Apple sends: one message of one person, often compressed."""

from __future__ import annotations

import zlib
from typing import Annotated, Any

from sportello.channels.contract import (
    Address,
    Ended,
    Envelope,
    File,
    Inbound,
    Parsed,
    Raw,
    Unreadable,
)
from sportello.channels.providers.apple import files
from sportello.channels.vendors.shapes import (
    NullIsEmpty,
    Shape,
    Text,
    address,
    at,
    digest,
    key,
    peek,
    read,
)

MOST = 16 * 1024 * 1024
PLACE = "\ufffc"
"""Stands in the text where an attachment is."""


class Message(Shape):
    id: Text = ""
    type: Text = ""
    sourceId: Text = ""  # noqa: N815 (Apple's own names)
    destinationId: Text = ""  # noqa: N815
    body: Text = ""
    intent: Text = ""
    group: Text = ""
    locale: Text = ""
    attachments: Annotated[list[dict[str, Any]], NullIsEmpty] = []
    interactiveData: Annotated[dict[str, Any], NullIsEmpty] = {}  # noqa: N815
    interactiveDataRef: Annotated[dict[str, Any], NullIsEmpty] = {}  # noqa: N815


def plain(body: bytes) -> bytes:
    """Unpacked, up to a limit: a small body may hold gigabytes. What cannot be unpacked is empty."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpack = zlib.decompressobj(wbits=31)
    try:
        found = unpack.decompress(body, MOST)
    except zlib.error:
        return b""
    return found if unpack.eof else b""


def envelope(raw: Raw) -> Envelope:
    data = peek(plain(raw.body))
    id = key(data.get("id")) if data.get("type") in ("text", "interactive") else ""
    return Envelope(key(data.get("sourceId")) or "apple", (id,) if id else ())


def parsed(raw: Raw) -> list[Parsed]:
    """Raises `Unreadable`."""
    body = plain(raw.body)
    if not body and raw.body:
        raise Unreadable("The compressed body cannot be read, or is too large.")
    message = read(Message, body)
    if not message.sourceId:
        raise Unreadable("A message of nobody.")
    if message.type == "close":
        return [Ended(_address(message), "", message.id)]
    if message.type not in ("text", "interactive"):
        return []
    found = _said(message)
    return [found] if found else []


def _address(message: Message) -> Address:
    """Opaque, and different for each business: Apple tells neither name nor number."""
    return Address("apple", message.sourceId, verified=True, how="provider")


def _said(message: Message) -> Inbound | None:
    text, meta, answers = message.body.replace(PLACE, "").strip(), _facts(message), ""
    if message.type == "interactive":
        chosen, ids = _chosen(message)
        text, answers = chosen or text, key(at(message.interactiveData, "data", "requestIdentifier"))  # fmt: skip
        meta |= {"postback": ids} if ids else {}
    attached = _files(message.attachments)
    if not text and not attached:
        return None
    fingerprint = digest(text, *(f.media_ref for f in attached))
    return Inbound(
        external_id=message.id or digest(message.sourceId, fingerprint),
        sender=_address(message),
        text=text,
        fingerprint=fingerprint,
        files=attached,
        language=message.locale[:2].lower(),
        meta=meta,
        answers=answers,
    )


def _facts(message: Message) -> dict[str, Any]:
    """What the page said from which the talk was begun."""
    facts = {"intent": message.intent, "group": message.group}
    return {name: value[:200] for name, value in facts.items() if value}


def _chosen(message: Message) -> tuple[str, str]:
    """Titles and ids of what was picked. Replies over 10 kB come as a reference with their title only."""
    data = message.interactiveData.get("data")
    picked: list[tuple[str, str]] = []
    quick = at(data, "quick-reply")
    if id := key(at(quick, "selectedIdentifier")):
        picked = [row for row in _rows(at(quick, "items")) if row[0] == id] or [(id, "")]
    sections = at(data, "listPicker", "sections")
    for section in sections if isinstance(sections, list) else []:
        picked += _rows(at(section, "items"))
    titles = ", ".join(title for _, title in picked if title)
    reply = key(at(data, "replyMessage", "title")) or key(at(message.interactiveData, "replyMessage", "title"))  # fmt: skip
    words = titles or reply or key(message.interactiveDataRef.get("title"))
    ids = ", ".join(id for id, _ in picked)
    return (words or ids or "[interactive]"), ids


def _rows(items: object) -> list[tuple[str, str]]:
    rows = items if isinstance(items, list) else []
    return [(key(at(row, "identifier")), key(at(row, "title"))) for row in rows]


def _files(attachments: list[dict[str, Any]]) -> tuple[File, ...]:
    return tuple(
        File(
            key(one.get("name")) or "file",
            key(one.get("mimeType")) or "application/octet-stream",
            media_ref=files.reference(one),
        )
        for one in attachments
        if address(one.get("url"))
    )
