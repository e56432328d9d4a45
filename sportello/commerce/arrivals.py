"""From the raw input of a shop to rows: durable first, applied in order, parked when unreadable."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction

from sportello.commerce import jobs
from sportello.commerce.applying import apply
from sportello.commerce.contract import Raw
from sportello.commerce.introducing import introduce
from sportello.commerce.models import Arrival, Connection
from sportello.commerce.writing import Applied, TooEarly
from sportello.core import sql
from sportello.core.clock import now as the_present
from sportello.core.events import Fact, record_many

BATCH = 50
APPLY_LOCK = 7_304_001
"""Advisory: one job applies at a time, so that what a shop said in order is applied in order."""
KEEP_PARKED = timedelta(days=90)

log = structlog.get_logger(__name__)


def store(connection: Connection, raw: Raw, *, received_at: datetime) -> int:
    """Keep raw input; durable when the transaction has committed. Then somebody applies it."""
    code = connection.code
    headers = {name: value for name, value in raw.headers.items() if name in code.keeps}
    with transaction.atomic():
        row = Arrival.objects.create(
            connection=connection,
            source=raw.source,
            headers=headers,
            body=raw.body,
            received_at=received_at,
        )
        transaction.on_commit(jobs.apply_later)
    return row.pk


def hear(connection: Connection, raw: Raw, *, received_at: datetime) -> int:
    """Keep what the shop itself sent; its page shows when it was last heard."""
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(heard_at=received_at)
        return store(connection, raw, received_at=received_at)


def drain() -> int:
    """Apply all that waits; returns how many were taken. Waits for another job that does the same."""
    total = 0
    while taken := _batch():
        total += taken
    introduce(now=the_present())
    return total


def _batch() -> int:
    with transaction.atomic():
        sql.fetch("SELECT pg_advisory_xact_lock(%s)", [APPLY_LOCK])
        waiting = Arrival.objects.filter(parked_at=None).select_related("connection")
        rows = list(waiting.order_by("pk")[:BATCH])
        facts: list[Fact] = []
        for row in rows:
            facts += _apply_one(row)
        record_many(facts, now=the_present())
    return len(rows)


def _apply_one(row: Arrival) -> list[Fact]:
    """Its facts. A savepoint each: one that fails takes nothing along."""
    connection = row.connection
    try:
        with transaction.atomic():
            raw = Raw(bytes(row.body), row.headers, source=row.source)
            records = connection.code.parse(raw, connection.settings)
            done: Applied = apply(connection, records, now=the_present())
            row.delete()
            return done.facts
    except OperationalError:
        raise  # the database is away or out of room: the batch is tried again
    except TooEarly as early:
        _park(row, str(early), waits_for=early.order)
    except Exception:
        log.warning("commerce.parked", arrival=row.pk, connection=connection.pk, exc_info=True)
        _park(row, traceback.format_exc())
    return []


def _park(row: Arrival, problem: str, *, waits_for: str = "") -> None:
    Arrival.objects.filter(pk=row.pk).update(
        parked_at=the_present(),
        traceback=problem,
        waits_for=waits_for[:200],
        attempts=row.attempts + 1,
    )


def replay(arrival_ids: Iterable[int]) -> int:
    """Try parked ones again; returns how many."""
    with transaction.atomic():
        rows = Arrival.objects.filter(pk__in=list(arrival_ids)).exclude(parked_at=None)
        count = rows.update(parked_at=None, waits_for="")
        transaction.on_commit(jobs.apply_later)
    return count


def forget_old(now: datetime) -> None:
    """Parked input nobody came back for is not kept for ever: it holds people's names."""
    Arrival.objects.filter(parked_at__lt=now - KEEP_PARKED).delete()
