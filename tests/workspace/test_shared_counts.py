"""Counts are never waited for when they are dear and a recent one is known."""

from __future__ import annotations

import threading

import pytest

from sportello.workspace import shared_counts


@pytest.fixture(autouse=True)
def _forget() -> None:
    shared_counts._known.clear()


def test_a_cheap_count_is_made_anew_when_it_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_counts, "FRESH_SECONDS", 0.0)
    numbers = iter(range(10))
    asked = [shared_counts.get("a", lambda: {"all": next(numbers)}) for _ in range(3)]
    assert asked == [{"all": 0}, {"all": 1}, {"all": 2}]


def test_a_dear_count_is_made_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_counts, "DEAR_SECONDS", 0.0)
    assert shared_counts.get("b", lambda: {"all": 1}) == {"all": 1}
    monkeypatch.setattr(shared_counts, "FRESH_SECONDS", 0.0)
    go, done = threading.Event(), threading.Event()

    def slow() -> dict[str, int]:
        go.wait(5)
        done.set()
        return {"all": 2}

    assert shared_counts.get("b", slow) == {"all": 1}
    assert shared_counts.get("b", slow) == {"all": 1}
    go.set()
    assert done.wait(5)
    for thread in threading.enumerate():
        if (
            thread is not threading.current_thread()
            and thread.daemon
            and "in_background" in thread.name
        ):
            thread.join(5)
    monkeypatch.setattr(shared_counts, "FRESH_SECONDS", 60.0)
    assert shared_counts.get("b", slow) == {"all": 2}
