"""Answer in private."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Message, Ticket


@dataclass(frozen=True, slots=True)
class AnswerInPrivate:
    text: str
    message: int | None = None
    """None: the newest one that a customer wrote in public."""


@operation(
    name="answer_in_private",
    label="Answer in private",
    params=AnswerInPrivate,
    writes_to_customer=True,
)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: AnswerInPrivate) -> Message:
    said = ticket.messages.filter(direction="in", meta__public=True)
    if params.message is not None:
        said = said.filter(pk=params.message)
    message = said.order_by("-pk").first()
    if message is None:
        raise actions.Unreachable(_("The author cannot be answered in private (any more)."))
    return actions.answer_in_private(message=message, text=params.text, actor=actor, now=now)
