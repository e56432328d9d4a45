"""From the spool to the ticket: one applier takes raw items in order and applies them in batches.

An item that cannot be parsed or applied is parked with its traceback; it holds up nobody and can be
replayed after the fix.
"""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import F

from sportello.channels import spool
from sportello.channels.models import SpoolParked, SpoolTodo
from sportello.channels.queries import forget, mouths
from sportello.core import consumers, sql
from sportello.core.alone import Alone
from sportello.core.clock import now
from sportello.core.events import record_many
from sportello.core.live import Listener
from sportello.tickets.arrival import Claimed, Prepared
from sportello.tickets.inbound import monitoring, statuses
from sportello.tickets.inbound.prepare import prepare
from sportello.tickets.inbound.receive import Received, receive_many
from sportello.tickets.notifying import answering

APPLIER_LOCK = 7_300_001
BATCH = 150
SURE = 0.25
"""Seconds for which the lock is taken as held: it falls with the server, and so does every transaction."""
LINGER = 0.004
"""Seconds to wait after a small batch: spares a quarter of the database's time."""

PAUSES = (0.05, 0.5, 2.0)
"""Seconds between tries of an item that the database could not take at the moment."""

log = structlog.get_logger(__name__)


def run_forever(stop: threading.Event) -> None:
    """Apply whatever comes until `stop`. One process does it, others stand by."""
    alone, sure_until = Alone(APPLIER_LOCK), 0.0
    with Listener("spool") as listener, ThreadPoolExecutor(1, "prepare") as beside:
        ahead = Ahead(beside)
        while not stop.is_set():
            if time.monotonic() > sure_until:
                if not alone.held():
                    ahead.forget()
                    stop.wait(0.5)
                    continue
                sure_until = time.monotonic() + SURE
            applied = ahead.drain()
            if applied == BATCH:
                consumers.give_way(SURE)
            else:
                listener.wait(LINGER if applied else 1.0)
    alone.release()


class Ahead:
    """While a full batch is applied, which is mostly waiting for the database, the next one is parsed beside it."""

    def __init__(self, beside: Executor) -> None:
        self._beside = beside
        self._next: Future[Batch] | None = None

    def forget(self) -> None:
        """Somebody else is the applier: what was read ahead is his."""
        self._next = None

    def drain(self) -> int:
        """Apply one batch; returns the number of items taken."""
        coming, self._next = self._next, None
        batch = coming.result() if coming else _batch()
        if len(batch.ids) == BATCH:
            self._next = self._beside.submit(_batch_beside, batch.ids)
        _apply_all(batch.prepared)
        return len(batch.ids)


@dataclass(frozen=True, slots=True)
class Batch:
    """Items taken from the list, and those of them that could be read."""

    ids: list[int]
    prepared: list[Prepared]


def _batch(taken: Sequence[int] = ()) -> Batch:
    """The oldest items that are not `taken` already."""
    items = _claim(taken)
    return Batch([item.id for item in items], _prepare_all(items))


def _batch_beside(taken: Sequence[int]) -> Batch:
    sql.close_if_broken()
    return _batch(taken)


def drain() -> int:
    """Apply one batch; returns the number of items taken."""
    batch = _batch()
    _apply_all(batch.prepared)
    return len(batch.ids)


def drain_all() -> int:
    """Apply until the spool is empty (commands, tests)."""
    total = 0
    while taken := drain():
        total += taken
    return total


_CLAIM = """
SELECT i.id, i.channel_id, i.order_key, i.content_hash, i.source, i.headers, i.query, i.body, i.received_at
FROM channels_spooltodo t JOIN channels_spoolitem i ON i.id = t.item_id
WHERE t.item_id <> ALL(%s)
ORDER BY t.item_id LIMIT %s
"""
_DONE = "DELETE FROM channels_spooltodo WHERE item_id = ANY(%s)"


def _claim(taken: Sequence[int]) -> list[Claimed]:
    rows = sql.fetch(_CLAIM, [list(taken), BATCH])
    # Django's connection hands JSON out as text.
    return [
        Claimed(pk, channel_id, key, digest, source, json.loads(headers), query, body, at)
        for pk, channel_id, key, digest, source, headers, query, body, at in rows
    ]


