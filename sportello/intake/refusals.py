"""Requests with a bad signature: counted on the channel, never stored."""

from __future__ import annotations

from django.db import close_old_connections
from django.db.models import F

from sportello.channels.models import Channel
from sportello.commerce.models import Connection
from sportello.core.clock import now


def count(channel_id: int) -> None:
    """The channel page shows how many there were and says what to check."""
    Channel.objects.filter(pk=channel_id).update(
        refused_count=F("refused_count") + 1, refused_at=now()
    )
    close_old_connections()


def count_of_shop(connection_id: int) -> None:
    """The same for a shop's webhook, on its page."""
    Connection.objects.filter(pk=connection_id).update(
        refused_count=F("refused_count") + 1, refused_at=now()
    )
