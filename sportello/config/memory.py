"""The interpreter, told what the long-running processes are like: much that stays, many threads that mostly wait."""

from __future__ import annotations

import gc
import sys

NEW_OBJECTS = 50_000
"""Allocations between two looks at the youngest; Python's own 2,000 cost a sixth of the applier's time."""


TURN = 0.000_5
"""Seconds a thread may compute while another waits for its turn. With Python's 5 ms a thread that talks to the
database, fifteen times for a batch, stands in line fifteen times behind threads that do not hurry."""


def share() -> None:
    """Call it first: turns are short."""
    sys.setswitchinterval(TURN)


def settle() -> None:
    """Call it when everything is imported: what is there now is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
