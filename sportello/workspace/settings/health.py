"""What the system page shows, read in a few cheap statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max
from procrastinate.contrib.django.models import ProcrastinateJob

from sportello import __version__
from sportello.channels.models import PollCursor, SpoolParked, SpoolTodo
from sportello.core import clock
from sportello.core.models import Cursor, Event, Heartbeat, Parked

SHOWN = 50
SILENT = timedelta(seconds=60)
"""A process that has not said that it lives for so long is called silent."""


@dataclass(frozen=True, slots=True)
class Reader:
    name: str
    behind: int
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    at: datetime
    is_silent: bool
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    version: str
    database_bytes: int
    database_version: str
    newest_event: int
    waiting: int
    readers: list[Reader]
    processes: list[Process]
    jobs: list[dict[str, Any]]
    parked: list[Parked]
    spooled: list[SpoolParked]
    pollers: list[PollCursor] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        silent = any(process.is_silent for process in self.processes)
        return not (silent or self.parked or self.spooled)


def read() -> Health:
    newest = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
    size, version = _database()
    now = clock.now()
    return Health(
        version=__version__,
        database_bytes=size,
        database_version=version,
        newest_event=newest,
        waiting=SpoolTodo.objects.count(),
        readers=[
            Reader(c.consumer, max(0, newest - c.event_id), c.moved_at)
            for c in Cursor.objects.order_by("consumer")
        ],
        processes=[
            Process(h.name, h.at, now - h.at > SILENT, h.detail)
            for h in Heartbeat.objects.order_by("name")
        ],
        jobs=list(
            ProcrastinateJob.objects.values("queue_name", "status")
            .annotate(count=Count("id"))
            .order_by("queue_name", "status")
        ),
        parked=list(Parked.objects.order_by("-parked_at")[:SHOWN]),
        spooled=list(
            SpoolParked.objects.select_related("item__channel").order_by("-parked_at")[:SHOWN]
        ),
        pollers=list(PollCursor.objects.exclude(last_error="").select_related("channel")),
    )


def _database() -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('server_version')"
        )
        row = cursor.fetchone()
    return int(row[0]), str(row[1])
