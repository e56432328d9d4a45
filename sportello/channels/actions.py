"""Verbs about channels. Secrets are sealed here; audit and events only say that they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from sportello.accounts.models import Brand, Team
from sportello.channels import registry, schema, secrets
from sportello.channels.events import CHANNEL_CHANGED
from sportello.channels.models import Channel, Engage, Offer
from sportello.core import audit, clock, events
from sportello.core.actors import SYSTEM, Actor
from sportello.hours.models import Calendar


class ChannelInUse(Exception):
    """Refused: tickets came in by this channel. Switch it off instead."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a message costs on a channel; no amount: nobody said."""

    amount: Decimal | None = None
    currency: str = "EUR"


@transaction.atomic
def create_channel(
    *,
    provider: str,
    name: str,
    brand: Brand,
    settings: Mapping[str, Any],
    team: Team | None = None,
    calendar: Calendar | None = None,
    is_active: bool = True,
    price: Price | None = None,
    engage: str = Engage.ALL,
    actor: Actor = SYSTEM,
    now: datetime | None = None,
) -> Channel:
    """A new mouth. Raises `registry.UnknownProvider` and `schema.BadSettings`."""
    plain, secret = schema.clean(registry.get(provider), settings)
    price = price or Price()
    channel = Channel.objects.create(
        provider=provider,
        name=name,
        brand=brand,
        team=team,
        calendar=calendar,
        is_active=is_active,
        cost=price.amount,
        currency=price.currency,
        engage=engage,
        plain_settings=plain,
        sealed_settings=secrets.seal(secret),
    )
    shown = plain | dict.fromkeys(secret, audit.CHANGED)
    audit.note(
        actor, "channel.created", name, {"provider": [None, provider], "settings": [None, shown]}
    )
    _record(channel, actor=actor, now=now)
    return channel


@transaction.atomic
def update_channel(
    *,
    channel: Channel,
    name: str,
    brand: Brand,
    settings: Mapping[str, Any],
    team: Team | None = None,
    calendar: Calendar | None = None,
    price: Price | None = None,
    engage: str | None = None,
    actor: Actor = SYSTEM,
    now: datetime | None = None,
) -> Channel:
    """Change it. A blank secret keeps the stored one, no price the known one. Raises `schema.BadSettings`."""
    stored = secrets.unseal(bytes(channel.sealed_settings))
    plain, secret = schema.clean(channel.code, settings, kept_secrets=frozenset(stored))
    sealed = stored | secret
    before = _shown(channel) | stored
    channel.name, channel.brand, channel.team, channel.calendar = name, brand, team, calendar
    channel.plain_settings = plain
    channel.sealed_settings = secrets.seal(sealed)
    if price is not None:
        channel.cost, channel.currency = price.amount, price.currency
    if engage is not None:
        channel.engage = engage
    channel.last_error = ""
    if secret:
        channel.key_until = channel.key_asked_at = None
    channel.save()
    hidden = schema.secret_names(channel.code) | set(sealed)
    changes = audit.differences(before, _shown(channel) | sealed, secret=hidden)
    if changes:
        audit.note(actor, "channel.saved", name, changes)
        _record(channel, actor=actor, now=now)
    return channel


@transaction.atomic
def switch(
    *, channel: Channel, on: bool, actor: Actor = SYSTEM, now: datetime | None = None
) -> None:
    """Turn it on or off. Off: nothing leaves, and what arrives is refused."""
    if channel.is_active == on:
        return
    channel.is_active = on
    channel.save(update_fields=["is_active", "updated_at"])
    audit.note(actor, "channel.switched", channel.name, {"is_active": [not on, on]})
    _record(channel, actor=actor, now=now)


@transaction.atomic
def delete_channel(*, channel: Channel, actor: Actor = SYSTEM, now: datetime | None = None) -> None:
    """Only while nothing ever came in by it. Raises `ChannelInUse`."""
    channel_id, name = channel.pk, channel.name
    try:
        channel.delete()
    except models.ProtectedError:
        raise ChannelInUse(name) from None
    audit.note(actor, "channel.deleted", name)
    events.record(
        CHANNEL_CHANGED, actor=actor, now=now or clock.now(), payload={"channel_id": channel_id}
    )


@transaction.atomic
def offer_channel(
    *,
    channel: Channel,
    rule: str,
    shown: str = "",
    use_case: Mapping[str, str] | None = None,
    place: int = 50,
    only_for: Sequence[str] = (),
    organizations: Sequence[int] = (),
    actor: Actor = SYSTEM,
    now: datetime | None = None,
) -> Offer:
    """How customers are told of it: when, where, what for, and to whom."""
    values = {
        "rule": rule,
        "shown": shown.strip(),
        "use_case": {name: words for name, words in (use_case or {}).items() if words},
        "place": place,
        "only_for": list(only_for),
        "organizations": list(organizations),
    }
    known = Offer.objects.filter(channel=channel).first() or Offer(channel=channel)
    before = {name: getattr(known, name) for name in values}
    offer, _made = Offer.objects.update_or_create(channel=channel, defaults=values)
    changes = audit.differences(before, values, secret=frozenset())
    if changes:
        audit.note(actor, "channel.offered", channel.name, changes)
        _record(channel, actor=actor, now=now)
    return offer


def webhook_url(channel: Channel) -> str:
    """What is pasted at the vendor."""
    return channel.webhook_url


def _shown(channel: Channel) -> dict[str, Any]:
    plain: dict[str, Any] = channel.plain_settings
    return plain | {
        "channel name": channel.name,
        "brand": str(channel.brand),
        "team": str(channel.team or ""),
        "hours": str(channel.calendar or ""),
        "engage": str(channel.engage),
        "cost": f"{channel.cost.normalize():f} {channel.currency}" if channel.cost else "",
    }


def _record(channel: Channel, *, actor: Actor, now: datetime | None) -> None:
    events.record(
        CHANNEL_CHANGED,
        actor=actor,
        now=now or clock.now(),
        payload={"channel_id": channel.pk, "is_active": channel.is_active},
    )
