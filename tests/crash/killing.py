"""Finding the processes of a tree by what they do, and ending them without a word."""

from __future__ import annotations

import signal
from contextlib import suppress

import psutil

from tests.tree import Tree, part_of

PROCESSES = ("web", "worker", "mail", "nursery", "postmaster", "backend")


def find(tree: Tree, what: str) -> psutil.Process | None:
    """A process of the tree by its part; None while it is being started."""
    assert tree.process is not None
    for child in psutil.Process(tree.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            part = part_of(child)
            if part == what:
                return child
            if part == "postgres" and child.ppid() == tree.process.pid:
                if what == "postmaster":
                    return child
                if what == "backend":
                    return _client_of(child)
    return None


def kill(tree: Tree, what: str) -> bool:
    """kill -9; false when there was nothing to kill."""
    process = find(tree, what)
    if process is None:
        return False
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)
        return True
    return False


def _client_of(postmaster: psutil.Process) -> psutil.Process | None:
    """A server process that works for one of ours: its end makes all others end too."""
    for backend in postmaster.children():
        with suppress(psutil.NoSuchProcess, IndexError):
            if "[local]" in " ".join(backend.cmdline()):
                return backend
    return None
