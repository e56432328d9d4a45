"""Figures of the walk for `/metrics`, read from the database when somebody asks: true whichever process answers."""

from __future__ import annotations

from typing import Any

import psycopg
from prometheus_client import CollectorRegistry, Gauge, generate_latest

_TOTALS = """
SELECT coalesce((SELECT last_value FROM pg_sequences WHERE sequencename = 'channels_spoolitem_id_seq'), 0)::float,
       (SELECT count(*) FROM channels_spooltodo)::float,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - i.received_at)
                 FROM channels_spooltodo t JOIN channels_spoolitem i ON i.id = t.item_id
                 ORDER BY t.item_id LIMIT 1), 0)::float,
       coalesce((SELECT max(id) FROM core_event), 0)::float
"""
_CHANNELS = """
SELECT c.id::text, c.provider, c.name, coalesce(came.n, 0)::float, coalesce(parked.n, 0)::float,
       c.refused_count::float, coalesce(leaving.n, 0)::float, coalesce(leaving.doubt, 0)::float, coalesce(failed.n, 0)::float
FROM channels_channel c
LEFT JOIN (SELECT channel_id, count(*) AS n FROM channels_spoolitem
           WHERE received_at > clock_timestamp() - interval '1 minute' GROUP BY 1) came ON came.channel_id = c.id
LEFT JOIN (SELECT i.channel_id, count(*) AS n FROM channels_spoolparked p
           JOIN channels_spoolitem i ON i.id = p.item_id GROUP BY 1) parked ON parked.channel_id = c.id
LEFT JOIN (SELECT channel_id, count(*) FILTER (WHERE state <> 'unknown') AS n, count(*) FILTER (WHERE state = 'unknown') AS doubt
           FROM tickets_delivery WHERE state IN ('held', 'queued', 'sending', 'unknown') GROUP BY 1) leaving ON leaving.channel_id = c.id
LEFT JOIN (SELECT channel_id, count(*) AS n FROM tickets_delivery
           WHERE state = 'failed' AND settled_at > clock_timestamp() - interval '1 day' GROUP BY 1) failed ON failed.channel_id = c.id
ORDER BY c.id
"""
_OF_ALL = (
    ("sportello_spool_items_accepted", "Raw inputs accepted since the installation began (rises only)."),
    ("sportello_spool_waiting", "Raw inputs accepted and not yet applied."),
    ("sportello_spool_oldest_seconds", "Age of the oldest raw input that waits."),
    ("sportello_events_recorded", "Facts recorded since the installation began (rises only)."),
)  # fmt: skip
_OF_CHANNELS = (
    ("sportello_channel_items_last_minute", "Raw inputs of the last minute."),
    ("sportello_channel_parked", "Raw inputs that could not be read or applied."),
    ("sportello_channel_refused", "Calls with a wrong signature, ever."),
    ("sportello_channel_deliveries_waiting", "Answers that have not left yet."),
    ("sportello_channel_deliveries_unconfirmed", "Answers that may have left or not."),
    ("sportello_channel_deliveries_failed_day", "Answers that did not arrive in the last 24 hours."),
)  # fmt: skip
NAMES = ("channel", "provider", "name")


async def written(dsn: str) -> bytes:
    """In Prometheus' own format. Raises `psycopg.Error`."""
    async with await psycopg.AsyncConnection.connect(dsn, connect_timeout=2) as connection:
        totals = await (await connection.execute(_TOTALS)).fetchone()
        channels = await (await connection.execute(_CHANNELS)).fetchall()
    return _text(totals or (), channels)


def _text(totals: tuple[Any, ...], channels: list[tuple[Any, ...]]) -> bytes:
    registry = CollectorRegistry()
    for (name, help_), value in zip(_OF_ALL, totals, strict=True):
        Gauge(name, help_, registry=registry).set(value)
    for at, (name, help_) in enumerate(_OF_CHANNELS, len(NAMES)):
        gauge = Gauge(name, help_, NAMES, registry=registry)
        for row in channels:
            gauge.labels(*row[: len(NAMES)]).set(row[at])
    return generate_latest(registry)
