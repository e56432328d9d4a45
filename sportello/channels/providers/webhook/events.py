"""What an app tells us: one JSON object per call. `docs/how-to/connect-an-app.md` documents it for its authors."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import Field

from sportello.channels.contract import (
    Address,
    Edited,
    Ended,
    File,
    Inbound,
    Parsed,
    Reaction,
    Status,
    StatusUpdate,
    Unreadable,
    Withdrawn,
)
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

MAX_FILES = 20


class Person(Shape):
    id: Text
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    language: Text = ""
    verified: bool = False

    @property
    def address(self) -> Address:
        return Address("app", self.id, self.name, verified=True, how="hmac")

    @property
    def claimed(self) -> tuple[Address, ...]:
        """E-mail and telephone: facts when the app says that it has checked them, else claims."""
        proof = {"verified": True, "how": "hmac"} if self.verified else {}
        found = []
        if "@" in self.email:
            found.append(Address("email", self.email.strip().lower(), self.name, **proof))  # type: ignore[arg-type]
        if self.phone:
            found.append(Address("phone", e164(self.phone), self.name, **proof))  # type: ignore[arg-type]
        return tuple(found)


class Attached(Shape):
    name: Text = "file"
    type: Text = "application/octet-stream"
    url: Text = ""
    content: Text = ""


class Event(Shape):
    type: Text
    id: Text = ""
    sender: Person | None = Field(None, alias="from")
    thread: Text = ""
    text: Text = ""
    sent_at: Text = ""
    answers: Text = ""
    files: Annotated[list[Attached], NullIsEmpty] = []
    message: Text = ""
    status: Text = ""
    reason: Text = ""
    emoji: Text = ""
    page: Text = ""


def order_key(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Never raises."""
    data = peek(body)
    who = key(at(data, "from", "id")) or key(at(data, "message")) or "app"
    id = key(data.get("id")) if data.get("type") == "message" else ""
    return who, (id,) if id else ()


def parsed(body: bytes) -> list[Parsed]:
    """Raises `Unreadable`. Types that nobody has documented yet say nothing."""
    event = read(Event, body)
    at = iso_moment(event.sent_at)
    match event.type:
        case "status":
            status = {s.value: s for s in Status}.get(event.status)
            if status is None or not event.message:
                return []
            return [StatusUpdate(event.message, status, event.reason, at=at)]
        case "message" | "ended" | "reaction" | "edited" | "withdrawn":
            if event.sender is None or not event.sender.id:
                raise Unreadable("“from.id” is missing.")
    if event.sender is None:
        return []
    match event.type:
        case "message":
            return [_inbound(event, event.sender)]
        case "ended":
            return [Ended(event.sender.address, event.thread, event.id)]
        case "reaction" if event.message:
            return [Reaction(event.message, event.sender.address, event.emoji)]
        case "edited" if event.message:
            if not event.text.strip():
                raise Unreadable("“text” is missing.")
            return [Edited(event.message, event.text, event.sender.address, at)]
        case "withdrawn" if event.message:
            return [Withdrawn(event.message, event.sender.address, at)]
    return []


def _inbound(event: Event, sender: Person) -> Inbound:
    files = tuple(_file(f) for f in event.files[:MAX_FILES])
    if not event.text.strip() and not files:
        raise Unreadable("The message has neither “text” nor “files”.")
    fingerprint = digest(event.text, *(f.media_ref or digest(repr(f.content)) for f in files))
    meta: dict[str, Any] = {"page": event.page} if event.page else {}
    return Inbound(
        external_id=event.id or digest(sender.id, event.sent_at, fingerprint),
        sender=sender.address,
        text=event.text,
        sent_at=iso_moment(event.sent_at),
        fingerprint=fingerprint,
        files=files,
        thread_ref=event.thread,
        language=sender.language[:8],
        contact_name=sender.name,
        claimed=sender.claimed,
        meta=meta,
        answers=event.answers,
    )


def _file(file: Attached) -> File:
    name, kind = file.name[:255] or "file", file.type[:127] or "application/octet-stream"
    if not file.content:
        if not file.url.startswith(("https://", "http://")):
            raise Unreadable(f"The file “{name}” has neither “content” nor a “url”.")
        return File(name, kind, media_ref=file.url)
    try:
        return File(name, kind, base64.b64decode(file.content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"The content of “{name}” is not base64.") from error
