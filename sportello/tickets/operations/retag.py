"""Change tags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Retag:
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@operation(name="tags", label="Change tags", params=Retag)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Retag) -> Ticket:
    return actions.retag(ticket=ticket, actor=actor, now=now, add=params.add, remove=params.remove)
