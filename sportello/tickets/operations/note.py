"""Add a note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Message, Ticket


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    html: str = ""
    files: tuple[str, ...] = ()


@operation(name="note", label="Add a note", params=Note)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Note) -> Message:
    return actions.note(
        ticket=ticket, actor=actor, now=now, text=params.text, html=params.html, files=params.files
    )
