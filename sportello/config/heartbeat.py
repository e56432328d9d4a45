"""Signs of life that long-running processes leave in the database, for ``/readyz`` and ``doctor``."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress

import psycopg
from psycopg.types.json import Jsonb

PARTS = ("worker", "mail")
EVERY = 2.0
STALE_AFTER = 10.0
"""Seconds."""

_BEAT = """
    INSERT INTO core_heartbeat (name, at, detail) VALUES (%s, clock_timestamp(), %s)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail
"""


def beat(
    name: str, stop: threading.Event, *, dsn: str, alive: Callable[[], bool] = lambda: True
) -> None:
    """Write a row every two seconds until ``stop``, over a connection of its own that is made anew when lost."""
    log = logging.getLogger(__name__)
    told = False
    while not stop.is_set():
        with suppress(psycopg.errors.UndefinedTable):
            try:
                with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
                    told = False
                    while not stop.is_set():
                        if alive():
                            connection.execute(_BEAT, [name, Jsonb({"pid": os.getpid()})])
                        stop.wait(EVERY)
            except psycopg.OperationalError as error:
                if not told and not stop.is_set():
                    log.warning("the database is away: %s", error)
                    told = True
        stop.wait(EVERY)
