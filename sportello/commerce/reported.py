"""Facts that applications report: `order.*`, `shipment.*`, `device.*` and their like fill this room."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sportello.commerce import arrivals
from sportello.commerce.contract import Raw
from sportello.commerce.models import Connection
from sportello.commerce.wire import facts

speaks_of = facts.speaks_of


def check(told: Mapping[str, Any]) -> None:
    """Raises `Unreadable` with what is wrong."""
    facts.records(told)


def take(told: Mapping[str, Any], *, received_at: datetime) -> None:
    """Keep it, to be applied like what shops send, in the caller's transaction."""
    connection, _ = Connection.objects.get_or_create(kind="events", defaults={"name": "API"})
    raw = Raw(json.dumps(told, default=str).encode(), source="api")
    arrivals.hear(connection, raw, received_at=received_at)
