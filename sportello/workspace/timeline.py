"""A ticket's story as the page shows it: days, runs per channel, messages, system lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.core.models import Event
from sportello.tickets.models import Attachment, Delivery, DeliveryState, Direction, Message, Ticket
from sportello.tickets.reading.timeline import Story
from sportello.workspace.glyphs import Glyph, glyphs
from sportello.workspace.said import day
from sportello.workspace.sentences import Line, Names, line
from sportello.workspace.troubles import Said, said

SAME_BREATH = timedelta(minutes=5)
FOLD = timedelta(minutes=2)
_REPLY = re.compile(r"^(?:(?:re|r|fwd?|i|aw|wg)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)
LOGO = 12_000
"""Bytes under which a picture inside a mail is taken for a signature's logo and left to the mail itself."""
TICKS = {
    DeliveryState.HELD: "clock", DeliveryState.QUEUED: "clock", DeliveryState.SENDING: "clock",
    DeliveryState.UNKNOWN: "clock", DeliveryState.SENT: "check", DeliveryState.DELIVERED: "check-check",
    DeliveryState.READ: "check-check", DeliveryState.FAILED: "circle-alert", DeliveryState.CANCELLED: "undo-2",
}  # fmt: skip


@dataclass(slots=True)
class Tick:
    delivery: Delivery
    icon: str
    style: str
    label: str
    trouble: Said | None = None
    """What went wrong and what can be done; None unless it failed."""
    repeated: bool = False
    """Another answer went in its place."""

    @property
    def failed(self) -> bool:
        return self.style == "fail"

    @property
    def held(self) -> bool:
        return self.delivery.state == DeliveryState.HELD


@dataclass(frozen=True, slots=True)
class Mark:
    """What kind of utterance it is, in a word beside the author's name."""

    word: str
    icon: str = ""
    title: str = ""


@dataclass(slots=True)
class Entry:
    """One message, or one system line."""

    at: datetime
    message: Message | None = None
    line: Line | None = None
    event_id: int = 0
    kind: str = ""
    folded: list[Entry] = field(default_factory=list)
    """System lines of one actor in a row: shown as one that opens."""
    actor: str = ""
    heads: bool = False
    """A mail that says more in its head than the one before it: subject, copies."""
    again: bool = False
    """Same author, same channel, within five minutes: the name is not repeated."""
    tick: Tick | None = None
    images: list[Attachment] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)

    @property
    def marks(self) -> list[Mark]:
        return list(_marks(self.message)) if self.message else []

    @property
    def more(self) -> bool:
        """Whether there is anything under the words: asked once, since most messages are words alone."""
        message = self.message
        if message is None:
            return False
        meta = message.meta
        told = meta and any(meta.get(key) for key in ("versions", "reactions", "choices", "public"))
        parts = message.quoted or message.html or self.images or self.files
        failed = self.tick is not None and self.tick.failed
        held = message.is_held or hasattr(message, "sealed")
        return bool(parts or told or failed or held or list(message.pending_media.all()))

    @property
    def author(self) -> str:
        message = self.message
        if message is None:
            return ""
        if message.agent:
            return message.agent.name
        if message.author_name:
            return message.author_name
        if message.direction == Direction.OUT:
            return _("Assistant")
        visits = message.identity is not None and message.identity.kind == "visitor"
        return _("Visitor") if visits else _("Customer")


@dataclass(slots=True)
class Run:
    glyph: Glyph | None
    why: str = ""
    shows_head: bool = True
    entries: list[Entry] = field(default_factory=list)
    last: bool = False
    day_gap: bool = False


@dataclass(slots=True)
class Piece:
    """A day's heading or a run."""

    day: str = ""
    run: Run | None = None


def _marks(message: Message) -> Iterator[Mark]:
    if message.nature == "call":
        yield _call(message)
    elif message.direction == Direction.NOTE:
        yield Mark(_("internal note"), "lock")
    elif message.direction == Direction.OUT and message.nature == "automatic":
        yield Mark(_("automatic"), "bot")
    elif message.nature == "auto_reply":
        yield Mark(_("automatic answer"))
    elif message.nature == "bounce":
        yield Mark(_("delivery report"))
    meta = message.meta
    if not meta:
        return
    if meta.get("public"):
        yield Mark(_("in public"), "globe")
    if meta.get("in_private_to"):
        yield Mark(_("in private"), "lock")
    if meta.get("edited_at"):
        yield Mark(_("edited"))
    if meta.get("template"):
        yield Mark(_("template"), "text-quote", str(meta["template"]))
    if meta.get("echo"):
        yield Mark(_("from another app"))


def _call(message: Message) -> Mark:
    call = message.meta.get("call") or {}
    said, icon = (
        (_("call received"), "phone-incoming")
        if call.get("direction") == "in"
        else (_("call made"), "phone")
    )
    minutes = int(call.get("minutes") or 0)
    return Mark(f"{said}, {minutes} min" if minutes else said, icon, _("Colleagues read it in the ticket; the customer does not."))  # fmt: skip


