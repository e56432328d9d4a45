"""Counts of views that several agents would count alike: a few seconds old, and never waited for when dear.

What is quickly counted is counted when it is asked for. Where a count takes long (a million tickets),
the page gets the last one and a thread counts anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.db import close_old_connections

FRESH_SECONDS = 3.0
DEAR_SECONDS = 0.01
OLDEST_SECONDS = 120.0
"""Older than this nothing is shown: then even a dear count is waited for."""
KEPT = 200

type Counts = dict[str, int]


@dataclass(slots=True)
class _Known:
    counts: Counts
    at: float
    took: float
    under_way: bool = False


_known: dict[Hashable, _Known] = {}
_lock = threading.Lock()


def get(key: Hashable, count: Callable[[], Counts]) -> Counts:
    """The counts under `key`, by `count` where they are missing, stale or cheap."""
    found = _known.get(key)
    age = time.monotonic() - found.at if found else OLDEST_SECONDS
    if found and age < FRESH_SECONDS:
        return found.counts
    if found is None or found.took < DEAR_SECONDS or age >= OLDEST_SECONDS:
        return _count(key, count)
    with _lock:
        begin, found.under_way = not found.under_way, True
    if begin:
        threading.Thread(target=_in_background, args=(key, count), daemon=True).start()
    return found.counts


def _count(key: Hashable, count: Callable[[], Counts]) -> Counts:
    began = time.monotonic()
    counts = count()
    with _lock:
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = _Known(counts, time.monotonic(), time.monotonic() - began)
    return counts


def _in_background(key: Hashable, count: Callable[[], Counts]) -> None:
    try:
        _count(key, count)
    finally:
        if key in _known:
            _known[key].under_way = False
        close_old_connections()
