"""The nursery: imports the libraries once and forks web, worker and mail, which share that memory.

Libraries are two thirds of what each process holds. Nothing of ours is imported here, nothing is read from the
settings, no connection and no thread is there to be torn by the fork: a child begins as if it had been started by
hand, only quicker. Linux alone: elsewhere the supervisor starts each process by itself.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
import traceback
from functools import partial

from setproctitle import setproctitle

from sportello.config.children import Child, stop_all
from sportello.config.stopping import stop_event
from sportello.core.database.confinement import dies_with_parent

PROCESSES = ("web", "worker", "mail")
TIME_TO_STOP = 2.5
"""Seconds from SIGTERM to SIGKILL."""
LIBRARIES = (
    "aiosmtpd.smtp", "babel.core", "cryptography.fernet", "cryptography.x509", "django.core.handlers.wsgi",
    "django.core.management", "django.db.backends.postgresql.base", "django.db.migrations.executor",
    "django.db.models", "django.forms", "django.template.defaulttags", "django.template.loader_tags",
    "django.test.signals", "django.urls", "fido2.webauthn", "httpx2", "lxml.etree", "nh3", "orjson",
    "phonenumbers", "PIL.Image", "procrastinate", "prometheus_client", "psycopg_pool", "pydantic", "redis",
    "starlette.applications", "starlette.staticfiles", "structlog", "uvicorn", "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)  # fmt: skip
"""What our processes have in common and none configures at import."""


def main() -> int:
    """Fork the processes and watch them until SIGTERM."""
    stop = stop_event()
    for name in LIBRARIES:
        importlib.import_module(name)
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
