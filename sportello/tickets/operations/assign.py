"""Assign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sportello.accounts.models import Agent, Team
from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Assign:
    assignee: int | None = None
    team: int | None = None
    unassign: bool = False


@operation(name="assign", label="Assign", params=Assign)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Assign) -> Ticket:
    changes: dict[str, Any] = {}
    if params.assignee is not None or params.unassign:
        changes["assignee"] = (
            Agent.objects.get(pk=params.assignee, is_active=True) if params.assignee else None
        )
    if params.team is not None:
        changes["team"] = Team.objects.get(pk=params.team)
    return actions.assign(ticket=ticket, actor=actor, now=now, **changes)