def pieces(story: Story, ticket: Ticket) -> list[Piece]:
    """The story from oldest to newest, grouped as it is drawn."""
    looks = glyphs()
    out: list[Piece] = []
    current: Run | None = None
    channel: int | None = None
    shown_day, now = "", timezone.now()
    before: Entry | None = None
    subject = ""
    for entry in _entries(story):
        heading = day(entry.at, now)
        if heading != shown_day:
            if current:
                current.day_gap = True
            out.append(Piece(day=heading))
            shown_day, current, before = heading, None, None
        spoken = entry.message.channel_id if entry.message else None
        changes = spoken is not None and spoken != channel
        if current is None or changes:
            known = spoken if spoken is not None else channel
            current = Run(
                looks.get(known or 0),
                shows_head=changes,
                why=_why(entry, ticket, channel) if changes else "",
            )
            out.append(Piece(run=current))
            channel, before = known, None
        entry.again = _same_breath(before, entry)
        if entry.message and entry.message.subject:
            bare = _bare(entry.message.subject)
            entry.heads = bare != subject or bool(entry.message.meta.get("cc"))
            subject = bare
        current.entries.append(entry)
        before = entry
    if current:
        current.last = True
    _mark_repeated(out)
    for piece in out:
        if piece.run:
            piece.run.entries = _folded(piece.run.entries)
    return out


def _mark_repeated(out: list[Piece]) -> None:
    """A failed answer that went elsewhere needs no way out any more."""
    entries = [e for piece in out if piece.run for e in piece.run.entries if e.message]
    repeated = {e.message.meta.get("instead_of") for e in entries if e.message}
    for entry in entries:
        if entry.message and entry.tick and entry.message.pk in repeated:
            entry.tick.repeated = True


def _folded(entries: list[Entry]) -> list[Entry]:
    """Three and more system lines of one actor, within two minutes, become one."""
    out: list[Entry] = []
    for entry in entries:
        head = out[-1] if out else None
        if (
            head
            and head.line
            and entry.line
            and head.actor == entry.actor
            and entry.at - head.at < FOLD
        ):
            head.folded.append(entry)
        else:
            out.append(entry)
    return [
        part
        for entry in out
        for part in ([entry] if len(entry.folded) > 1 else [entry, *_taken(entry)])
    ]


def _taken(entry: Entry) -> list[Entry]:
    rest, entry.folded = entry.folded, []
    return rest


def _bare(subject: str) -> str:
    return _REPLY.sub("", subject).strip().casefold()


def _entries(story: Story) -> Iterator[Entry]:
    told = [event for event in story.events if not _goes_without_saying(event)]
    names = Names.of(told)
    entries = [_message(m) for m in story.messages] + [
        Entry(e.occurred_at, line=line(e, names), event_id=e.pk, kind="sys", actor=names.actor(e))
        for e in told
    ]
    yield from sorted(entries, key=lambda e: (e.at, e.message is None))


def _goes_without_saying(event: Event) -> bool:
    """The first message shows that it opened the ticket."""
    return (
        event.type == "ticket_opened"
        and not event.actor.startswith("agent:")
        and not event.payload.get("follow_up_of")
    )


def _message(message: Message) -> Entry:
    entry = Entry(message.created_at, message=message, kind=message.direction)
    for attachment in message.attachments.all():
        if attachment.inline and message.html and attachment.size < LOGO:
            continue
        (entry.images if _is_picture(attachment) else entry.files).append(attachment)
    if message.direction == Direction.OUT:
        entry.tick = _tick(message)
    return entry


def _is_picture(attachment: Attachment) -> bool:
    pictures = {"image/png", "image/jpeg", "image/gif", "image/webp"}
    return attachment.content_type in pictures and attachment.file.blob.verdict != "infected"


def _tick(message: Message) -> Tick | None:
    deliveries: Any = sorted(message.deliveries.all(), key=lambda d: d.pk)
    if not deliveries:
        return None
    newest: Delivery = deliveries[-1]
    state = DeliveryState(newest.state)
    style = {DeliveryState.READ: "read", DeliveryState.FAILED: "fail"}.get(state, "")
    failed = state is DeliveryState.FAILED
    return Tick(newest, TICKS[state], style, str(state.label), said(newest) if failed else None)


def _same_breath(before: Entry | None, entry: Entry) -> bool:
    if before is None or before.message is None or entry.message is None or entry.kind == "note":
        return False
    one, two = before.message, entry.message
    same = (one.direction, one.agent_id, one.identity_id, one.subject) == (
        two.direction,
        two.agent_id,
        two.identity_id,
        two.subject,
    )
    return same and two.created_at - one.created_at < SAME_BREATH


def _why(entry: Entry, ticket: Ticket, earlier: int | None) -> str:
    """In a few words: how the talk came to this channel."""
    message = entry.message
    if message is None:
        return ""
    if message.direction == Direction.OUT:
        return _("opened by us") if earlier is None else _went_on(entry, message)
    if message.is_held:
        return _("right reply address, unknown sender")
    if earlier is None:
        return _("wrote here first")
    proven = message.identity and message.identity.proof == "verified"
    return _("same person, verified address") if proven else _("same person")


def _went_on(entry: Entry, message: Message) -> str:
    """Why our answer left here and not where the customer wrote."""
    reasons = {
        "window": _("the earlier channel's window had shut"),
        "failed": _("the earlier answer did not arrive"),
    }
    chosen = _("chosen by %(who)s") % {"who": entry.author}
    return reasons.get(message.meta.get("switch", ""), chosen)


def first_message(story: Story) -> int:
    return story.messages[0].pk if story.messages else 0


def last_message(story: Story) -> int:
    return story.messages[-1].pk if story.messages else 0
