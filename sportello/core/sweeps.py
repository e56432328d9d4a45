"""Sweeps: what falls due. Each is a function that looks at an indexed `due_at` column, once a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from sportello.core import sql
from sportello.core.alone import Alone
from sportello.core.clock import now

SWEEP_LOCK = 7_303_001
log = structlog.get_logger(__name__)
type Sweep = Callable[[datetime], object]
_sweeps: dict[str, tuple[Sweep, float]] = {}


def sweep(name: str, *, every: float = 1.0) -> Callable[[Sweep], Sweep]:
    """Declare the decorated function ``(now)`` to be run every so many seconds, in one process only."""

    def register(function: Sweep) -> Sweep:
        _sweeps[name] = (function, every)
        return function

    return register


def run_forever(stop: threading.Event) -> None:
    """Run the sweeps until `stop`; a failing one is logged and does not hinder the others."""
    alone = Alone(SWEEP_LOCK)
    due: dict[str, float] = {}
    elapsed = 0.0
    while not stop.wait(0.5):
        elapsed += 0.5
        if not alone.held():
            continue
        for name, (function, every) in _sweeps.items():
            if elapsed >= due.get(name, 0.0):
                due[name] = elapsed + every
                try:
                    function(now())
                except Exception:
                    log.exception("sweep.failed", sweep=name)
        sql.close_if_broken()
    alone.release()
