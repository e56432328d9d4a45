"""Consumers read the log in order, park what fails, and never block each other."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from django.db import transaction

from sportello.core import consumers
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.events import UndeclaredEvent, record
from sportello.core.models import Cursor, Event, Parked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen() -> list[tuple[int | None, int]]:
    return []


@pytest.fixture
def sick() -> set[int]:
    """Tickets whose events the consumer cannot digest."""
    return set()


@pytest.fixture
def consumer(seen: list[tuple[int | None, int]], sick: set[int]) -> consumers.Consumer:
    def digest(events: Sequence[Event]) -> None:
        for event in events:
            if event.ticket_id in sick:
                raise RuntimeError(f"ticket {event.ticket_id}")
        seen.extend((event.ticket_id, event.pk) for event in events)

    return consumers.Consumer("testing", digest, frozenset({"spam_marked"}))


def happen(*tickets: int) -> None:
    for ticket in tickets:
        with transaction.atomic():
            record("spam_marked", ticket_id=ticket, actor=SYSTEM, now=now())


def test_each_event_once_and_in_order(
    consumer: consumers.Consumer, seen: list[tuple[int, int]]
) -> None:
    happen(1, 2, 1)
    consumers.step(consumer)
    happen(2)
    consumers.step(consumer)
    consumers.step(consumer)
    assert [ticket for ticket, _ in seen] == [1, 2, 1, 2]
    assert [pk for _, pk in seen] == sorted(pk for _, pk in seen)
    assert Cursor.objects.get(consumer="testing").event_id == Event.objects.latest("pk").pk


def test_what_fails_is_parked_and_the_rest_goes_on(
    consumer: consumers.Consumer, seen: list[tuple[int, int]], sick: set[int]
) -> None:
    sick.add(1)
    happen(1, 2, 1, 3)
    consumers.step(consumer)
    assert sorted(ticket for ticket, _ in seen) == [2, 3]
    parked = Parked.objects.get()
    assert (parked.ticket_id, len(parked.event_ids)) == (1, 2)
    assert "RuntimeError: ticket 1" in parked.traceback


def test_later_events_wait_behind_a_parked_one_and_are_replayed_in_order(
    consumer: consumers.Consumer,
    seen: list[tuple[int, int]],
    sick: set[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(consumers._consumers, "testing", consumer)
    sick.add(1)
    happen(1)
    consumers.step(consumer)
    sick.clear()
    happen(1, 2)
    consumers.step(consumer)
    assert [ticket for ticket, _ in seen] == [2]
    parked = Parked.objects.get()
    sick.add(1)
    assert not consumers.replay(parked)
    assert Parked.objects.get().attempts == 2
    sick.clear()
    assert consumers.replay(parked)
    assert [ticket for ticket, _ in seen] == [2, 1, 1]
    assert not Parked.objects.exists()


def test_an_undeclared_fact_is_refused() -> None:
    with pytest.raises(UndeclaredEvent), transaction.atomic():
        record("invented", actor=SYSTEM, now=now())
    with pytest.raises(UndeclaredEvent), transaction.atomic():
        record("spam_marked", actor=SYSTEM, now=now(), payload={"text": "what he wrote"})


def test_a_fact_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record("spam_marked", actor=SYSTEM, now=now())


def test_ids_are_visible_in_commit_order() -> None:
    """Writers in parallel: whoever reads up to the newest id never meets an older one later."""
    import threading

    from django.db import connection

    missed: list[int] = []
    done = threading.Event()

    def write() -> None:
        try:
            happen(*range(30))
        finally:
            connection.close()

    def read() -> None:
        highest, known = 0, set()
        while not done.is_set() or Event.objects.filter(pk__gt=highest).exists():
            ids = set(Event.objects.values_list("pk", flat=True))
            missed.extend(pk for pk in ids - known if pk < highest)
            known, highest = ids, max(ids, default=0)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    reader = threading.Thread(target=read)
    for thread in [*writers, reader]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert Event.objects.count() == 120
    assert not missed


def test_facts_nobody_waits_for_are_passed_and_do_not_come_back(
    seen: list[tuple[int | None, int]],
) -> None:
    waiting = False

    def digest(events: Sequence[Event]) -> None:
        seen.extend((event.ticket_id, event.pk) for event in events)

    follower = consumers.Consumer("testing", digest, frozenset(), lambda: waiting)
    happen(1, 2)
    consumers.step(follower)
    waiting = True
    happen(3)
    consumers.step(follower)
    assert [ticket for ticket, _ in seen] == [3]


def test_all_have_their_turn_though_one_cannot_even_be_looked_at(
    consumer: consumers.Consumer,
    seen: list[tuple[int | None, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> bool:
        raise ConnectionError("the table is locked")

    broken = consumers.Consumer("broken", consumer.digest, frozenset(), away)
    monkeypatch.setattr(consumers, "_consumers", {"broken": broken, "testing": consumer})
    happen(1, 2)
    with pytest.raises(ConnectionError):
        consumers.turn()
    assert [ticket for ticket, _ in seen] == [1, 2]
    assert not Cursor.objects.filter(consumer="broken").exists()


class Clock(threading.Event):
    """Waiting moves it on; a burst goes on for as long as it is told."""

    def __init__(self, burst: float) -> None:
        super().__init__()
        self.at, self.burst = 100.0, burst

    def monotonic(self) -> float:
        return self.at

    def wait(self, timeout: float | None = None) -> bool:
        self.at += max(timeout or 0.0, 0.001)
        if self.at < 100 + self.burst:
            consumers.give_way(0.25)
        return False


@pytest.mark.parametrize(("burst", "waited"), [(0.0, 0.0), (1.0, 1.25), (60.0, 3.0)])
def test_consumers_let_a_burst_pass_but_not_for_ever(
    burst: float, waited: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(burst)
    monkeypatch.setattr(consumers, "time", clock)
    monkeypatch.setattr(consumers, "_burst_until", 0.0)
    if burst:
        consumers.give_way(0.25)
    consumers._let_pass(clock)
    assert clock.at - 100 == pytest.approx(waited, abs=0.25)
