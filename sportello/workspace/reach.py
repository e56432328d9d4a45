"""The channel chips of the composer: glyph, name, the one fact that matters, and the whole story on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sportello.tickets.models import Ticket
from sportello.tickets.ways.fitting import packs, reshapes
from sportello.tickets.ways.reachable import Consent, Shut, Way, reachable
from sportello.tickets.ways.switching import Reason, Switch, Talk, bridge
from sportello.workspace.glyphs import Glyph, glyphs, shown_address
from sportello.workspace.said import ago, duration, moment, money


@dataclass(frozen=True, slots=True)
class Reach:
    way: Way
    glyph: Glyph
    fact: str
    sentence: str
    """Why this one, or why not: shown beside the tabs while it is chosen."""
    details: list[str]
    """All that is known of it, for the list of all ways."""
    chosen: bool
    bridge: str = ""
    """The sentence to begin with, when the customer wrote elsewhere last."""
    why: str = ""
    """Why that sentence is there."""

    @property
    def id(self) -> int:
        return self.way.mouth.id

    @property
    def shut(self) -> bool:
        return not self.way.is_open

    @property
    def disabled(self) -> bool:
        return not self.way.usable

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
    def media(self) -> str:
        return " ".join(self.way.mouth.provider.capabilities.media)

    @property
    def reshapes(self) -> str:
        return " ".join(reshapes(self.way.mouth.provider))

    @property
    def packs(self) -> bool:
        return packs(self.way.mouth.provider)

    @property
    def max_text(self) -> int:
        return self.way.mouth.provider.capabilities.max_text

    @property
    def buttons(self) -> int:
        return self.way.mouth.provider.capabilities.quick_replies

    @property
    def counts_parts(self) -> bool:
        return self.way.mouth.counts_parts

    @property
    def cost(self) -> str:
        """For the page's own reckoning: ``0.0725 EUR``."""
        mouth = self.way.mouth
        return f"{mouth.cost.normalize():f} {mouth.currency}" if mouth.cost else ""


def reaches(ticket: Ticket, *, now: datetime, draft_channel: int | None = None) -> list[Reach]:
    """All ways to the customer; the draft's channel is chosen, else the first open one."""
    looks, ways, talk = glyphs(), reachable(ticket, now=now), Talk.of(ticket, now=now)
    wanted = (
        next((w for w in ways if w.mouth.id == draft_channel and w.usable), None)
        or next((w for w in ways if w.is_open), None)
        or next((w for w in ways if w.usable), None)
    )
    found = []
    for way in ways:
        switch = talk.to(way.mouth.id)
        found.append(
            Reach(
                way,
                looks[way.mouth.id],
                _fact(way, now),
                _sentence(way, ticket, now),
                details(way, now),
                way is wanted,
                bridge(ticket, way.mouth) if switch else "",
                _why(switch, looks) if switch else "",
            )
        )
    return found


def _why(switch: Switch, looks: dict[int, Glyph]) -> str:
    was = looks[switch.was].name if switch.was in looks else _("another channel")
    return {
        Reason.CHOSEN: _("The customer wrote by %(channel)s last: the first line says that you go on here."),
        Reason.WINDOW: _("%(channel)s has shut: the first line says that you go on here."),
        Reason.FAILED: _("Your answer did not arrive by %(channel)s: the first line says that you go on here."),
    }[switch.reason] % {"channel": was}  # fmt: skip


def _fact(way: Way, now: datetime) -> str:
    if way.shut:
        return _("template") if way.by_template else _("shut")
    if way.closes_at:
        return duration(way.closes_at - now)
    if way.in_public:
        return _("public")
    return price(way)


def price(way: Way) -> str:
    """``≈ 0,07 €``; empty when nobody said what it costs."""
    mouth = way.mouth
    return _("≈ %(money)s") % {"money": money(mouth.cost, mouth.currency)} if mouth.cost else ""


def shut_because(way: Way, now: datetime) -> str:
    """Why nothing, or only a template, may go."""
    if way.shut is Shut.OPTED_OUT:
        return _("asked not to be written to here (STOP)")
    if way.shut is Shut.REFUSED:
        return _("does not want to be written to here")
    if way.shut is Shut.WINDOW and way.closes_at:
        return _("the reply window shut %(when)s") % {"when": moment(way.closes_at, now)}
    if way.shut is Shut.WINDOW:
        return _("the customer has to write here first")
    return ""


def details(way: Way, now: datetime) -> list[str]:
    """Window, address, consent, price, last success: what one chooses by."""
    lines = [shown_address(way.identity)]
    if way.shut:
        lines.append(shut_because(way, now))
        if way.by_template:
            lines.append(_("an approved template may go"))
    elif way.closes_at:
        lines.append(_("closes in %(time)s") % {"time": duration(way.closes_at - now)})
    if way.is_neutral:
        lines.append(_("only claimed: a line and a link go first"))
    if way.in_public:
        lines.append(_("strangers read along"))
    if way.consent is Consent.GIVEN:
        lines.append(_("agreed to be written to"))
    if cost := price(way):
        lines.append(
            _("%(price)s for each part") % {"price": cost} if way.mouth.counts_parts else cost
        )
    if way.arrived_at:
        lines.append(_("last got through %(when)s") % {"when": ago(way.arrived_at, now)})
    elif way.thread is None:
        lines.append(_("never used so far"))
    return [line for line in lines if line]


def _sentence(way: Way, ticket: Ticket, now: datetime) -> str:
    name = ticket.contact.name.split(" ")[0] or _("the customer")
    address = shown_address(way.identity)
    if way.shut:
        return shut_because(way, now)
    if way.is_neutral:
        return _("%(address)s is only claimed: a neutral line with a link goes first") % {
            "address": address
        }
    if way.closes_at:
        return _("free until %(time)s") % {"time": moment(way.closes_at, now)}
    if way.mouth.provider.capabilities.live:
        return _("%(name)s reads it on the site, later by mail") % {"name": name}
    if way.preferred:
        return _("to %(address)s, %(name)s wrote here last") % {"address": address, "name": name}
    if way.wanted:
        return _("to %(address)s, as %(name)s prefers") % {"address": address, "name": name}
    if way.arrived_at:
        return _("to %(address)s, last got through %(when)s") % {
            "address": address,
            "when": ago(way.arrived_at, now),
        }
    return _("to %(address)s") % {"address": address}
