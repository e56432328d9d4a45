"""A ticket's story as the page shows it: days, runs per channel, what belongs to one breath."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.utils import timezone

from sportello.tickets.models import Ticket
from sportello.tickets.reading.timeline import Story
from sportello.workspace.glyphs import glyphs
from sportello.workspace.said import day
from sportello.workspace.story.changing import why_here
from sportello.workspace.story.entries import entries_of
from sportello.workspace.story.shapes import PHONED, Entry, Piece, Run

SAME_BREATH = timedelta(minutes=5)
FOLD = timedelta(minutes=2)
_REPLY = re.compile(r"^(?:(?:re|r|fwd?|i|aw|wg)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)


def pieces(story: Story, ticket: Ticket) -> list[Piece]:
    """The story from oldest to newest, grouped as it is drawn."""
    looks = glyphs()
    out: list[Piece] = []
    current: Run | None = None
    channel: int | None = None
    shown_day, now = "", timezone.now()
    before: Entry | None = None
    subject = ""
    headings: dict[date, str] = {}
    for entry in entries_of(story):
        on = timezone.localdate(entry.at)
        heading = headings.get(on) or headings.setdefault(on, day(entry.at, now))
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
                why=why_here(entry, ticket, channel) if changes else "",
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


def _same_breath(before: Entry | None, entry: Entry) -> bool:
    apart = entry.kind in {"note", PHONED}
    if before is None or before.message is None or entry.message is None or apart:
        return False
    one, two = before.message, entry.message
    same = (one.direction, one.agent_id, one.identity_id, one.subject) == (
        two.direction,
        two.agent_id,
        two.identity_id,
        two.subject,
    )
    return same and two.created_at - one.created_at < SAME_BREATH


def first_message(story: Story) -> int:
    return story.messages[0].pk if story.messages else 0


def last_message(story: Story) -> int:
    return story.messages[-1].pk if story.messages else 0
