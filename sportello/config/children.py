"""Child processes that are watched: started, restarted with back-off when they die, stopped in time."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sportello.core.database.confinement import dies_with_parent

_LONGEST_PAUSE = 10.0
_HEALTHY_AFTER = 20.0
"""Seconds of life after which the back-off starts from the beginning."""


def command(*arguments: str) -> list[str]:
    """The command line of another ``sportello`` command, run by this interpreter."""
    return [sys.executable, "-m", "sportello", *arguments]


class Process(Protocol):
    """What is watched: a `subprocess.Popen`, or a fork."""

    def poll(self) -> int | None: ...
    def wait(self, timeout: float) -> int: ...
    def send_signal(self, number: signal.Signals, /) -> None: ...


@dataclass(slots=True)
class Child:
    """One watched process. ``poll`` starts it, and starts it again when it has died."""

    name: str
    start: Callable[[], Process]
    process: Process | None = None
    not_before: float = 0.0
    started_at: float = 0.0
    pause: float = field(default=0.5)

    def poll(self, now: float) -> str | None:
        """Start the process when it is due. Returns a sentence for the log when it was found dead."""
        if self.process is None:
            if now >= self.not_before:
                self.started_at = now
                self.process = self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        self.pause = (
            0.5 if now - self.started_at > _HEALTHY_AFTER else min(self.pause * 2, _LONGEST_PAUSE)
        )
        self.not_before = now + self.pause
        return f"{self.name} ended with {code}; it starts again in {self.pause:g} s"

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)


def spawned(words: Sequence[str], environ: Mapping[str, str], cwd: str) -> Process:
    """A ``sportello`` command as a process of its own, which never outlives this one."""
    return subprocess.Popen(
        command(*words),
        env=dict(environ),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )


def stop_all(children: Sequence[Child], *, timeout: float) -> None:
    """SIGTERM to all at once, SIGKILL to those that are still there after ``timeout`` seconds."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + timeout
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.01, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, TimeoutError):
            child.process.send_signal(signal.SIGKILL)
            child.process.wait(5)
