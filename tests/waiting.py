"""Waiting for a fact instead of for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually[T](look: Callable[[], T | None], *, seconds: float = 15.0) -> T:
    """What `look` finds as soon as it finds something. Raises `AssertionError` after the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError("it did not come about in time")
