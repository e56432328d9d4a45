"""Access tokens that are fetched with a channel's own secrets, kept in memory until shortly before they expire."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable

from sportello.channels.contract import Failed, Outcome, said
from sportello.channels.vendors.calls import PATIENCE, Reply, outcome_of, refused
from sportello.channels.vendors.shapes import key
from sportello.core.net import Blocked, NetError, Unreachable

EARLY = 60.0
"""Seconds before its end at which a token is no longer used."""
MOST = 1000

Fetch = Callable[[], tuple[str, float]]
"""The token and how many seconds it lives."""


class TokenRefused(NetError):
    """The vendor gave no token. The text is his own, or the HTTP status."""

    def __init__(self, reply: Reply) -> None:
        told = next((key(reply.data.get(n)) for n in ("error_description", "error", "message", "reason") if key(reply.data.get(n))), "")  # fmt: skip
        super().__init__(told or f"HTTP {reply.status}")
        self.reply = reply


class Tokens:
    """One for each provider. Thread-safe; secrets are kept as hashes only."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, fetch: Fetch, *secrets: str) -> str:
        """The token that belongs to these secrets, fetched when there is none.

        Raises `TokenRefused`, `Blocked`, or `Unreachable`: without a token nothing else was sent.
        """
        name = _name(secrets)
        with self._lock:
            token, until = self._kept.get(name, ("", 0.0))
        if token and time.monotonic() < until:
            return token
        try:
            token, seconds = fetch()
        except (TokenRefused, Blocked):
            raise
        except NetError as error:
            raise Unreachable(str(error)) from error
        self.put(token, seconds, *secrets)
        return token

    def put(self, token: str, seconds: float, *secrets: str) -> None:
        with self._lock:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[_name(secrets)] = token, time.monotonic() + max(0.0, seconds - EARLY)

    def drop(self, *secrets: str) -> None:
        """The vendor does not take it any more."""
        with self._lock:
            self._kept.pop(_name(secrets), None)


def granted(reply: Reply) -> tuple[str, float]:
    """What an OAuth 2 token endpoint answered. Raises `TokenRefused`."""
    token, seconds = reply.data.get("access_token"), str(reply.data.get("expires_in", 3600))
    if not reply.ok or not isinstance(token, str) or not token:
        raise TokenRefused(reply)
    return token, float(seconds) if seconds.isdecimal() else 3600.0


def delivered(attempt: Callable[[], Outcome]) -> Outcome:
    """The outcome of `attempt`, which may raise `NetError`; a refused token has sent nothing."""
    try:
        return attempt()
    except TokenRefused as error:
        words = said("The vendor does not accept the credentials of this channel: {words}", words=error)  # fmt: skip
        if error.reply.ok:
            return Failed(words, permanent=False, retry_after=PATIENCE)
        return refused(error.reply, words)
    except NetError as error:
        return outcome_of(error)


def _name(secrets: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(secrets).encode("utf-8", "replace")).hexdigest()
