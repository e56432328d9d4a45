"""Snooze."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Snooze:
    until: datetime


@operation(name="snooze", label="Snooze", params=Snooze)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Snooze) -> Ticket:
    return actions.snooze(ticket=ticket, actor=actor, now=now, until=params.until)
