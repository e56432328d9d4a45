"""What an event of the log says in a ticket's story: one human line, with names instead of ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sportello.core.models import Event
from sportello.tickets.confidential.words import field_names
from sportello.tickets.models import DeliveryState, Kind
from sportello.workspace.story import telling
from sportello.workspace.story.names import Names
from sportello.workspace.story.telling import bold, choice, listed, plain


@dataclass(frozen=True, slots=True)
class Line:
    icon: str
    text: SafeString


SENTENCES: dict[str, tuple[str, Callable[[Event, Names, str], SafeString]]] = {
    "ticket_opened": ("inbox", telling.opened),
    "ticket_reopened": ("rotate-ccw", telling.reopened),
    "held_accepted": ("check", plain(lambda: _("{who} accepted the held message"))),
    "held_refused": ("ban", plain(lambda: _("{who} set the held message apart"))),
    "message_undone": ("undo-2", plain(lambda: _("{who} took an answer back before it left"))),
    "ticket_assigned": ("user-round", telling.assigned),
    "status_changed": ("circle-check", telling.status),
    "priority_changed": ("flag", telling.priority),
    "kind_changed": (
        "info",
        lambda e, n, w: bold(
            _("Type {kind}, by {who}"), kind=choice(Kind, e.payload.get("kind")), who=w
        ),
    ),
    "subject_changed": ("pencil", plain(lambda: _("{who} changed the subject"))),
    "tags_changed": ("tag", telling.tags),
    "field_changed": (
        "pencil",
        lambda e, n, w: bold(
            _("{who} changed the field {key}"), who=w, key=e.payload.get("key", "")
        ),
    ),
    "ticket_snoozed": ("alarm-clock", telling.snoozed),
    "ticket_woken": ("bell", plain(lambda: _("Back from snooze"))),
    "ticket_merged": ("merge", telling.merged),
    "ticket_split": ("split", telling.split),
    "ticket_unmerged": ("undo-2", plain(lambda: _("{who} took the merge back"))),
    "message_recognised": ("merge", telling.recognised),
    "ticket_suggested": ("merge", telling.suggested),
    "ticket_suggestion_refused": (
        "split",
        plain(lambda: _("{who} said that it is another matter")),
    ),
    "spam_marked": ("octagon-alert", plain(lambda: _("{who} marked it as spam"))),
    "spam_unmarked": ("undo-2", plain(lambda: _("{who} said that it is not spam"))),
    "participant_changed": ("users", plain(lambda: _("{who} changed who gets copies"))),
    "identity_verified": ("badge-check", plain(lambda: _("The customer proved an address"))),
    "identity_asked": ("mail", plain(lambda: _("{who} asked to confirm an address"))),
    "identity_doubted": (
        "users",
        plain(lambda: _("{who} noticed that an address does not tell one person")),
    ),
    "identity_cleared": (
        "badge-check",
        plain(lambda: _("{who} said that an address is one person's after all")),
    ),
    "secure_form_sent": (
        "shield-check",
        lambda e, n, w: bold(
            _("{who} asked for {fields} on a protected page"),
            who=w,
            fields=field_names(listed(e.payload.get("fields"))),
        ),
    ),
    "secure_form_answered": (
        "shield-check",
        lambda e, n, w: bold(
            _("{who} gave {fields} on the protected page"),
            who=w,
            fields=field_names(listed(e.payload.get("fields"))),
        ),
    ),
    "secure_form_withdrawn": ("undo-2", plain(lambda: _("{who} closed the protected page"))),
    "secure_form_read": (
        "eye",
        plain(lambda: _("{who} read what was given on the protected page")),
    ),
    "original_revealed": ("eye", plain(lambda: _("{who} looked at covered data"))),
    "chat_ended": ("message-square", plain(lambda: _("{who} ended the chat"))),
    "message_edited": ("pencil", plain(lambda: _("{who} edited a message"))),
    "message_withdrawn": ("undo-2", plain(lambda: _("{who} withdrew a message"))),
    "moderation_settled": (
        "eye-off",
        plain(lambda: _("The channel answered about hiding a message")),
    ),
    "message_hidden": ("eye-off", plain(lambda: _("{who} hid a message from strangers"))),
    "message_shown": ("eye", plain(lambda: _("{who} showed a hidden message again"))),
    "followers_changed": ("bell", plain(lambda: _("{who} follows this ticket"))),
    "message_received": ("mail", plain(lambda: _("{who} wrote"))),
    "message_sent": ("send", plain(lambda: _("{who} answered"))),
    "note_added": ("lock", plain(lambda: _("{who} added a note"))),
    "message_held": ("hand", plain(lambda: _("A message from an unknown address is held"))),
    "order_act_asked": ("package", telling.act_asked),
    "order_act_settled": ("package", telling.act_settled),
    "delivery_changed": (
        "check-check",
        lambda e, n, w: bold(
            _("Delivery: {state}"), state=choice(DeliveryState, e.payload.get("state", ""))
        ),
    ),
}


def line(event: Event, names: Names) -> Line:
    """The event as one line. A type that nobody wrote a sentence for shows its plain name."""
    icon, sentence = SENTENCES.get(
        event.type, ("info", lambda e, n, w: bold("{type}", type=e.type.replace("_", " ")))
    )
    return Line(icon, sentence(event, names, names.actor(event)))
