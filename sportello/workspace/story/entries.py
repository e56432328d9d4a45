"""Messages and facts of a ticket, as entries in the order of time."""

from __future__ import annotations

from collections.abc import Iterator

from sportello.core.models import Event
from sportello.tickets.models import CALL, Attachment, Delivery, DeliveryState, Direction, Message
from sportello.tickets.reading.timeline import Story
from sportello.workspace.story.names import Names
from sportello.workspace.story.sentences import line
from sportello.workspace.story.shapes import PHONED, Entry, Tick
from sportello.workspace.story.troubles import said

LOGO = 12_000
"""Bytes under which a picture inside a mail is taken for a signature's logo and left to the mail itself."""
TICKS = {
    DeliveryState.HELD: "clock", DeliveryState.QUEUED: "clock", DeliveryState.SENDING: "clock",
    DeliveryState.UNKNOWN: "clock", DeliveryState.SENT: "check", DeliveryState.DELIVERED: "check-check",
    DeliveryState.READ: "check-check", DeliveryState.FAILED: "circle-alert", DeliveryState.CANCELLED: "undo-2",
}  # fmt: skip


def entries_of(story: Story) -> Iterator[Entry]:
    told = [event for event in story.events if not _goes_without_saying(event)]
    names = Names.of(told)
    entries = [_message(m, story) for m in story.messages] + [
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


def _message(message: Message, story: Story) -> Entry:
    kind = PHONED if message.nature == CALL else message.direction
    entry = Entry(message.created_at, message=message, kind=kind)
    for attachment in story.attachments.get(message.pk, ()):
        if attachment.inline and message.html and attachment.size < LOGO:
            continue
        (entry.images if _is_picture(attachment) else entry.files).append(attachment)
    entry.media = story.media.get(message.pk, [])
    deliveries = story.deliveries.get(message.pk)
    if deliveries and message.direction == Direction.OUT:
        entry.tick = _tick(deliveries[-1])
    return entry


def _is_picture(attachment: Attachment) -> bool:
    pictures = {"image/png", "image/jpeg", "image/gif", "image/webp"}
    return attachment.content_type in pictures and attachment.file.blob.verdict != "infected"


def _tick(newest: Delivery) -> Tick:
    state = DeliveryState(newest.state)
    style = {DeliveryState.READ: "read", DeliveryState.FAILED: "fail"}.get(state, "")
    failed = state is DeliveryState.FAILED
    return Tick(newest, TICKS[state], style, str(state.label), said(newest) if failed else None)
