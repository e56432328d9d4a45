"""Why the talk went on by another channel, in a few words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sportello.tickets.models import CALL, Direction, Message, Ticket
from sportello.workspace.story.shapes import Entry


def why_here(entry: Entry, ticket: Ticket, earlier: int | None) -> str:
    """In a few words: how the talk came to this channel."""
    message = entry.message
    if message is None:
        return ""
    if message.nature == CALL:
        return _("they called") if message.direction == Direction.IN else _("we called")
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
