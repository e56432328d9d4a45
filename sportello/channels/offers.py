"""What a customer is offered now: the channels of a brand, each with its way there, or when it opens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from django.db.models import Q
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.channels.contract import Provider
from sportello.channels.models import Channel, Offer, When
from sportello.channels.registry import UnknownProvider
from sportello.hours.opening import closes_at, is_open, next_opening


@dataclass(frozen=True, slots=True)
class Asker:
    """What is known of the customer who looks. Nobody known: an empty one."""

    organization: int | None = None
    segments: frozenset[str] = frozenset()
    facts: Mapping[str, object] = field(default_factory=dict)
    """His custom fields and his organization's."""


NOBODY = Asker()


@dataclass(frozen=True, slots=True)
class Way:
    """One channel as a customer sees it."""

    channel: Channel
    shown: str
    link: str
    use_case: Mapping[str, str]
    is_offered: bool
    """Now. Otherwise it may be named with the moment when it opens."""
    until: datetime | None = None
    opens: datetime | None = None

    @property
    def is_chat(self) -> bool:
        return self.channel.provider == "webchat"

    def words(self, language: str) -> str:
        """The use case in this language, or in whatever language there is."""
        return self.use_case.get(language) or next((w for w in self.use_case.values() if w), "")


def ways(now: datetime, *, brand: int, asker: Asker = NOBODY) -> list[Way]:
    """All that this customer may ever be offered, in the company's order; those of now first."""
    rows = Channel.objects.filter(brand=brand, is_active=True).select_related("calendar", "offer")
    found = [way for row in rows if (way := _way(row, now, asker))]
    return sorted(
        found, key=lambda way: (not way.is_offered, _offer(way.channel).place, way.channel.pk)
    )


def offered(now: datetime, *, brand: int, asker: Asker = NOBODY) -> list[Way]:
    """What is offered at this moment."""
    return [way for way in ways(now, brand=brand, asker=asker) if way.is_offered]


def names(found: Sequence[Way]) -> dict[int, str]:
    """Channel → what customers read above it: its kind, and which one where there are several of a kind."""
    kinds = {way.channel.pk: _kind(way) for way in found}
    same = Counter(kinds.values())
    return {
        way.channel.pk: _which(way, kind) if same[kind] > 1 else kind
        for way in found
        for kind in [kinds[way.channel.pk]]
    }


def _kind(way: Way) -> str:
    return _("Chat") if way.is_chat else _(way.channel.code.name)


def _which(way: Way, kind: str) -> str:
    name = way.channel.name.strip()
    if not name or name.casefold() == kind.casefold():
        name = way.shown
    if not name or kind.casefold() in name.casefold():
        return name or kind
    return f"{kind} · {name}"


def _offer(channel: Channel) -> Offer:
    """As saved; a channel about which nobody said anything is always offered."""
    try:
        return channel.offer
    except Offer.DoesNotExist:
        return Offer(channel=channel)


def _way(channel: Channel, now: datetime, asker: Asker) -> Way | None:
    offer = _offer(channel)
    if offer.rule == When.NEVER or not _fits(offer, asker):
        return None
    try:
        shown, link = address(channel, offer)
    except UnknownProvider:
        return None
    if not shown and channel.provider != "webchat":
        return None
    calendar = channel.calendar
    there = is_open(calendar, now)
    until = closes_at(calendar, now) if calendar else None
    opens = None if there else next_opening(calendar, now)
    on = offer.rule == When.ALWAYS or (
        there and (offer.rule != When.FREE or somebody_free(channel))
    )
    return Way(channel, shown, link, offer.use_case, on, until, opens)


def _fits(offer: Offer, asker: Asker) -> bool:
    if not offer.organizations and not offer.only_for:
        return True
    if asker.organization in offer.organizations:
        return True
    if asker.segments.intersection(rule.lower() for rule in offer.only_for):
        return True
    return any(
        equals and str(asker.facts.get(name, "")).strip().lower() == value.strip().lower()
        for name, equals, value in (rule.partition("=") for rule in offer.only_for)
    )


def address(channel: Channel, offer: Offer) -> tuple[str, str]:
    """(as it is written, as it is opened); empty where customers have no way there by themselves."""
    provider = channel.code
    shown = offer.shown.strip()
    if not shown and provider.customer_setting:
        shown = str(channel.settings.get(provider.customer_setting) or "").strip()
    return shown, link_of(provider, shown)


def link_of(provider: Provider, shown: str) -> str:
    """What opens this channel at the customer's. A link stays what it is."""
    if shown.startswith(("https://", "http://")):
        return shown
    if not shown or not provider.customer_link:
        return ""
    digits = "".join(c for c in shown if c.isdigit())
    if "{digits}" in provider.customer_link and len(digits) < 5:
        return ""
    name = quote(shown.lstrip("@"), safe="@.+-_~")
    return provider.customer_link.format(digits=digits, name=name)


def somebody_free(channel: Channel) -> bool:
    """Whether an agent who answers this channel has said that he is there."""
    free = Agent.objects.filter(is_active=True, is_available=True)
    grants = Q(grants__brand=None) | Q(grants__brand=channel.brand_id)
    if channel.team_id:
        grants &= Q(grants__team=None) | Q(grants__team=channel.team_id)
    return free.filter(grants, grants__role__in=["agent", "supervisor", "administrator"]).exists()
