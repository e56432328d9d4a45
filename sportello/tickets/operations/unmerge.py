"""Take a merge back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Unmerge:
    """Nothing to say: a ticket is merged into one other."""


@operation(name="unmerge", label="Take a merge back", params=Unmerge, writes_to_customer=True)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Unmerge) -> Ticket:
    return actions.unmerge(ticket=ticket, actor=actor, now=now)
