"""Set priority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class SetPriority:
    priority: str


@operation(name="set_priority", label="Set priority", params=SetPriority)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: SetPriority) -> Ticket:
    return actions.set_priority(ticket=ticket, actor=actor, now=now, priority=params.priority)
