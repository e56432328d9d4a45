"""What the story is drawn of: days, runs on one channel, messages and system lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from sportello.tickets.models import (
    Attachment,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    PendingMedia,
)
from sportello.workspace.glyphs import Glyph
from sportello.workspace.story.marks import Mark, marks_of
from sportello.workspace.story.sentences import Line
from sportello.workspace.story.troubles import Said

PHONED = "phoned"
"""How a call is drawn: neither his words nor ours, but what was written down of both."""


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
    media: list[PendingMedia] = field(default_factory=list)
    """Files that are still to be fetched."""

    @property
    def marks(self) -> list[Mark]:
        return list(marks_of(self.message)) if self.message else []

    @property
    def more(self) -> bool:
        """Whether there is anything under the words: asked once, since most messages are words alone."""
        message = self.message
        if message is None:
            return False
        meta = message.meta
        told = meta and any(meta.get(key) for key in ("versions", "reactions", "choices", "public"))
        parts = message.quoted or message.html or self.images or self.files or self.media
        failed = self.tick is not None and self.tick.failed
        held = message.is_held or hasattr(message, "sealed")
        return bool(parts or told or failed or held)

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
