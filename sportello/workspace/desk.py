"""What the templates of the desk need: the views at the left, the list, the open ticket, its side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.queries import agents_known, teams_shown
from sportello.core.compiled import compiled
from sportello.tickets.models import Priority, Status, Tag
from sportello.tickets.reading import inbox
from sportello.workspace import shared_counts
from sportello.workspace.access import AgentRequest, seen
from sportello.workspace.glyphs import Glyph, glyphs
from sportello.workspace.rows import rows


@dataclass(frozen=True, slots=True)
class Link:
    view: str
    name: str
    icon: str = ""
    glyph: Glyph | None = None
    count: int = 0

    @property
    def fresh(self) -> bool:
        return self.view in {"mine", "unassigned"} and self.count > 0


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    links: tuple[Link, ...]


def view_names() -> dict[str, tuple[str, str]]:
    """View → (name, icon), in the order in which they stand."""
    return {
        "mine": (_("Mine"), "inbox"),
        "unassigned": (_("Unassigned"), "circle-dashed"),
        "mentions": (_("Mentions"), "at-sign"),
        "waiting": (_("Waiting"), "clock"),
        "snoozed": (_("Snoozed"), "bell-off"),
        "all": (_("All open"), "mails"),
        "solved": (_("Solved tickets"), "check"),
        "spam": (_("Spam"), "octagon-alert"),
    }


UNCOUNTED = {"solved", "spam"}
"""Not a task: their number would tell nothing."""


def groups(request: AgentRequest) -> tuple[Group, ...]:
    """The views with their counts, two statements in all."""
    teams = [(f"team-{team.pk}", team.name) for team in teams_shown(request.agent)]
    channels = [(f"channel-{glyph.id}", glyph) for glyph in glyphs().values()]
    named = view_names()
    counted = [
        *(v for v in named if v not in UNCOUNTED),
        *(v for v, _n in teams),
        *(v for v, _g in channels),
    ]
    counts = _counted(request, counted)
    own = (Link(v, name, icon, None, counts.get(v, 0)) for v, (name, icon) in named.items())
    found = [Group("", tuple(own))]
    if teams:
        links = (Link(v, name, "hash", None, counts[v]) for v, name in teams)
        found.append(Group(_("Teams"), tuple(links)))
    if channels:
        links = (Link(v, glyph.name, "", glyph, counts[v]) for v, glyph in channels)
        found.append(Group(_("Channels"), tuple(links)))
    return tuple(found)


PERSONAL = {"mine", "mentions"}


def _counted(request: AgentRequest, views: list[str]) -> dict[str, int]:
    """Personal views are counted now; the others are shared by agents of equal grants."""
    own = [view for view in views if view in PERSONAL]
    others = tuple(view for view in views if view not in PERSONAL)
    known = shared_counts.get(
        (request.rights.scopes, others),
        lambda: inbox.counts(request.agent, others),
    )
    return known | inbox.counts(request.agent, own)


def title_of(view: str, groups: Iterable[Group]) -> str:
    return next(
        (link.name for group in groups for link in group.links if link.view == view), _("Tickets")
    )


def list_context(
    request: AgentRequest, view: str, query: Mapping[str, str], selected: int | None = None
) -> dict[str, Any]:
    """Raises `inbox.UnknownView` and `inbox.BadCursor`."""
    filters = inbox.Filters.read(query)
    page = inbox.inbox(request.agent, view, filters, query.get("after", ""), among=seen(request))
    return {
        "view": view,
        "query": urlencode(filters.active),
        "filters": filters,
        "rows": rows(page.tickets, request.agent, now=timezone.now(), selected=selected),
        "next": page.next,
        "nearly": page.nearly and page.tickets,
        "rights": request.rights,
        "empty": _emptiness(view),
    }


def desk_context(
    request: AgentRequest, view: str, query: Mapping[str, str], selected: int | None = None
) -> dict[str, Any]:
    """The whole desk but for the open ticket."""
    found = list_context(request, view, query, selected)
    shown = groups(request)
    counted = {link.view: link.count for group in shown for link in group.links}
    return found | {
        "section": "inbox",
        "groups": shown,
        "title": title_of(view, shown),
        "total": counted.get(view, 0) if not found["filters"].active else 0,
        "sort_name": sorts()[found["filters"].sort],
        "statuses": tuple(Status.choices),
        "priorities": tuple(Priority.choices),
        "channels": tuple(glyphs().values()),
        "agents": tuple(_colleagues()),
        "tag_names": tuple(name for (name,) in _tags()),
    }


@compiled
def _colleagues() -> QuerySet[Agent, tuple[int, str]]:
    return agents_known().values_list("pk", "name")


@compiled
def _tags() -> QuerySet[Tag, tuple[str]]:
    return Tag.objects.order_by("name").values_list("name")[:200]


def sorts() -> dict[str, str]:
    return {"newest": _("Newest"), "oldest": _("Oldest"), "waiting": _("Waiting longest")}


def _emptiness(view: str) -> tuple[str, str]:
    """What the emptiness means, and what will come here."""
    return {
        "mine": (
            _("Nothing waits for you"),
            _("Tickets assigned to you that need an answer come here."),
        ),
        "unassigned": (
            _("Everything has an owner"),
            _("New tickets that nobody has taken come here."),
        ),
        "mentions": (
            _("Nobody has called you"),
            _("Notes in which a colleague writes @ and your name come here."),
        ),
        "waiting": (
            _("No customer owes an answer"),
            _("Tickets that wait for the customer or for somebody else come here."),
        ),
        "snoozed": (
            _("Nothing is asleep"),
            _("Snoozed tickets come back by themselves at their hour."),
        ),
        "spam": (_("No spam"), _("What you mark as spam comes here, and can come back.")),
        "solved": (
            _("Nothing is solved yet"),
            _("Solved tickets come here; an answer of the customer reopens them."),
        ),
    }.get(
        view,
        (
            _("Nothing to do here"),
            _("When a customer writes, the ticket appears in this list by itself."),
        ),
    )
