"""Loops that must not end: each in a thread, logged and started again with back-off when it crashes."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

type Loop = Callable[[threading.Event], None]

_LONGEST_PAUSE = 5.0


@dataclass(slots=True)
class Loops:
    """The loops of one process; ``alive`` is false while one of them is down."""

    stop: threading.Event
    threads: list[threading.Thread] = field(default_factory=list)
    down: set[str] = field(default_factory=set)

    def start(self, name: str, loop: Loop) -> None:
        thread = threading.Thread(
            target=self._keep_running, args=(name, loop), name=name, daemon=True
        )
        self.threads.append(thread)
        thread.start()

    def start_named(self, dotted: str) -> None:
        """Start ``room.module.function``."""
        module, _, function = dotted.rpartition(".")
        # Imported in its thread: a room that cannot be imported takes no other down.
        self.start(dotted, lambda stop: getattr(importlib.import_module(module), function)(stop))

    def alive(self) -> bool:
        return not self.down

    def join(self, *, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _keep_running(self, name: str, loop: Loop) -> None:
        from django.db import close_old_connections

        pause = 0.5
        while not self.stop.is_set():
            started = time.monotonic()
            try:
                loop(self.stop)
                log.debug("loop_has_nothing_to_do", loop=name)
                self.stop.wait(_LONGEST_PAUSE)
                continue
            except Exception:
                log.exception("loop_crashed", loop=name)
            close_old_connections()
            pause = 0.5 if time.monotonic() - started > 20 else min(pause * 2, _LONGEST_PAUSE)
            self.down.add(name)
            self.stop.wait(pause)
            self.down.discard(name)
