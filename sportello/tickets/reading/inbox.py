"""Lists of tickets: views, filters, keyset pages, capped counts. All of it through `visible_to`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from sportello.accounts.models import Agent
from sportello.accounts.queries import shape_of, within
from sportello.accounts.rights import Rights
from sportello.core.compiled import SHAPES, Slot, filled, planned_anew
from sportello.tickets.models import Mention, Priority, Status, Ticket
from sportello.tickets.queries import visible_to
from sportello.tickets.reading import search

PAGE = 24
CAP = 1000
LIVE = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
WORK = (Status.NEW, Status.OPEN)
SORTS = {
    "newest": ("-last_message_at", "-id"),
    "oldest": ("last_message_at", "id"),
    "waiting": ("waiting_since", "id"),
}

type Narrow = Callable[[QuerySet[Ticket], Any], QuerySet[Ticket]]
"""The tickets of a view for an agent, or for a `Slot` that will be his id."""


def _asleep() -> Q:
    return Q(snoozed_until__gt=Now())


def _work(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """What somebody has to do something about now."""
    return tickets.filter(status__in=WORK, is_spam=False).exclude(_asleep())


VIEWS: Mapping[str, Narrow] = {
    "mine": lambda tickets, agent: _work(tickets).filter(assignee=agent),
    "unassigned": lambda tickets, agent: _work(tickets).filter(assignee=None),
    "mentions": lambda tickets, agent: tickets.filter(
        pk__in=Mention.objects.filter(agent=agent, read_at=None).values("ticket_id")
    ),
    "waiting": lambda tickets, agent: tickets.filter(
        status__in=(Status.PENDING, Status.ON_HOLD), is_spam=False
    ),
    "snoozed": lambda tickets, agent: tickets.filter(_asleep()),
    "all": lambda tickets, agent: tickets.filter(status__in=LIVE, is_spam=False),
    "solved": lambda tickets, agent: tickets.filter(
        status__in=(Status.SOLVED, Status.CLOSED), is_spam=False
    ),
    "spam": lambda tickets, agent: tickets.filter(is_spam=True),
}


class UnknownView(LookupError):
    """No such view: neither a name nor ``followed``, ``team-<id>`` nor ``channel-<id>``."""


def narrow(view: str) -> Narrow:
    """What a view's name means. Raises `UnknownView`."""
    if view in VIEWS:
        return VIEWS[view]
    if view == "followed":
        return lambda tickets, agent: tickets.filter(followers__agent=agent)
    kind, _, number = view.partition("-")
    if kind in {"team", "channel"} and number.isascii() and number.isdigit() and len(number) < 19:
        if kind == "team":
            return lambda tickets, agent: _work(tickets).filter(team_id=int(number))
        return lambda tickets, agent: _work(tickets).filter(channel_ids__contains=[int(number)])
    raise UnknownView(view)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a view. Unknown values are ignored, never passed on as names of columns."""

    status: str = ""
    channel: int | None = None
    priority: str = ""
    tag: str = ""
    assignee: str = ""
    """``me``, ``none`` or an agent's id."""
    q: str = ""
    sort: str = "newest"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        sort = query.get("sort", "")
        return cls(
            status=_one_of(query.get("status", ""), Status.values),
            channel=_number(query.get("channel", "")),
            priority=_one_of(query.get("priority", ""), Priority.values),
            tag=_text(query.get("tag", ""), 64),
            assignee=_assignee(query.get("assignee", "")),
            q=_text(query.get("q", ""), 200),
            sort=sort if sort in SORTS else "newest",
        )

    @property
    def active(self) -> dict[str, str]:
        """What is set, as query parameters."""
        chosen = {
            "status": self.status,
            "channel": str(self.channel or ""),
            "priority": self.priority,
            "tag": self.tag,
            "assignee": self.assignee,
            "q": self.q,
            "sort": "" if self.sort == "newest" else self.sort,
        }
        return {key: value for key, value in chosen.items() if value}

    def apply(
        self, tickets: QuerySet[Ticket], agent: Agent, found: search.Found | None = None
    ) -> QuerySet[Ticket]:
        """`found` is what the search says, where it has been asked already."""
        if self.status:
            tickets = tickets.filter(status=self.status)
        if self.channel:
            tickets = tickets.filter(channel_ids__contains=[self.channel])
        if self.priority:
            tickets = tickets.filter(priority=self.priority)
        if self.tag:
            tickets = tickets.filter(tags__contains=[self.tag])
        if self.assignee:
            who = {"me": agent.pk, "none": None}.get(self.assignee, _number(self.assignee))
            tickets = tickets.filter(assignee=who)
        if not self.q:
            return tickets
        return tickets.filter((found or search.find(self.q)).condition)


def _one_of(value: str, known: list[str]) -> str:
    return value if value in known else ""


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) < 19 else None


def _text(value: str, limit: int) -> str:
    return value.replace("\0", "").strip()[:limit]


def _assignee(value: str) -> str:
    return value if value in {"me", "none"} or _number(value) else ""


@dataclass(frozen=True, slots=True)
class Page:
    tickets: list[Ticket]
    next: str = ""
    """The cursor of the page after this one; empty at the end."""
    filters: Filters = field(default_factory=Filters)
    nearly: bool = False
    """Nothing says the words that were looked for: these are spelled nearly so."""


