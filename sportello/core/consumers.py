"""Consumers: what follows from facts. Each reads the log by id, a batch a transaction, from where it stands.

When a batch fails it is run again ticket by ticket; what fails then is parked as (consumer, ticket)
with its traceback and the rest goes on. Later events of a parked ticket are parked with it, so that
order holds when they are replayed.
"""

from __future__ import annotations

import threading
import time
import traceback
import zlib
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

import structlog
from django.db import transaction
from django.db.models import F

from sportello.core import sql
from sportello.core.live import Listener
from sportello.core.models import Event, Parked

BATCH = 500
LONGEST_WAY = 3.0
"""Seconds for which consumers give way to a burst; then each has its turn."""
LINGER = 0.25
"""Seconds between two looks while facts keep coming: what follows from them need not follow at once. After a quiet
moment the first fact is looked at as soon as it is told."""
LOCK_SPACE = 7_302
"""First key of the two-key advisory locks that keep a consumer to one process."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Digests events in order. Runs inside a transaction; must not talk to the network."""

    name: str
    digest: Callable[[Sequence[Event]], None]
    types: frozenset[str]
    """Only these reach it; empty means all."""
    listens: Callable[[], bool] | None = None
    """Asked before a batch is loaded; where nobody waits for facts they are passed unread."""

    @property
    def lock_key(self) -> int:
        return zlib.crc32(self.name.encode()) % 2_000_000_000


_consumers: dict[str, Consumer] = {}


def consumer(
    name: str, *types: str, listens: Callable[[], bool] | None = None
) -> Callable[[Callable[[Sequence[Event]], None]], Callable[[Sequence[Event]], None]]:
    """Declare the decorated function as a consumer of these event types (all when none is named)."""

    def register(digest: Callable[[Sequence[Event]], None]) -> Callable[[Sequence[Event]], None]:
        _consumers[name] = Consumer(name, digest, frozenset(types), listens)
        return digest

    return register


def all_consumers() -> list[Consumer]:
    return list(_consumers.values())


def run_forever(stop: threading.Event) -> None:
    """All consumers, a batch each in turn, until `stop`.

    One thread and one connection: they follow the same log a moment apart, and a thread each cost the applier its
    turns. What a digest may do (the database, nothing else) takes milliseconds.
    """
    with Listener("events") as listener:
        while not stop.is_set():
            try:
                _let_pass(stop)
                while not stop.is_set() and turn() == BATCH:
                    _let_pass(stop)
            except Exception:
                log.exception("consumers.failed")
                sql.close_if_broken()
                stop.wait(1.0)
            if not stop.wait(LINGER):
                listener.wait(1.0)


_burst_until = 0.0


def give_way(seconds: float) -> None:
    """A burst comes in, and who follows its facts would take every second turn of this process: let it pass."""
    global _burst_until
    _burst_until = time.monotonic() + seconds


def _let_pass(stop: threading.Event) -> None:
    latest = time.monotonic() + LONGEST_WAY
    while (now := time.monotonic()) < min(_burst_until, latest) and not stop.is_set():
        stop.wait(min(_burst_until, latest) - now)


def turn() -> int:
    """One batch for each consumer; the most that one of them passed. Raises the first failure, after all had theirs."""
    passed, failures = [0], list[Exception]()
    for consumer in all_consumers():
        try:
            passed.append(step(consumer))
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return max(passed)


def step(consumer: Consumer) -> int:
    """Digest one batch; returns how many events were passed. Zero when another process holds the consumer."""
    try:
        with transaction.atomic():
            place = _hold(consumer)
            if place is None:
                return 0
            passed, events = _next_batch(consumer, place)
            if events:
                _digest(consumer, events, place.parked)
            if passed:
                _move(consumer, passed[-1])
            return len(passed)
    except Exception:
        log.warning("consumer.batch_failed", consumer=consumer.name, exc_info=True)
    return _step_singly(consumer)


def _step_singly(consumer: Consumer) -> int:
    """The same batch again, ticket by ticket; what fails is parked."""
    with transaction.atomic():
        place = _hold(consumer)
        if place is None:
            return 0
        passed, events = _next_batch(consumer, place)
        for _, group in groupby(sorted(events, key=_ticket_then_id), key=lambda e: e.ticket_id):
            ticket_events = list(group)
            try:
                with transaction.atomic():
                    _digest(consumer, ticket_events, place.parked)
            except Exception:
                _park(consumer.name, ticket_events, traceback.format_exc())
        if passed:
            _move(consumer, passed[-1])
        return len(passed)