def _prepare_all(items: Sequence[Claimed]) -> list[Prepared]:
    """Parse before the transaction opens; what raises is parked here."""
    known = mouths()
    if any(item.channel_id not in known for item in items):
        forget()
        known = mouths()
    prepared: list[Prepared] = []
    for item in items:
        try:
            prepared.append(prepare(item, known[item.channel_id]))
        except Exception:
            park(item.id, traceback.format_exc())
    return prepared


def _apply_all(batch: Sequence[Prepared]) -> None:
    """Customers together; answers of agents one at a time, since they are verbs with locks of their own."""
    agents = [item for item in batch if answering.is_agents(item)]
    _apply_or_bisect([item for item in batch if item not in agents] if agents else batch)
    for item in agents:
        _apply_or_bisect([item])


def _apply_or_bisect(batch: Sequence[Prepared]) -> None:
    """One transaction for all; when it fails, halves, down to the one that is to blame."""
    if not batch:
        return
    try:
        apply(batch)
    except Exception as error:
        if connection.connection is None or connection.connection.closed:
            raise
        if len(batch) == 1:
            if not (isinstance(error, OperationalError) and _again(batch)):
                park(batch[0].item_id, traceback.format_exc())
            return
        log.warning("inbound.batch_failed", size=len(batch), exc_info=True)
        half = len(batch) // 2
        _apply_or_bisect(batch[:half])
        _apply_or_bisect(batch[half:])


def _again(batch: Sequence[Prepared]) -> bool:
    """Deadlocks and full disks pass: try a few times more before the item is blamed."""
    for pause in PAUSES:
        time.sleep(pause)
        try:
            apply(batch)
        except OperationalError:
            continue
        return True
    return False


def apply(batch: Sequence[Prepared]) -> Received:
    """Apply prepared items and take them off the list, in one transaction."""
    at = now()
    with transaction.atomic():
        if len(batch) == 1 and answering.is_agents(batch[0]):
            batch = [answering.take(batch[0], now=at)]
        received = receive_many([a for item in batch for a in item.arrivals], now=at)
        for mouth, other in (other for item in batch for other in item.others):
            received.facts += statuses.apply(mouth, other, now=at)
        monitoring.keep(row for item in batch for row in item.monitored)
        monitoring.forget_opened(_engaged(batch))
        spool.hand_over([copy for item in batch for copy in item.copies])
        sql.fetch(_DONE, [[item.item_id for item in batch]])
        record_many(received.facts, now=at)
    return received


def _engaged(batch: Sequence[Prepared]) -> list[tuple[int, str]]:
    """What became a ticket on channels that leave some things alone."""
    return [
        (a.mouth.id, a.inbound.external_id)
        for item in batch
        for a in item.arrivals
        if a.inbound.is_public and a.mouth.engage != "all"
    ]


def park(item_id: int, problem: str) -> None:
    """Set an item aside with its traceback."""
    said = next((line for line in reversed(problem.splitlines()) if "Error" in line), "")
    log.error("inbound.parked", item=item_id, problem=said[:300])
    with transaction.atomic():
        row, created = SpoolParked.objects.get_or_create(
            item_id=item_id, defaults={"traceback": problem}
        )
        if not created:
            SpoolParked.objects.filter(pk=row.pk).update(
                traceback=problem, attempts=F("attempts") + 1
            )
        SpoolTodo.objects.filter(pk=item_id).delete()


def replay(item_ids: Sequence[int] = ()) -> int:
    """Put parked items (all, when none is named) back on the list; returns how many."""
    with transaction.atomic():
        parked = SpoolParked.objects.all()
        if item_ids:
            parked = parked.filter(pk__in=item_ids)
        items = list(parked.values_list("item_id", "item__channel_id", "item__order_key"))
        SpoolTodo.objects.bulk_create(
            [SpoolTodo(item_id=i, channel_id=c, order_key=k) for i, c, k in items],
            ignore_conflicts=True,
        )
        parked.filter(pk__in=[i for i, _, _ in items]).delete()
    return len(items)
