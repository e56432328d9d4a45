"""Answers that have no relay to leave by stay in the outbox."""

from __future__ import annotations

from django.conf import settings

from sportello.channels.contract import Outbound, Sent
from sportello.channels.models import Channel
from sportello.channels.providers.email.compose import compose, recipients
from sportello.core import outbox


def has_relay(channel: Channel) -> bool:
    """Whether mail of this channel really leaves."""
    return bool(settings.EMAIL_URL or channel.settings.get("smtp_url"))


def keep_in_outbox(channel: Channel, outbound: Outbound) -> Sent | None:
    """Keep a mail that cannot leave; None when this is not such a mail."""
    if channel.provider != "email" or has_relay(channel):
        return None
    outbox.keep(
        compose(outbound, channel.settings),
        sender=str(channel.settings["address"]),
        recipients=recipients(outbound),
    )
    return Sent(external_id=outbound.message_id)
