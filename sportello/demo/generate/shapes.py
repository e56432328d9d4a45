"""What the generator knows while it works, and how much it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

YEARS = 3
TAIL = 2_000
"""Newest tickets that get their events."""
LONG = 500
"""Messages of the one long ticket, the newest that there is."""
WINDOW = 2_000
"""Tickets whose messages are mixed in the order of time, as they would have come in."""
TABLES = (
    "contacts_contact",
    "contacts_identity",
    "tickets_ticket",
    "tickets_thread",
    "tickets_message",
)
type Progress = Callable[[str, float], None]


@dataclass(slots=True)
class House:
    """What the rows refer to."""

    brand: int
    agents: list[tuple[int, str]]
    teams: list[int]
    mail: int
    chat: int
    tags: list[str]


@dataclass(slots=True)
class Starts:
    """The first free ids."""

    contact: int
    identity: int
    ticket: int
    number: int
    thread: int
    message: int


@dataclass(slots=True)
class Made:
    """One ticket before its messages have ids."""

    id: int
    contact: int
    name: str
    language: str
    status: str
    channel: int
    thread: int
    subject: str
    words: dict[str, str]
    created: datetime
    solved: datetime | None
    tags: list[str]
    agent: tuple[int, str] | None
    team: int | None
    talk: list[tuple[datetime, str, str]] = field(default_factory=list)
    """(at, direction, text)"""
    ids: list[int] = field(default_factory=list)
