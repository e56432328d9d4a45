"""How far a polling channel has read, and what troubles it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from sportello.channels.models import PollCursor


def keep_cursor(channel_id: int, state: Mapping[str, Any]) -> None:
    """Everything up to `state` is stored: the next poll begins there."""
    _keep(channel_id, state=dict(state), last_error="")


def note_trouble(channel_id: int, error: str) -> None:
    """Shown on the channel's page until the next success."""
    _keep(channel_id, last_error=error[:1000])


def _keep(channel_id: int, **values: Any) -> None:
    with transaction.atomic():
        PollCursor.objects.update_or_create(channel_id=channel_id, defaults=values)
