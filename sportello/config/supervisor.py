"""``sportello serve``: the whole tree. PostgreSQL first and last; web, worker and mail in between. No Django here."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial

from sportello.config import database, listening, nursery
from sportello.config.children import Child, command, spawned, stop_all
from sportello.config.env import ROOT, Env
from sportello.config.stopping import stop_event
from sportello.config.welcome import greeting
from sportello.core.database.confinement import dies_with_parent
from sportello.core.database.embedded import EmbeddedPostgres, is_running

PROCESSES = ("nursery",) if sys.platform == "linux" else nursery.PROCESSES
"""On Linux one process forks the others, which saves a third of the memory; elsewhere each is started by itself."""
_TIME_TO_STOP = nursery.TIME_TO_STOP + 0.5


def serve(env: Env) -> int:
    """Run until Ctrl-C or SIGTERM. Returns the exit code."""
    stop = stop_event()
    if env.database_url or not is_running(env.data_dir):  # else the lock names the other one
        listening.check(env)
    with database.served(env) as (environ, server):
        environ = environ | {"SPORTELLO_SECRET_KEY": env.secret_key, "PYTHONUNBUFFERED": "1"}
        if not _prepare(environ, stop):
            return 0 if stop.is_set() else 1
        children = [Child(name, partial(spawned, [name], environ, str(ROOT))) for name in PROCESSES]
        try:
            _watch(children, server, env, stop)
        finally:
            stop_all(children, timeout=_TIME_TO_STOP)
    _say("Sportello has stopped.")
    return 0


def _prepare(environ: Mapping[str, str], stop: threading.Event) -> bool:
    """Bring the schema up to date and, the first time, move the demo company in."""
    process = subprocess.Popen(
        command("migrate", "--first-demo"),
        env=dict(environ),
        cwd=ROOT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    while process.poll() is None:
        if stop.wait(0.05):
            process.terminate()
            process.wait()
            return False
    return process.returncode == 0


def _watch(
    children: list[Child], server: EmbeddedPostgres | None, env: Env, stop: threading.Event
) -> None:
    greeted = False
    while not stop.is_set():
        if server is not None and (obituary := server.poll()):
            _say(obituary)
        for child in children:
            if obituary := child.poll(time.monotonic()):
                _say(obituary)
        if not greeted and _answers(env):
            greeted = True
            _say(greeting(env))
        stop.wait(0.5 if greeted else 0.1)


def _answers(env: Env) -> bool:
    """Whether the port takes connections: the moment to tell people where to click."""
    import socket

    try:
        socket.create_connection((_loopback(env.host), env.port), timeout=0.2).close()
    except OSError:
        return False
    return True


def _loopback(host: str) -> str:
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
