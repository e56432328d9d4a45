"""The embedded PostgreSQL comes up, goes down, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from sportello.core.database import outside
from sportello.core.database.embedded import (
    AlreadyRunningError,
    EmbeddedPostgres,
    conninfo_for,
    is_running,
)

_HOLDER = """
import pathlib, sys, time
from sportello.core.database.embedded import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
server.start()
print(server.process.pid, flush=True)
time.sleep(60)
"""


def _holder(data_dir: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def _gone(pid: int, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_server_has_all_that_the_schema_needs(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "with space") as server:
        outside.check(server.conninfo)
        with psycopg.connect(server.conninfo) as connection:
            assert connection.execute("SELECT lower('È')").fetchone() == ("è",)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_data_survives_a_restart(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server, psycopg.connect(server.conninfo) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        connection.commit()
    with EmbeddedPostgres(tmp_path) as server, psycopg.connect(server.conninfo) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_second_server_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(AlreadyRunningError):
            EmbeddedPostgres(tmp_path).start()
    assert not is_running(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_killing_the_parent_leaves_no_server_and_the_next_start_works(tmp_path: Path) -> None:
    holder, pid = _holder(tmp_path)
    holder.kill()
    holder.wait()
    with EmbeddedPostgres(tmp_path) as server:  # at once: the old one may still be shutting down
        assert _gone(pid, within=5)
        outside.check(server.conninfo)


def test_a_stale_pid_of_somebody_else_does_not_block_the_start(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path):
        pass
    stale = tmp_path / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getppid()}\n{stale.parent}\n")
    with EmbeddedPostgres(tmp_path) as server:
        outside.check(server.conninfo)


def test_a_crash_of_the_server_loses_nothing_committed(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    with psycopg.connect(server.conninfo) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert server.process is not None
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server.stop()
    with EmbeddedPostgres(tmp_path), psycopg.connect(conninfo_for(tmp_path)) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_still_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with EmbeddedPostgres(deep) as server:
        outside.check(server.conninfo)


def test_an_unreachable_outside_server_is_named(tmp_path: Path) -> None:
    with pytest.raises(outside.UnfitServerError, match="cannot be reached"):
        outside.check(conninfo_for(tmp_path))


def test_missing_extensions_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "EXTENSIONS", ("vector", "no_such_thing"))
    monkeypatch.setattr(outside, "OLDEST", 99)
    with (
        EmbeddedPostgres(tmp_path) as server,
        pytest.raises(outside.UnfitServerError, match=r"at least 99.*no_such_thing"),
    ):
        outside.check(server.conninfo)
