"""Hide a public message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Moderation, Ticket


@dataclass(frozen=True, slots=True)
class Hide:
    message: int | None = None
    """None: the newest one that a customer wrote in public."""
    hidden: bool = True


@operation(name="hide", label="Hide a public message", params=Hide, writes_to_customer=True)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Hide) -> Moderation:
    said = ticket.messages.filter(direction="in", meta__public=True)
    if params.message is not None:
        said = said.filter(pk=params.message)
    message = said.order_by("-pk").first()
    if message is None:
        raise actions.BadValue(_("This cannot be hidden here."))
    return actions.hide(message=message, actor=actor, now=now, hidden=params.hidden)
