"""The channel chips of the composer: glyph, name and the one fact that matters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sportello.tickets.models import Ticket
from sportello.tickets.reachable import Way, reachable
from sportello.workspace.glyphs import Glyph, glyphs, shown_address
from sportello.workspace.said import duration, moment


@dataclass(frozen=True, slots=True)
class Reach:
    way: Way
    glyph: Glyph
    fact: str
    sentence: str
    """Why this one, or why not: shown beside the tabs while it is chosen."""
    chosen: bool

    @property
    def id(self) -> int:
        return self.way.mouth.id

    @property
    def shut(self) -> bool:
        return not self.way.is_open

    @property
    def takes_html(self) -> bool:
        return self.way.mouth.provider.capabilities.html

    @property
    def takes_copies(self) -> bool:
        return self.way.mouth.provider.capabilities.cc

    @property
    def takes_files(self) -> bool:
        return self.way.mouth.provider.capabilities.files

    @property
    def max_file(self) -> int:
        return self.way.mouth.provider.capabilities.max_file_bytes

    @property
    def max_text(self) -> int:
        return self.way.mouth.provider.capabilities.max_text

    @property
    def undoable(self) -> bool:
        return self.way.mouth.provider.capabilities.undo_send


def reaches(ticket: Ticket, *, now: datetime, draft_channel: int | None = None) -> list[Reach]:
    """All ways to the customer; the draft's channel is chosen, else the first open one."""
    looks, ways = glyphs(), reachable(ticket, now=now)
    wanted = next((w for w in ways if w.mouth.id == draft_channel), None) or next(
        (w for w in ways if w.is_open), None
    )
    return [
        Reach(
            way,
            looks[way.mouth.id],
            _fact(way, now),
            _sentence(way, ticket, now, first=n == 0),
            way is wanted,
        )
        for n, way in enumerate(ways)
    ]


def _fact(way: Way, now: datetime) -> str:
    if way.shut_since:
        return _("shut")
    return duration(way.window_until - now) if way.window_until else ""


def _sentence(way: Way, ticket: Ticket, now: datetime, *, first: bool) -> str:
    name = ticket.contact.name.split(" ")[0] or _("the customer")
    if way.shut_since:
        return _("the reply window shut %(when)s") % {"when": moment(way.shut_since, now)}
    if way.window_until:
        return _("free until %(time)s") % {"time": moment(way.window_until, now)}
    if way.mouth.provider.capabilities.live:
        return _("%(name)s reads it on the site, later by mail") % {"name": name}
    address = shown_address(way.identity)
    if way.identity.proof == "claimed":
        return _("%(address)s is only claimed: a neutral line with a link goes first") % {
            "address": address
        }
    return (
        _("to %(address)s, %(name)s wrote here last") % {"address": address, "name": name}
        if first
        else _("to %(address)s") % {"address": address}
    )
