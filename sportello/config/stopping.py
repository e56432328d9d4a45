"""Turns Ctrl-C and SIGTERM into an event that loops can wait for."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_event() -> threading.Event:
    """An event that SIGINT, SIGTERM or SIGHUP sets. Call it from the main thread."""
    stop = threading.Event()

    def set_it(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, set_it)
    return stop


def wait(stop: threading.Event) -> None:
    """Wait in short steps, so that Python gets to run the signal handler everywhere."""
    while not stop.wait(0.5):
        pass
