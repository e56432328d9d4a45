"""Budgets of the visitors' door, kept in the process: frames of a socket, newcomers of an address."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """A token bucket: `burst` at once, then `rate` a second."""

    burst: float
    rate: float
    clock: Callable[[], float] = time.monotonic
    level: float = -1.0
    at: float = 0.0

    def take(self) -> bool:
        """Whether one more is within the budget; an attempt above it costs nothing."""
        moment = self.clock()
        if self.level < 0:
            self.level, self.at = self.burst, moment
        self.level = min(self.burst, self.level + (moment - self.at) * self.rate)
        self.at = moment
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Budgets:
    """A bucket per key; the least recently used are forgotten when there are too many."""

    def __init__(self, *, burst: float, rate: float, keep: int = 20_000) -> None:
        self._burst, self._rate, self._keep = burst, rate, keep
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str) -> bool:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._burst, self._rate)
            if len(self._buckets) > self._keep:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket.take()
