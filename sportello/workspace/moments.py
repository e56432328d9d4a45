"""What happened with one person, newest first: all tickets that the agent sees, and what he did by himself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.queries import shape_of, within
from sportello.accounts.rights import Rights
from sportello.commerce.queries import brands_of
from sportello.contacts.models import Contact, Touchpoint
from sportello.contacts.touchpoints import touchpoints_of
from sportello.core.compiled import compiled
from sportello.tickets.models import Ticket
from sportello.workspace.access import AgentRequest
from sportello.workspace.glyphs import Glyph, glyphs
from sportello.workspace.rows import address
from sportello.workspace.said import day

PAGE = 40
LOOKS = {
    "page": "globe", "article": "book-open", "search": "search", "bot": "bot", "order": "package",
    "login": "key-round", "device": "smartphone", "survey": "star", "other": "activity",
}  # fmt: skip
SHOWN: dict[str, Sequence[str]] = {
    "tickets": (),
    "orders": ("order",),
    "visits": ("page", "article", "search", "bot"),
    "account": ("login", "device", "survey", "other"),
}
"""Filter → kinds of touchpoints; only ``tickets`` has tickets."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    id: int
    icon: str = ""
    title: str = ""
    detail: str = ""
    href: str = ""
    ticket: Ticket | None = None
    channels: list[Glyph] = field(default_factory=list)

    @property
    def key(self) -> tuple[datetime, bool, int]:
        """The order; no two have the same."""
        return self.at, self.ticket is not None, self.id


@dataclass(frozen=True, slots=True)
class Day:
    heading: str
    moments: list[Moment]


@dataclass(frozen=True, slots=True)
class Page:
    days: list[Day]
    before: str
    """Where the next page begins; empty on the last."""


def filters() -> list[tuple[str, str]]:
    return [
        ("", _("Everything")),
        ("tickets", _("Tickets")),
        ("orders", _("Orders")),
        ("visits", _("Visits and searches")),
        ("account", _("Account and surveys")),
    ]


def page(request: AgentRequest, contact: Contact, *, show: str = "", before: str = "") -> Page:
    """One page: both kinds read from the same moment backwards, then woven together."""
    start = _read(before)
    found = [*_tickets(request, contact, start)] if show in {"", "tickets"} else []
    if show != "tickets":
        found += _touchpoints(request, contact, SHOWN.get(show, ()), start)
    found.sort(key=lambda moment: moment.key, reverse=True)
    more, found = len(found) > PAGE, found[:PAGE]
    now, days = timezone.now(), list[Day]()
    headings: dict[date, str] = {}
    for moment in found:
        on = timezone.localdate(moment.at)
        heading = headings.get(on) or headings.setdefault(on, day(moment.at, now))
        if not days or days[-1].heading != heading:
            days.append(Day(heading, []))
        days[-1].moments.append(moment)
    return Page(days, _written(found[-1]) if more else "")


type Start = tuple[datetime, bool, int]


def _written(last: Moment) -> str:
    return f"{last.at.isoformat()}_{'t' if last.ticket else 'p'}_{last.id}"


def _read(text: str) -> Start | None:
    """A place in the story. What is none is its beginning."""
    try:
        at, kind, pk = text.split("_")
        start = datetime.fromisoformat(at)
        if start.tzinfo is None or not pk.isascii() or not 0 < len(pk) < 19:
            return None
        return start, kind == "t", int(pk)
    except ValueError:
        return None


def _before(column: str, was_ticket: bool | None, at: Any, pk: Any, *, tickets: bool) -> Q:
    """What comes after the last moment of the page before: a ticket, a touchpoint, or None on the first page."""
    if was_ticket is None:
        return Q()
    earlier = Q((f"{column}__lt", at))
    if tickets == was_ticket:
        return earlier | Q((column, at), ("pk__lt", pk))
    return earlier | Q((column, at)) if was_ticket else earlier


def _tickets(request: AgentRequest, contact: Contact, start: Start | None) -> list[Moment]:
    at, was_ticket, pk = start or (None, None, None)
    rows = _own(shape_of(request.agent), was_ticket, contact=contact.pk, at=at, pk=pk)
    looks = glyphs()
    return [
        Moment(
            ticket.last_message_at,
            ticket.pk,
            title=ticket.subject or ticket.preview or _("No subject"),
            detail=ticket.preview if ticket.subject else "",
            href=address(ticket.number),
            ticket=ticket,
            channels=[looks[id] for id in ticket.channel_ids if id in looks],
        )
        for ticket in rows
    ]


@compiled
def _own(
    rights: Rights, was_ticket: bool | None, *, contact: Any, at: Any, pk: Any
) -> QuerySet[Ticket]:
    mine = Ticket.objects.filter(within(rights), contact_id=contact, merged_into=None)
    rows = mine.filter(_before("last_message_at", was_ticket, at, pk, tickets=True))
    return rows.order_by("-last_message_at", "-pk")[: PAGE + 1]


def _touchpoints(
    request: AgentRequest, contact: Contact, kinds: Sequence[str], start: Start | None
) -> list[Moment]:
    at, was_ticket, pk = start or (None, None, None)
    brands = brands_of(request.rights)
    rows = _touched(brands, tuple(kinds), was_ticket, contact=contact.pk, at=at, pk=pk)
    return [_touch(row) for row in rows]


@compiled
def _touched(
    brands: frozenset[int] | None,
    kinds: tuple[str, ...],
    was_ticket: bool | None,
    *,
    contact: Any,
    at: Any,
    pk: Any,
) -> QuerySet[Touchpoint]:
    rows = touchpoints_of(contact, brands=brands, kinds=kinds)
    return rows.filter(_before("at", was_ticket, at, pk, tickets=False))[: PAGE + 1]


def _touch(row: Touchpoint) -> Moment:
    label, url = str(row.get_kind_display()), str(row.meta.get("url", ""))
    safe = url if url.startswith(("https://", "http://")) else ""
    title = f"{label}: {row.subject}" if row.subject else label
    return Moment(row.at, row.pk, LOOKS.get(row.kind, "activity"), title, safe.partition("://")[2], safe)  # fmt: skip
