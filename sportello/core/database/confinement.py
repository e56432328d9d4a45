"""What a child does to itself between fork and exec, so that it never outlives or outranks its parent."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: own process group, and ``death_signal`` when the parent is gone, even by kill -9.

    Fork from the main thread: the kernel sends the signal when the forking *thread* ends.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        os.setpgid(0, 0)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))

    return prepare


def confined(death_signal: signal.Signals) -> Callable[[], None]:
    """Like ``dies_with_parent``, and not root either: PostgreSQL refuses to run as root.

    A user namespace in which our root is called nobody keeps the files ours. Where namespaces are
    forbidden the child becomes nobody for real, which needs a data directory that nobody can reach.
    """
    bind_to_parent = dies_with_parent(death_signal)
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def prepare() -> None:
        if nobody is not None:
            try:
                os.unshare(os.CLONE_NEWUSER)
                _write("/proc/self/setgroups", "deny")
                _write("/proc/self/uid_map", f"{nobody.pw_uid} 0 1")
                _write("/proc/self/gid_map", f"{nobody.pw_gid} 0 1")
            except (OSError, AttributeError):
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
        bind_to_parent()  # last: a change of id clears the death signal

    return prepare


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
