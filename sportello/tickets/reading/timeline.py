"""One ticket's story, by pages: messages with what hangs on them, and the events between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Subquery

from sportello.core import sql
from sportello.core.compiled import Among, compiled
from sportello.core.models import Event
from sportello.tickets.models import (
    Attachment,
    Delivery,
    Message,
    Moderation,
    PendingMedia,
    SealedOriginal,
    Ticket,
)

PAGE = 24
AT_ONCE = 400
"""Messages and facts that are shown at most, whatever was asked for."""
SHOWN = frozenset(
    {
        "ticket_opened", "ticket_reopened", "held_accepted", "held_refused", "message_undone", "ticket_assigned",
        "status_changed", "priority_changed", "kind_changed", "subject_changed", "tags_changed", "field_changed",
        "ticket_snoozed", "ticket_woken", "ticket_merged", "ticket_split", "ticket_unmerged", "message_recognised", "spam_marked", "spam_unmarked",
        "participant_changed", "identity_verified", "chat_ended", "message_edited", "message_withdrawn", "message_hidden",
        "message_shown", "order_act_asked", "order_act_settled",
        "original_revealed", "secure_form_sent", "secure_form_answered", "secure_form_withdrawn", "secure_form_read",
    }
)  # fmt: skip
"""Facts worth a line; messages and deliveries show themselves."""


@dataclass(frozen=True, slots=True)
class Story:
    messages: list[Message]
    """Oldest first, with their authors and threads."""
    events: list[Event]
    has_older: bool
    attachments: dict[int, list[Attachment]] = field(default_factory=dict)
    """By message, in their order; likewise the others. Where there is none there is no key."""
    deliveries: dict[int, list[Delivery]] = field(default_factory=dict)
    media: dict[int, list[PendingMedia]] = field(default_factory=dict)


def story(
    ticket: Ticket, *, before: int | None = None, since: int | None = None, size: int = PAGE
) -> Story:
    """The newest page; the one older than message ``before``; or all from message ``since`` on."""
    if since is not None:
        size = AT_ONCE
    side = "lt" if before is not None else "gte" if since is not None else ""
    newest = _messages(side, size + 1, ticket=ticket.pk, at=before if since is None else since)
    has_older = len(newest) > size
    page = newest[:size][::-1]
    starts_late = has_older or since is not None
    return Story(page, _told(ticket, page, starts_late, before), has_older, **_hung(page))


@compiled
def _messages(side: str, size: int, *, ticket: Any, at: Any) -> QuerySet[Message]:
    rows = Message.objects.filter(ticket_id=ticket, **({f"pk__{side}": at} if side else {}))
    return rows.select_related("agent", "identity", "thread").defer("search").order_by("-id")[:size]


_KINDS = """
SELECT EXISTS (SELECT FROM tickets_attachment WHERE message_id = ANY(w.ids)),
  EXISTS (SELECT FROM tickets_delivery WHERE message_id = ANY(w.ids)),
  EXISTS (SELECT FROM tickets_pendingmedia WHERE message_id = ANY(w.ids)),
  EXISTS (SELECT FROM tickets_sealedoriginal WHERE message_id = ANY(w.ids)),
  EXISTS (SELECT FROM tickets_moderation WHERE message_id = ANY(w.ids))
FROM (SELECT %s::bigint[] AS ids) w
"""


def _hung(page: list[Message]) -> dict[str, dict[int, list[Any]]]:
    """What hangs on these messages: one statement says of which kinds there is anything."""
    ids = [message.pk for message in page]
    files, deliveries, media, sealed, moderated = (
        sql.fetch(_KINDS, [ids])[0] if ids else [False] * 5
    )
    _attach("sealed", page, _sealed(messages=ids) if sealed else [])
    _attach("moderation", page, _moderated(messages=ids) if moderated else [])
    return {
        "attachments": _by_message(_attachments(messages=ids) if files else []),
        "deliveries": _by_message(_deliveries(messages=ids) if deliveries else []),
        "media": _by_message(_media(messages=ids) if media else []),
    }


def _attach(name: str, page: list[Message], rows: Iterable[Any]) -> None:
    """What a message has one of at most: it knows so when it has none, and never asks."""
    known = {row.message_id: row for row in rows}
    link: Any = Message._meta.get_field(name)
    for message in page:
        link.set_cached_value(message, known.get(message.pk))


def _by_message[R: Attachment | Delivery | PendingMedia](rows: Iterable[R]) -> dict[int, list[R]]:
    found: dict[int, list[R]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found


@compiled
def _attachments(*, messages: Any) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(Among("message_id", messages))
    return rows.select_related("file__blob").order_by("id")


@compiled
def _deliveries(*, messages: Any) -> QuerySet[Delivery]:
    return Delivery.objects.filter(Among("message_id", messages)).order_by("id")


@compiled
def _media(*, messages: Any) -> QuerySet[PendingMedia]:
    return PendingMedia.objects.filter(Among("message_id", messages)).order_by("id")


@compiled
def _sealed(*, messages: Any) -> QuerySet[SealedOriginal]:
    return SealedOriginal.objects.filter(Among("message_id", messages)).defer("body")


@compiled
def _moderated(*, messages: Any) -> QuerySet[Moderation]:
    return Moderation.objects.filter(Among("message_id", messages))


def _told(
    ticket: Ticket, page: list[Message], starts_late: bool, before: int | None
) -> list[Event]:
    """The facts worth a line that happened while these messages were written."""
    if not page and before is not None:
        return []
    since = page[0].created_at if page and starts_late else None
    newest = _events(
        since is not None, before is not None, ticket=ticket.pk, since=since, before=before
    )
    return newest[::-1]


@compiled
def _events(late: bool, early: bool, *, ticket: Any, since: Any, before: Any) -> QuerySet[Event]:
    events = Event.objects.filter(ticket_id=ticket, type__in=sorted(SHOWN))
    if late:
        events = events.filter(occurred_at__gte=since)
    if early:
        later = Message.objects.filter(ticket_id=ticket, pk__gte=before).order_by("id")
        events = events.filter(occurred_at__lt=Subquery(later.values("created_at")[:1]))
    return events.order_by("-id")[:AT_ONCE]


def history(ticket: Ticket, limit: int = 200) -> list[Event]:
    """Every fact, newest first, for the audit view."""
    return list(Event.objects.filter(ticket_id=ticket.pk).order_by("-id")[:limit])
