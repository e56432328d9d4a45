"""Until when the vendors take our keys: asked once a day where they tell, shown on the channel page."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from procrastinate import exceptions
from procrastinate.contrib.django import app

from sportello.channels.contract import Provider
from sportello.channels.models import Channel
from sportello.core.net import Net, NetError
from sportello.core.sweeps import sweep

FRESH = timedelta(days=1)
SOON = timedelta(days=14)
"""A key that ends within this time is announced."""

log = structlog.get_logger(__name__)


def tells(provider: Provider) -> bool:
    """Whether this provider's vendor says when a key ends."""
    return type(provider).expires is not Provider.expires


def ask(channel: Channel, *, now: datetime, net: Net | None = None) -> datetime | None:
    """Ask the vendor and keep what he says. When he does not answer, what was known stays."""
    if not tells(channel.code):
        return None
    try:
        until = channel.code.expires(channel.settings, net or Net.from_environ())
    except NetError as error:
        log.warning("channel.expiry_not_told", channel=channel.pk, error=type(error).__name__)
        return channel.key_until
    Channel.objects.filter(pk=channel.pk).update(key_until=until, key_asked_at=now)
    channel.key_until, channel.key_asked_at = until, now
    return until


@sweep("keys", every=600)
def ask_again(now: datetime) -> None:
    """Channels that were not asked for a day get a job that asks: the sweep itself calls nobody."""
    old = Q(key_asked_at=None) | Q(key_asked_at__lt=now - FRESH)
    for channel in Channel.objects.filter(old, is_active=True):
        if tells(channel.code):
            Channel.objects.filter(pk=channel.pk).update(key_asked_at=now)
            _ask_later(channel)


def _ask_later(channel: Channel) -> None:
    try:
        app.configure_task("channels.ask_expiry", queue="channels", lock=f"key-{channel.pk}").defer(
            channel_id=channel.pk
        )  # fmt: skip
    except exceptions.AlreadyEnqueued:
        return
