"""What the channel pages show beside the form: looks, health, abilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, OuterRef, Subquery
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from sportello.channels.contract import Provider
from sportello.channels.models import Channel, PollCursor, SpoolItem, SpoolParked
from sportello.channels.registry import UnknownProvider
from sportello.core import clock
from sportello.workspace.glyphs import CLASSES, icon_of
from sportello.workspace.said import duration

RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Looks:
    kind: str
    name: str
    hue: str
    icon: str


@dataclass(frozen=True, slots=True)
class Line:
    """One channel of the list, with its health in a word."""

    channel: Channel
    looks: Looks
    parked: int
    last_received: datetime | None
    problem: str

    @property
    def state(self) -> str:
        """CSS class of the pill: ``off``, ``bad``, ``ok``."""
        return "off" if not self.channel.is_active else "bad" if self.problem else "ok"


def looks(provider: Provider) -> Looks:
    hue = CLASSES.get(provider.hue, provider.hue)
    return Looks(provider.kind, _(provider.name), hue, icon_of(provider.hue))


def lines(channels: Iterable[Channel] | None = None) -> list[Line]:
    """Every channel with its health; those whose provider is gone are left out."""
    parked = dict(SpoolParked.objects.values_list("item__channel").annotate(n=Count("pk")))
    polled = dict(PollCursor.objects.exclude(last_error="").values_list("channel_id", "last_error"))
    newest = (
        SpoolItem.objects.filter(channel=OuterRef("pk"))
        .values("channel")
        .annotate(at=Max("received_at"))
        .values("at")
    )
    if channels is None:
        channels = (
            Channel.objects.select_related("brand", "team")
            .annotate(heard=Subquery(newest))
            .order_by("name")
        )
    found = []
    for channel in channels:
        try:
            seen = looks(channel.code)
        except UnknownProvider:
            continue
        count = parked.get(channel.pk, 0)
        problem = problem_of(channel, count, polled.get(channel.pk, ""))
        found.append(Line(channel, seen, count, getattr(channel, "heard", None), problem))
    return found


def problem_of(channel: Channel, parked: int, poll_error: str) -> str:
    """The worst of what is wrong, as a sentence; empty when all is well."""
    if poll_error or channel.last_error:
        return poll_error or channel.last_error
    if channel.refused_at and clock.now() - channel.refused_at < RECENT:
        return _(
            "Requests with a wrong signature were refused. Compare the secret with the vendor's."
        )
    if parked:
        return _("Some messages could not be read and are parked.")
    return ""


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