class BadCursor(ValueError):
    """A cursor that we did not give out."""


def inbox(
    agent: Agent,
    view: str,
    filters: Filters,
    after: str = "",
    size: int = PAGE,
    among: QuerySet[Ticket] | None = None,
) -> Page:
    """One page of a view. Raises `UnknownView` and `BadCursor`.

    `among` is what `visible_to(agent)` answered in this very request; without it, it is asked.
    """
    column = SORTS[filters.sort][0].lstrip("-")
    start = _read_cursor(after) if after else None
    found = search.find(filters.q) if filters.q else None
    if not filters.active.keys() - {"sort"}:
        at, id = start or (None, 0)
        shape = view, filters.sort, size + 1, bool(start), shape_of(agent)
        rows = _view(*shape, agent=agent.pk, at=at, id=id)
    else:
        tickets = _sorted(_filtered(agent, view, filters, among, found), filters.sort)
        rows = list((_from(tickets, filters.sort, *start) if start else tickets)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    following = _cursor(getattr(rows[-1], column), rows[-1].pk) if more else ""
    return Page(rows, following, filters, found.nearly if found else False)


@planned_anew
def _view(
    view: str, sort: str, size: int, further: bool, rights: Rights, *, agent: Any, at: Any, id: Any
) -> QuerySet[Ticket]:
    """A page of a whole view, which is what most pages are."""
    seen = Ticket.objects.filter(within(rights), merged_into=None)
    tickets = _sorted(narrow(view)(seen, agent), sort)
    return (_from(tickets, sort, at, id) if further else tickets)[:size]


def _sorted(tickets: QuerySet[Ticket], sort: str) -> QuerySet[Ticket]:
    if sort == "waiting":
        tickets = tickets.filter(waiting_since__isnull=False)
    return tickets.select_related("contact__organization", "assignee").order_by(*SORTS[sort])


def _from(tickets: QuerySet[Ticket], sort: str, at: Any, id: Any) -> QuerySet[Ticket]:
    """Those that come after this moment and id."""
    column, descending = SORTS[sort][0].lstrip("-"), sort == "newest"
    later = tickets.filter(**{f"{column}__{'lt' if descending else 'gt'}e": at})
    return later.exclude(Q(**{column: at}) & Q(**{f"id__{'gte' if descending else 'lte'}": id}))


def _visible(agent: Agent, among: QuerySet[Ticket] | None) -> QuerySet[Ticket]:
    return (visible_to(agent) if among is None else among).filter(merged_into=None)


def _filtered(
    agent: Agent,
    view: str,
    filters: Filters,
    among: QuerySet[Ticket] | None,
    found: search.Found | None = None,
) -> QuerySet[Ticket]:
    tickets = _visible(agent, among)
    if filters.status or filters.q:
        # Looking for something: the view's own idea of what is still to be done does not hide it.
        base = tickets if view in VIEWS else narrow(view)(tickets, agent)
        if view in {"spam", "snoozed", "mentions"}:
            base = narrow(view)(tickets, agent)
        elif view == "mine":
            base = tickets.filter(assignee=agent)
        return filters.apply(base, agent, found)
    return filters.apply(narrow(view)(tickets, agent), agent)


def holds(
    agent: Agent, view: str, filters: Filters, ids: list[int], among: QuerySet[Ticket] | None = None
) -> list[Ticket]:
    """Which of these tickets are in the view now."""
    return list(
        _filtered(agent, view, filters, among)
        .filter(pk__in=ids)
        .select_related("contact__organization", "assignee")
    )


def counts(agent: Agent, views: Sequence[str]) -> dict[str, int]:
    """How many tickets each view holds, counted up to `CAP`, in one statement."""
    if not views:
        return {}
    key = tuple(views), shape_of(agent)
    text, params = _kept_counting.get(key) or _keep_counting(key)
    with connection.cursor() as cursor:
        cursor.execute(text, filled(params, {"agent": agent.pk}))
        return dict(zip(views, cursor.fetchone(), strict=True))


def _counting(views: tuple[str, ...], rights: Rights) -> Statement:
    seen = Ticket.objects.filter(within(rights), merged_into=None)
    parts: list[str] = []
    params: list[Any] = []
    for view in views:
        found = narrow(view)(seen, Slot("agent"))
        # In no order: then two covering indexes answer, and nothing is sorted.
        sql, values = found.order_by().values("pk")[:CAP].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS found)")  # noqa: S608
        params.extend(values)
    return "SELECT " + ", ".join(parts), params


type Statement = tuple[str, list[Any]]
_kept_counting: dict[tuple[tuple[str, ...], Rights], Statement] = {}


def _keep_counting(key: tuple[tuple[str, ...], Rights]) -> Statement:
    if len(_kept_counting) >= SHAPES:
        _kept_counting.clear()
    return _kept_counting.setdefault(key, _counting(*key))


def _cursor(at: datetime, id: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id]).encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, int]:
    try:
        at, id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 <= int(id) < 2**63:
            raise BadCursor(text)
        return moment, int(id)
    except (ValueError, TypeError, binascii.Error, OverflowError) as error:
        raise BadCursor(text) from error
