"""The nursery: imports libraries and rooms once and forks web, worker and mail, which share that memory.

What is imported is two thirds of what each process holds. Nothing may be alive at the fork that could be torn by it:
no connection, no thread. Linux alone: elsewhere the supervisor starts each process by itself.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
import time
import traceback
from functools import partial

import django
from setproctitle import setproctitle

from sportello.config.children import Child, stop_all
from sportello.config.stopping import stop_event
from sportello.core.database.confinement import dies_with_parent

PROCESSES = ("web", "worker", "mail")
TIME_TO_STOP = 2.5
"""Seconds from SIGTERM to SIGKILL."""
LIBRARIES = (
    "cryptography.x509", "django.core.handlers.wsgi", "fido2.webauthn", "phonenumbers", "prometheus_client",
    "pydantic", "redis", "starlette.applications", "uvicorn",
)  # fmt: skip
"""What several processes import when they first need it, beside what the rooms import themselves."""


def main() -> int:
    """Fork the processes and watch them until SIGTERM."""
    stop = stop_event()
    django.setup()
    for name in LIBRARIES:
        importlib.import_module(name)
    _nothing_alive()
    gc.collect()
    gc.freeze()  # what is shared stays shared: the collector never writes to it
    children = [Child(name, partial(Forked, name)) for name in PROCESSES]
    try:
        while not stop.is_set():
            for child in children:
                if obituary := child.poll(time.monotonic()):
                    print(obituary, file=sys.stderr, flush=True)
            stop.wait(0.1)
    finally:
        stop_all(children, timeout=TIME_TO_STOP)
    return 0


def _nothing_alive() -> None:
    """Raises `RuntimeError` when an import has made what a fork would tear."""
    from django.db import connections

    if any(c.connection is not None for c in connections.all(initialized_only=True)):
        raise RuntimeError("an import has connected to the database")
    if threading.active_count() > 1:
        raise RuntimeError(f"an import has started a thread: {threading.enumerate()}")


class Forked:
    """A fork that runs one ``sportello`` process; watched like a `subprocess.Popen`."""

    def __init__(self, name: str) -> None:
        self._code: int | None = None
        parent = os.getpid()
        self.pid = os.fork()
        if not self.pid:
            _be(name, parent)

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self, timeout: float) -> int:
        """Raises `TimeoutError`."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.01)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _be(name: str, parent: int) -> None:
    """In the child: become the process and never return."""
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        dies_with_parent(signal.SIGTERM)()
        if os.getppid() != parent:
            os._exit(1)
        setproctitle(f"sportello {name}")
        from sportello.config import cli

        code = cli.main([name])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
