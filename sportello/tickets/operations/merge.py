"""Merge into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Merge:
    into: int
    """Number of the ticket that survives."""


@operation(name="merge", label="Merge into", params=Merge, writes_to_customer=True)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Merge) -> Ticket:
    return actions.merge(
        ticket=ticket, into=Ticket.objects.get(number=params.into), actor=actor, now=now
    )
