"""What kind of utterance it is, in a word beside the author's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sportello.tickets.actions.calling import Outcome
from sportello.tickets.models import CALL, Direction, Message
from sportello.workspace.glyphs import shown_address


@dataclass(frozen=True, slots=True)
class Mark:
    """What kind of utterance it is, in a word beside the author's name."""

    word: str
    icon: str = ""
    title: str = ""


def marks_of(message: Message) -> Iterator[Mark]:
    if message.nature == CALL:
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
    came = call.get("direction") == "in"
    said, icon = (_("call received"), "phone-incoming") if came else (_("call made"), "phone")
    minutes, outcome = int(call.get("minutes") or 0), call.get("outcome")
    parts = [said]
    if minutes:
        parts.append(f"{minutes} min")
    if outcome in Outcome.values and outcome != Outcome.TALKED:
        parts.append(str(Outcome(outcome).label))
    title = _("Colleagues read it in the ticket; the customer does not.")
    number = shown_address(message.identity) if message.identity else ""
    return Mark(", ".join(parts), icon, f"{number} · {title}" if number else title)
