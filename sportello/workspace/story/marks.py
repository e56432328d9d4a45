"""What kind of utterance it is, in a word beside the author's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sportello.tickets.models import Direction, Message


@dataclass(frozen=True, slots=True)
class Mark:
    """What kind of utterance it is, in a word beside the author's name."""

    word: str
    icon: str = ""
    title: str = ""


def marks_of(message: Message) -> Iterator[Mark]:
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