def _ticket_then_id(event: Event) -> tuple[int, int]:
    return event.ticket_id or 0, event.pk


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a consumer stands: the last fact it has passed, and the tickets whose facts wait."""

    after: int
    parked: frozenset[int | None]


_HOLD = "SELECT pg_try_advisory_xact_lock(%s, %s)"
_PLACE = """
SELECT coalesce((SELECT event_id FROM core_cursor WHERE consumer = %s), 0),
       ARRAY(SELECT ticket_id FROM core_parked WHERE consumer = %s)
"""


def _hold(consumer: Consumer) -> _Place | None:
    """Take the consumer until the transaction ends; None when another process has it.

    Two statements: what one reads may be older than the lock it takes.
    """
    if not sql.fetch(_HOLD, [LOCK_SPACE, consumer.lock_key])[0][0]:
        return None
    [(after, parked)] = sql.fetch(_PLACE, [consumer.name, consumer.name])
    return _Place(after, frozenset(parked))


_COMING = "SELECT id, type FROM core_event WHERE id > %s ORDER BY id LIMIT %s"


def _next_batch(consumer: Consumer, place: _Place) -> tuple[list[int], list[Event]]:
    """The ids that will be passed, and those of the events that this consumer wants."""
    coming = sql.fetch(_COMING, [place.after, BATCH])
    listens = bool(coming) and (consumer.listens is None or consumer.listens())
    types = consumer.types
    wanted = [pk for pk, type in coming if listens and (not types or type in types)]
    return [pk for pk, _ in coming], _facts.of(wanted)


class _Facts:
    """What one consumer has loaded is there for the next: many follow the same log, a moment apart."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[int, Event] = {}
        self._lock = threading.Lock()

    def of(self, ids: Sequence[int]) -> list[Event]:
        """These facts, in order of `ids`; a fact never changes."""
        with self._lock:
            missing = [pk for pk in ids if pk not in self._kept]
            known = {pk: self._kept[pk] for pk in ids if pk in self._kept}
        if missing:
            loaded = {event.pk: event for event in Event.objects.filter(pk__in=missing)}
            known |= loaded
            with self._lock:
                self._kept |= loaded
                for pk in sorted(self._kept)[: max(0, len(self._kept) - self._most)]:
                    del self._kept[pk]
        return [known[pk] for pk in ids]

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


_facts = _Facts(4 * BATCH)


def forget() -> None:
    """Load facts anew: the database is another one."""
    _facts.forget()


def _digest(consumer: Consumer, wanted: Sequence[Event], parked: Set[int | None]) -> None:
    waiting = [e for e in wanted if e.ticket_id in parked]
    for ticket_id in {e.ticket_id for e in waiting}:
        _park(consumer.name, [e for e in waiting if e.ticket_id == ticket_id], None)
    ready = [e for e in wanted if e.ticket_id not in parked]
    if ready:
        consumer.digest(ready)


_MOVE = """
INSERT INTO core_cursor (consumer, event_id, moved_at) VALUES (%s, %s, now())
ON CONFLICT (consumer) DO UPDATE SET event_id = excluded.event_id, moved_at = excluded.moved_at
"""


def _move(consumer: Consumer, event_id: int) -> None:
    sql.fetch(_MOVE, [consumer.name, event_id])


def _park(name: str, events: Sequence[Event], problem: str | None) -> None:
    row, created = Parked.objects.get_or_create(
        consumer=name, ticket_id=events[0].ticket_id, defaults={"traceback": problem or ""}
    )
    row.event_ids = sorted({*row.event_ids, *(e.pk for e in events)})
    if problem:
        row.traceback = problem
    row.save(update_fields=["event_ids", "traceback"])
    log.warning("consumer.parked", consumer=name, ticket_id=row.ticket_id, new=created)


def replay(parked: Parked) -> bool:
    """Digest parked events again, in order. True when they went through; else the traceback is new."""
    found = _consumers[parked.consumer]
    try:
        with transaction.atomic():
            row = Parked.objects.select_for_update(no_key=True).filter(pk=parked.pk).first()
            if row is None:
                return True
            events = list(Event.objects.filter(pk__in=row.event_ids).order_by("pk"))
            row.delete()
            found.digest([e for e in events if not found.types or e.type in found.types])
    except Exception:
        Parked.objects.filter(pk=parked.pk).update(
            traceback=traceback.format_exc(), attempts=F("attempts") + 1
        )
        return False
    return True
