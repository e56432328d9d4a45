"""Rows of the ticket list: what one line shows beside the ticket itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.core.compiled import Among, compiled
from sportello.tickets.models import Draft, Priority, ReadMark, Status, Ticket
from sportello.workspace.glyphs import Glyph, glyphs
from sportello.workspace.said import duration

SHOWN_CHANNELS = 3
SHOWN_TAGS = 2


@dataclass(frozen=True, slots=True)
class Clock:
    """The promise's clock: ``style`` quiet, soon, late or stop; ``left`` in steps of five per cent."""

    style: str
    left: int
    words: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    ticket: Ticket
    address: str
    channels: list[Glyph]
    more_channels: int
    unread: bool
    draft: str
    clock: Clock
    selected: bool

    @property
    def tags(self) -> list[str]:
        return list(self.ticket.tags[:SHOWN_TAGS])

    @property
    def presses(self) -> bool:
        return self.ticket.priority in {Priority.HIGH, Priority.URGENT}

    @property
    def assigned(self) -> str:
        agent = self.ticket.assignee
        return _("Assigned to %(name)s") % {"name": agent.name} if agent else ""

    @property
    def ours(self) -> bool:
        return self.ticket.last_author == "agent"


@lru_cache(maxsize=20_000)
def address(number: int) -> str:
    """The ticket's page."""
    return reverse("workspace:ticket", args=[number])


def rows(
    tickets: Sequence[Ticket], agent: Agent, *, now: datetime, selected: int | None = None
) -> list[Row]:
    """One row each, with the agent's own marks and drafts fetched at once."""
    ids = [ticket.pk for ticket in tickets]
    own = {"agent": agent.pk, "tickets": ids}
    marks, drafts = dict(_marks(**own)), dict(_drafts(**own))
    looks = glyphs()
    return [
        _row(ticket, marks.get(ticket.pk, 0), drafts.get(ticket.pk, ""), looks, now, selected)
        for ticket in tickets
    ]


@compiled
def _marks(*, agent: Any, tickets: Any) -> QuerySet[ReadMark, tuple[int, int]]:
    marks = ReadMark.objects.filter(Among("ticket_id", tickets), agent_id=agent)
    return marks.values_list("ticket_id", "message_id")


@compiled
def _drafts(*, agent: Any, tickets: Any) -> QuerySet[Draft, tuple[int, str]]:
    drafts = Draft.objects.filter(Among("ticket_id", tickets), agent_id=agent)
    return drafts.values_list("ticket_id", "text")


def row_of(
    ticket: Ticket, *, read_to: int, draft: str, now: datetime, selected: bool = False
) -> Row:
    """The row of one ticket, whose marks and drafts are known."""
    return _row(ticket, read_to, draft, glyphs(), now, ticket.number if selected else None)


def _row(
    ticket: Ticket,
    read_to: int,
    draft: str,
    looks: dict[int, Glyph],
    now: datetime,
    selected: int | None,
) -> Row:
    known = [looks[id] for id in ticket.channel_ids if id in looks]
    return Row(
        ticket=ticket,
        address=address(ticket.number),
        channels=known[-SHOWN_CHANNELS:],
        more_channels=max(0, len(known) - SHOWN_CHANNELS),
        unread=(ticket.last_inbound_id or 0) > read_to,
        draft=draft.strip()[:120],
        clock=clock(ticket, now),
        selected=ticket.number == selected,
    )


def clock(ticket: Ticket, now: datetime) -> Clock:
    """How long until a promise breaks; without a promise, how long the customer has waited."""
    if ticket.snoozed_until and ticket.snoozed_until > now:
        return Clock(
            "stop",
            0,
            _("in %(time)s") % {"time": duration(ticket.snoozed_until - now)},
            _("Snoozed"),
        )
    if ticket.status in {Status.SOLVED, Status.CLOSED}:
        return Clock("done", 0, Status(ticket.status).label.lower(), "")
    if ticket.status == Status.ON_HOLD:
        return Clock("stop", 0, _("on hold"), _("Waits for somebody else"))
    if ticket.waiting_since is None:
        return Clock("stop", 0, _("waiting"), _("The customer's turn"))
    if ticket.breaks_at is None:
        return Clock(
            "wait", 0, duration(now - ticket.waiting_since), _("The customer has waited this long")
        )
    left = ticket.breaks_at - now
    if left.total_seconds() <= 0:
        return Clock("late", 0, f"\N{MINUS SIGN}{duration(left)}", _("The promise is broken"))
    whole = max((ticket.breaks_at - ticket.waiting_since).total_seconds(), 1.0)
    percent = min(100, max(5, round(left.total_seconds() / whole * 20) * 5))
    return Clock(
        "soon" if percent < 25 else "", percent, duration(left), _("Until the promise breaks")
    )
