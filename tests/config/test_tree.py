"""The process tree: ready, headers, a dead child comes back, a clean and quick end."""

from __future__ import annotations

import json
import signal
import time
import urllib.request

import psutil
import pytest

from sportello.config.nursery import TIME_TO_STOP
from tests.order import MOVING_IN
from tests.tree import Tree, part_of

pytestmark = pytest.mark.timeout(MOVING_IN)


def _children(tree: Tree) -> dict[str, psutil.Process]:
    assert tree.process is not None
    return {
        part_of(child): child for child in psutil.Process(tree.process.pid).children(recursive=True)
    }


def test_the_tree_is_ready_mends_itself_and_stops_by_itself(fresh_tree: Tree) -> None:
    fresh_tree.start()
    with urllib.request.urlopen(f"{fresh_tree.url}/readyz") as answer:
        assert set(json.load(answer)["parts"]) == {"database", "worker", "mail"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with urllib.request.urlopen(f"{fresh_tree.url}/accounts/login/") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    before = _children(fresh_tree)["web"]
    before.kill()
    time.sleep(1)
    fresh_tree.wait_until_ready()
    assert _children(fresh_tree)["web"].pid != before.pid

    assert fresh_tree.process is not None
    everybody = psutil.Process(fresh_tree.process.pid).children(recursive=True)
    started = time.monotonic()
    assert fresh_tree.stop() == 0
    # Nobody had to be killed twice: each floor's patience, and what a busy machine needs on top.
    assert time.monotonic() - started < 3 * TIME_TO_STOP
    assert not any(process.is_running() for process in everybody)


def test_killing_the_supervisor_takes_the_tree_along(fresh_tree: Tree) -> None:
    fresh_tree.start()
    assert fresh_tree.process is not None
    everybody = psutil.Process(fresh_tree.process.pid).children(recursive=True)
    fresh_tree.process.send_signal(signal.SIGKILL)
    fresh_tree.process.wait()
    _gone, alive = psutil.wait_procs(
        everybody, timeout=20
    )  # two to four seconds on a quiet machine
    assert not alive


def test_commands_work_with_the_tree_down(fresh_tree: Tree) -> None:
    fresh_tree.command("migrate")
    backup = fresh_tree.data_dir.parent / "backup"
    fresh_tree.command("backup", str(backup))
    assert (backup / "database.dump").stat().st_size > 10_000
    assert fresh_tree.command("restore", str(backup)) == "Restored."
