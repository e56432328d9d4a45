"""Set status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class SetStatus:
    status: str


@operation(name="set_status", label="Set status", params=SetStatus)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: SetStatus) -> Ticket:
    return actions.set_status(ticket=ticket, actor=actor, now=now, status=params.status)
