"""What came in by each channel and is not applied yet, or never will be without a person: figures for the pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sportello.core import sql


@dataclass(frozen=True, slots=True)
class Inflow:
    """One channel's raw input."""

    waiting: int = 0
    oldest: datetime | None = None
    """When the longest waiting item came."""
    parked: int = 0
    parked_at: datetime | None = None
    """When the newest of them was parked."""
    polled_at: datetime | None = None
    poll_error: str = ""
    cursor: tuple[tuple[str, str], ...] = ()
    """How far a poller has read, by the provider's own names."""


_FIGURES = """
SELECT c.id, coalesce(t.n, 0), i.received_at, coalesce(p.n, 0), p.at, l.moved_at, coalesce(l.last_error, ''), l.state
FROM unnest(%s::bigint[]) AS c(id)
LEFT JOIN (SELECT channel_id, count(*) AS n, min(item_id) AS first FROM channels_spooltodo GROUP BY 1) t ON t.channel_id = c.id
LEFT JOIN channels_spoolitem i ON i.id = t.first
LEFT JOIN (SELECT s.channel_id, count(*) AS n, max(parked_at) AS at
           FROM channels_spoolparked k JOIN channels_spoolitem s ON s.id = k.item_id GROUP BY 1) p ON p.channel_id = c.id
LEFT JOIN channels_pollcursor l ON l.channel_id = c.id
"""


def inflow(channels: Sequence[int]) -> dict[int, Inflow]:
    """Of each of these channels."""
    found = {}
    for channel, waiting, oldest, parked, parked_at, polled_at, error, state in sql.fetch(
        _FIGURES, [list(channels)]
    ):
        cursor = tuple((str(k), str(v)[:60]) for k, v in sorted(json.loads(state or "{}").items()))
        found[channel] = Inflow(waiting, oldest, parked, parked_at, polled_at, error, cursor)
    return found
