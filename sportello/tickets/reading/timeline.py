"""One ticket's story, by pages: messages with what hangs on them, and the events between them."""

from __future__ import annotations

from dataclasses import dataclass

from sportello.core.models import Event
from sportello.tickets.models import Message, Ticket

PAGE = 24
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
    """Oldest first, with attachments and deliveries fetched."""
    events: list[Event]
    has_older: bool


def story(
    ticket: Ticket, *, before: int | None = None, since: int | None = None, size: int = PAGE
) -> Story:
    """The newest page; the one older than message ``before``; or all from message ``since`` on."""
    messages = Message.objects.filter(ticket=ticket)
    if before is not None:
        messages = messages.filter(pk__lt=before)
    if since is not None:
        messages = messages.filter(pk__gte=since)
        size = 400
    newest = list(
        messages.select_related("agent", "identity", "thread", "moderation", "sealed")
        .prefetch_related("attachments__file__blob", "deliveries", "pending_media")
        .defer("search", "sealed__body")
        .order_by("-id")[: size + 1]
    )
    has_older = len(newest) > size
    page = newest[:size][::-1]
    return Story(page, _events(ticket, page, has_older or since is not None, before), has_older)


def _events(
    ticket: Ticket, page: list[Message], starts_late: bool, before: int | None
) -> list[Event]:
    if not page:
        return (
            list(Event.objects.filter(ticket_id=ticket.pk, type__in=SHOWN).order_by("id")[:200])
            if before is None
            else []
        )
    events = Event.objects.filter(ticket_id=ticket.pk, type__in=SHOWN)
    if starts_late:
        events = events.filter(occurred_at__gte=page[0].created_at)
    if before is not None:
        following = (
            Message.objects.filter(ticket=ticket, pk__gte=before)
            .order_by("id")
            .values("created_at")[:1]
        )
        events = events.filter(occurred_at__lt=following)
    return list(events.order_by("-id")[:400])[::-1]


def last_event(ticket: Ticket) -> int:
    """Id of the newest fact about the ticket: what a page that shows it has seen."""
    found = (
        Event.objects.filter(ticket_id=ticket.pk)
        .order_by("-id")
        .values_list("id", flat=True)
        .first()
    )
    return found or 0


def history(ticket: Ticket, limit: int = 200) -> list[Event]:
    """Every fact, newest first, for the audit view."""
    return list(Event.objects.filter(ticket_id=ticket.pk).order_by("-id")[:limit])
