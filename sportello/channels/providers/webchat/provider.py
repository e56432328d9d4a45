"""Web chat as a provider. The door (`realtime.visitors`) has proven the visitor before it spools a frame."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Address,
    Capabilities,
    Check,
    Ended,
    Envelope,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Sent,
    Settings,
    Status,
    StatusUpdate,
    Unreadable,
    said,
)
from sportello.channels.providers.webchat import frames, origins
from sportello.channels.providers.webchat.identity import BadSignature, SignedIdentity, judge
from sportello.channels.providers.webchat.settings import GUIDE, SETTINGS

if TYPE_CHECKING:
    from sportello.core.net import Net

MAX_FILES = 10


class WebChat(Provider):
    kind = "webchat"
    name = "Web chat"
    identity_kind = "visitor"
    conversational = True
    hue = "chat"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=10 * 1024 * 1024,
        max_text=frames.MAX_TEXT,
        typing=True,
        read_receipts=True,
        delivery_receipts=True,
        quick_replies=10,
        live=True,
        undo_send=False,
        inbound_webhook=False,
    )
    settings = SETTINGS
    guide = GUIDE

    def verify(self, raw: Raw, settings: Settings) -> None:
        """Only our own door may write here: a webhook cannot know which visitor is speaking."""
        if raw.source != "widget":
            raise Refused("The site chat takes messages from its own socket only.")

    def envelope(self, raw: Raw) -> Envelope:
        try:
            frame = frames.read(raw.body)
            visitor = frames.uuid_of(frame.get("visitor"))
        except frames.BadFrame:
            return Envelope(order_key="visitor:")
        said = frame.get("say")
        ids = (said["id"],) if isinstance(said, dict) and isinstance(said.get("id"), str) else ()
        return Envelope(order_key=f"visitor:{visitor}", external_ids=ids)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        try:
            return _parsed(frames.read(raw.body), settings)
        except frames.BadFrame as error:
            raise Unreadable(f"Not a frame of the site chat: {error}.") from error

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """Nothing leaves here: the visitor's socket reads the message from the log when it is there."""
        return Sent(external_id=outbound.message_id, status=Status.SENT)

    def check(self, settings: Settings, net: Net) -> list[Check]:
        listed = origins.listed(settings)
        wrong = origins.unreadable(settings)
        return [
            Check(
                said("Sites that may show the chat"),
                not wrong,
                said("Cannot be read: {origins}", origins=", ".join(wrong))
                if wrong
                else ", ".join(listed) or said("only this installation"),
            ),
            Check(
                said("Signed identities"),
                True if settings.get("identity_secret") else None,
                said("signatures are checked")
                if settings.get("identity_secret")
                else said("no secret: visitors are anonymous"),
            ),
        ]


def _parsed(frame: dict[str, Any], settings: Settings) -> list[Parsed]:
    visitor = frames.uuid_of(frame.get("visitor"))
    at = _moment(frame.get("at"))
    if "say" in frame:
        return [_inbound(frame, visitor, settings, at)]
    if "seen" in frame:
        seen = frames.mapping_of(frame["seen"])
        status = Status.READ if seen.get("read") is True else Status.DELIVERED
        listed = seen.get("ids")
        if not isinstance(listed, list):
            raise frames.BadFrame("ids are a list")
        ids = [x for x in listed if isinstance(x, str)][:500]
        return [StatusUpdate(external_id=x, status=status, recipient=visitor, at=at) for x in ids]
    if "end" in frame:
        said = frames.uuid_of(frames.mapping_of(frame["end"]).get("id"))
        return [Ended(sender=Address("visitor", visitor), thread_ref="", external_id=said)]
    raise frames.BadFrame("says nothing")


def _inbound(
    frame: dict[str, Any], visitor: str, settings: Settings, at: datetime | None
) -> Inbound:
    said = frames.mapping_of(frame["say"])
    form = frames.mapping_of(said.get("form"))
    page = frames.mapping_of(frame.get("page"))
    text = frames.text_of(said.get("text"))
    files = _files(said.get("files"))
    if not text and not files:
        raise frames.BadFrame("empty message")
    identity, meta = _identity(frame, settings)
    name = (identity.name if identity else "") or frames.text_of(form.get("name"), limit=200)
    signed = identity is not None and identity.signed
    if url := frames.text_of(page.get("url"), limit=2_000):
        meta |= {"page": url, "title": frames.text_of(page.get("title"), limit=300)}
    return Inbound(
        external_id=frames.uuid_of(said.get("id")),
        sender=Address("visitor", visitor, name, verified=signed, how="hmac" if signed else ""),
        text=text,
        sent_at=at,
        fingerprint=hashlib.sha256(
            "\x1f".join([text, *(f.stored_key for f in files)]).encode()
        ).hexdigest(),
        files=files,
        language=frames.text_of(frame.get("language"), limit=8),
        contact_name=name,
        claimed=_claimed(form, identity),
        meta=meta,
    )


def _identity(
    frame: dict[str, Any], settings: Settings
) -> tuple[SignedIdentity | None, dict[str, Any]]:
    """A signature that does not fit makes the visitor anonymous, and the ticket says so."""
    try:
        return judge(
            frames.mapping_of(frame.get("identity")), str(settings.get("identity_secret") or "")
        ), {}
    except BadSignature:
        return None, {"identity": "bad signature"}


def _claimed(form: Mapping[str, Any], identity: SignedIdentity | None) -> tuple[Address, ...]:
    found: dict[tuple[str, str], Address] = {}
    typed = frames.text_of(form.get("email"), limit=254).lower()
    if "@" in typed:
        found["email", typed] = Address("email", typed, frames.text_of(form.get("name"), limit=200))
    if identity and identity.user_id and identity.signed:
        found["user", identity.user_id] = Address(
            "user", identity.user_id, identity.name, verified=True, how="hmac"
        )
    if identity and "@" in identity.email:
        covered = identity.signed and identity.subject == identity.email
        found["email", identity.email] = Address(
            "email", identity.email, identity.name, verified=covered, how="hmac" if covered else ""
        )
    return tuple(found.values())


def _files(value: object) -> tuple[File, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise frames.BadFrame("files are a list")
    rows = [frames.mapping_of(row) for row in value[:MAX_FILES]]
    return tuple(
        File(
            name=frames.text_of(row.get("name"), limit=255) or "file",
            content_type=frames.text_of(row.get("type"), limit=127) or "application/octet-stream",
            stored_key=frames.text_of(row.get("key"), limit=43),
        )
        for row in rows
    )


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
