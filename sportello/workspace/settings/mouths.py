"""What the channel pages show beside the form: looks, health, abilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from sportello.channels.contract import Provider
from sportello.channels.inflow import Inflow, inflow
from sportello.channels.models import Channel
from sportello.channels.registry import UnknownProvider
from sportello.core import clock
from sportello.tickets.outbound.carried import Carried, carried
from sportello.workspace.glyphs import CLASSES, icon_of
from sportello.workspace.said import duration
from sportello.workspace.settings.findings import Finding, findings, state_of
from sportello.workspace.story.troubles import sentences


@dataclass(frozen=True, slots=True)
class Looks:
    kind: str
    name: str
    hue: str
    icon: str


@dataclass(frozen=True, slots=True)
class Line:
    """One channel with its health in a word."""

    channel: Channel
    looks: Looks
    came: Inflow
    went: Carried
    findings: list[Finding]

    @property
    def state(self) -> str:
        """``off``, ``broken``, ``look`` or ``fine``."""
        return state_of(self.channel, self.findings)

    @property
    def failures(self) -> list[tuple[str, int]]:
        """What did not arrive in the last day: the reasons in words, the most frequent first."""
        words = sentences()
        rows = [
            (words[trouble] or _(reason) or _("no reason was given"), n)
            for (trouble, reason), n in self.went.failures.items()
        ]
        return sorted(rows, key=lambda row: -row[1])


def looks(provider: Provider) -> Looks:
    hue = CLASSES.get(provider.hue, provider.hue)
    return Looks(provider.kind, _(provider.name), hue, icon_of(provider.hue))


def lines(channels: Iterable[Channel] | None = None) -> list[Line]:
    """Every channel with its health; those whose provider is gone are left out."""
    if channels is None:
        channels = Channel.objects.select_related("brand", "team").order_by("name")
    rows = list(channels)
    at, ids = clock.now(), [row.pk for row in rows]
    came, went = inflow(ids), carried(ids, now=at)
    found = []
    for row in rows:
        try:
            seen = looks(row.code)
        except UnknownProvider:
            continue
        coming, going = came[row.pk], went[row.pk]
        found.append(Line(row, seen, coming, going, findings(row, coming, going, now=at)))
    return found


def abilities(provider: Provider) -> list[tuple[str, str]]:
    """What the channel can do, as rows of a small table."""
    can = provider.capabilities
    yes, no = _("yes"), _("no")
    rows = [
        (
            _("Text"),
            _("up to %(n)s characters") % {"n": f"{can.max_text:,}".replace(",", ".")}
            if can.max_text
            else _("any length"),
        ),
        (_("Formatting"), yes if can.html else no),
        (
            _("Files"),
            _("up to %(size)s") % {"size": filesizeformat(can.max_file_bytes)}
            if can.files and can.max_file_bytes
            else yes
            if can.files
            else no,
        ),
        (_("Copies (Cc)"), yes if can.cc else no),
        (_("Delivery report"), yes if can.delivery_receipts else no),
        (_("Read report"), yes if can.read_receipts else no),
        (_("Typing is shown"), yes if can.typing else no),
    ]
    if can.quick_replies:
        rows.append((_("Quick replies"), _("%(n)d buttons") % {"n": can.quick_replies}))
    if can.templates:
        rows.append((_("Templates"), _("yes, to be approved")))
    if can.reply_window:
        rows.append((_("Window to answer"), duration(can.reply_window)))
    return rows
