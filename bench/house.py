"""The product's own processes around a database of the bench's, each startable alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sportello.core.database.confinement import dies_with_parent
from sportello.core.database.embedded import EmbeddedPostgres, conninfo_for
from tests.sink import free_port

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class House:
    """An embedded PostgreSQL (fsync on) with the schema in it, and what runs beside it."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    smtp_port: int = field(default_factory=free_port)
    demo: bool = False
    postgres: int = 0
    """Process id of the server."""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @cached_property
    def environ(self) -> dict[str, str]:
        ours = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith("SPORTELLO_") and k not in {"REDIS_URL", "EMAIL_URL"}
        }
        return ours | {
            "DATABASE_URL": conninfo_for(self.data_dir),
            "SPORTELLO_DATA_DIR": str(self.data_dir),
            "SPORTELLO_SECRET_KEY": "only-for-the-bench",
            "SPORTELLO_PORT": str(self.port),
            "SPORTELLO_SMTP_PORT": str(self.smtp_port),
            "SPORTELLO_DEMO": "1" if self.demo else "0",
            "DJANGO_SETTINGS_MODULE": "sportello.config.settings",
            **self.extra,
        }

    def command(self, *words: str) -> str:
        """A ``sportello`` command; its progress goes to the terminal."""
        done = subprocess.run(
            [sys.executable, "-m", "sportello", *words],
            env=self.environ,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    @contextmanager
    def process(
        self, *arguments: str, wait_for: str = "", **environ: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A Python process; with `wait_for` once that address answers."""
        log = (self.data_dir / "bench.log").open("ab")
        child = subprocess.Popen(
            [sys.executable, *arguments],
            env=self.environ | environ,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        try:
            if wait_for:
                _wait_for(wait_for, child)
            yield child
        finally:
            child.terminate()
            try:
                child.wait(8)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            log.close()

    @contextmanager
    def web(self, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with self.process("-m", "sportello", "web", wait_for=address, **environ) as child:
            yield child

    @contextmanager
    def worker(self, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
        with self.process("-m", "sportello", "worker", **environ) as child:
            yield child


def cpu_of(made: House, **pids: int) -> dict[str, float]:
    """Seconds of processor time so far, by name; ``PostgreSQL`` is all sessions that are there."""
    import psutil

    used = {name: _spent(psutil.Process(pid)) for name, pid in pids.items()}
    sessions = psutil.Process(made.postgres).children()
    return used | {"PostgreSQL": sum(_spent(session) for session in sessions)}


def _spent(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _wait_for(address: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{address} does not answer")


_settings_read = False


@contextmanager
def house(
    *, tickets: int = 0, demo: bool = False, data_dir: str = "", **extra: str
) -> Iterator[House]:
    """A fresh house (or the one in `data_dir`), in which this very process may use the models too."""
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        there = Path(data_dir) if data_dir else Path(folder)
        with EmbeddedPostgres(there, max_connections=120) as server:
            assert server.process is not None
            made = House(there, demo=demo, extra=extra, postgres=server.process.pid)
            made.command("migrate")
            if tickets and not data_dir:
                made.command("seed", "--tickets", str(tickets))
            elif demo:
                made.command("demo")
            _models_here(made)
            try:
                yield made
            finally:
                _let_go()


def _models_here(made: House) -> None:
    """Point this process's Django at the house; the settings are read once, the database may change."""
    global _settings_read
    from psycopg.conninfo import conninfo_to_dict

    for name, value in made.environ.items():
        os.environ[name] = value
    if not _settings_read:
        import django

        django.setup()
        _settings_read = True
    from django.conf import settings
    from django.db import connection

    from sportello.accounts.queries import forget_company
    from sportello.channels import queries

    known: dict[str, Any] = conninfo_to_dict(made.environ["DATABASE_URL"])
    connection.close()
    connection.settings_dict |= {
        "HOST": known["host"],
        "PORT": known["port"],
        "USER": known["user"],
        "NAME": known["dbname"],
    }
    settings.DATABASE_DSN = made.environ["DATABASE_URL"]
    settings.SPORTELLO_FILES_DIR = made.data_dir / "files"
    queries.forget()
    forget_company()


def _let_go() -> None:
    from django.db import connection

    from sportello.core import live

    with suppress(Exception):
        live.close()
    connection.close()


def ask(made: House, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """One statement on a connection of its own."""
    import psycopg

    with psycopg.connect(made.environ["DATABASE_URL"], autocommit=True) as connection:
        return connection.execute(statement.encode(), parameters).fetchall()
