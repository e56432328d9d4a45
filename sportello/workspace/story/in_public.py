"""What the page offers at a message that strangers read."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from sportello.tickets.models import Message, Moderation
from sportello.tickets.ways.in_public import can_hide, is_public_word, private_way


@dataclass(frozen=True, slots=True)
class Public:
    """State and offers of one message."""

    hides: bool
    private: bool
    hidden: bool = False
    pending: bool = False
    """The channel has been asked and has not said yes yet."""
    trouble: str = ""

    @property
    def is_shown(self) -> bool:
        return not self.hidden


def public_of(message: Message) -> Public | None:
    """None for what was said in private."""
    if not is_public_word(message):
        return None
    hides, way = can_hide(message), private_way(message, now=timezone.now())
    try:
        row = message.moderation
    except Moderation.DoesNotExist:
        return Public(hides, way is not None)
    done = row.due_at is None and not row.trouble
    return Public(
        hides,
        way is not None,
        hidden=row.hidden if done or row.due_at else not row.hidden,
        pending=row.due_at is not None,
        trouble=row.trouble,
    )
