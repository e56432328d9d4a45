"""How much one channel may send: a token bucket each, so that one flood leaves room for the others."""

from __future__ import annotations

import time

from django.conf import settings


class Bucket:
    """Holds one second's worth; `take` says whether one more may come."""

    __slots__ = ("at", "left", "rate")

    def __init__(self, rate: int, at: float) -> None:
        self.rate, self.left, self.at = rate, float(rate), at

    def take(self, at: float) -> bool:
        self.left = min(float(self.rate), self.left + (at - self.at) * self.rate)
        self.at = at
        if self.left < 1:
            return False
        self.left -= 1
        return True


RATE: int = settings.SPORTELLO_INTAKE_RATE
"""Requests a second for each channel, in each process; 0 is no limit."""
_buckets: dict[int, Bucket] = {}


def allowed(channel_id: int) -> bool:
    """Whether this channel may take one more request now."""
    if not RATE:
        return True
    at = time.monotonic()
    bucket = _buckets.setdefault(channel_id, Bucket(RATE, at))
    return bucket.take(at)
