"""Mark as spam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Spam:
    spam: bool = True


@operation(name="spam", label="Mark as spam", params=Spam)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Spam) -> Ticket:
    verb = actions.mark_spam if params.spam else actions.unmark_spam
    return verb(ticket=ticket, actor=actor, now=now)
