"""Pokes and ephemeral messages between processes: PostgreSQL NOTIFY by default, Redis when configured.

A poke says only “look at your table again”; whoever misses one catches up by id. `publish` carries
what is not worth a row (typing, presence). Neither ever runs inside a writing transaction: NOTIFY
there cuts the rate of commits to less than half, so both use a connection of their own.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from django.conf import settings

from sportello.core import dsn

CHANNEL = "sportello"
MAX_MESSAGE = 7_000
"""Bytes; NOTIFY refuses payloads of 8,000 and more."""

log = structlog.get_logger(__name__)
_local_listeners: list[Callable[[str, dict[str, Any]], None]] = []
_lock = threading.Lock()
_connection: psycopg.Connection | None = None


def listen_here(listener: Callable[[str, dict[str, Any]], None]) -> None:
    """Call `listener(topic, message)` at once for what this very process pokes or publishes."""
    _local_listeners.append(listener)


def poke(topic: str) -> None:
    """Tell every process that there is something new under `topic`. Never raises."""
    publish(topic, {})


def publish(topic: str, message: dict[str, Any]) -> None:
    """Send an ephemeral message to every process, this one included. Never raises, may be lost."""
    for listener in _local_listeners:
        listener(topic, message)
    payload = json.dumps({"t": topic, "p": os.getpid(), "m": message}, separators=(",", ":"))
    if len(payload.encode()) > MAX_MESSAGE:
        log.warning("live.too_large", topic=topic, size=len(payload))
        return
    try:
        _send(payload)
    except Exception as error:
        log.warning("live.not_sent", topic=topic, error=str(error))


def _send(payload: str) -> None:
    if settings.REDIS_URL:
        from sportello.core import live_redis

        live_redis.send(CHANNEL, payload)
        return
    global _connection
    with _lock:
        for attempt in (1, 2):
            try:
                if _connection is None or _connection.closed:
                    _connection = psycopg.connect(dsn.current(), autocommit=True)
                _connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
                return
            except psycopg.OperationalError:
                _connection = None
                if attempt == 2:
                    raise


class Listener:
    """A blocking listener for worker threads: waits until one of its topics is poked.

    ``with Listener("events") as listener: listener.wait(1.0)``
    """

    def __init__(self, *topics: str) -> None:
        self.topics = frozenset(topics)
        self._event = threading.Event()

    def __enter__(self) -> Listener:
        _receiver().add(self._heard)
        return self

    def __exit__(self, *exc: object) -> None:
        _receiver().remove(self._heard)

    def _heard(self, topic: str, message: dict[str, Any]) -> None:
        if topic in self.topics:
            self._event.set()

    def wait(self, timeout: float) -> bool:
        """True when poked; clears the flag, so look at the table after this call."""
        poked = self._event.wait(timeout)
        self._event.clear()
        return poked


class _Receiver(threading.Thread):
    """One connection per process that hears all pokes and hands them to the listeners."""

    def __init__(self) -> None:
        super().__init__(name="live-receiver", daemon=True)
        self._heard: list[Callable[[str, dict[str, Any]], None]] = []

    def add(self, callback: Callable[[str, dict[str, Any]], None]) -> None:
        self._heard.append(callback)

    def remove(self, callback: Callable[[str, dict[str, Any]], None]) -> None:
        self._heard.remove(callback)

    def run(self) -> None:
        while True:
            try:
                with messages() as stream:
                    for topic, message in stream:
                        for callback in list(self._heard):
                            callback(topic, message)
            except Exception as error:
                log.warning("live.receiver_lost", error=str(error))
                threading.Event().wait(1.0)


_receiver_thread: _Receiver | None = None


def _receiver() -> _Receiver:
    global _receiver_thread
    with _lock:
        if _receiver_thread is None or not _receiver_thread.is_alive():
            _receiver_thread = _Receiver()
            _receiver_thread.start()
        return _receiver_thread


def _for_ever() -> bool:
    return False


@contextmanager
def messages(
    stopped: Callable[[], bool] = _for_ever,
) -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
    """What all processes publish, as (topic, message), from a connection of its own.

    Blocks; ends within a second after `stopped()` has become true.
    """
    if settings.REDIS_URL:
        from sportello.core import live_redis

        with live_redis.messages(CHANNEL, stopped) as payloads:
            yield (decode(payload)[:2] for payload in payloads)
        return
    with psycopg.connect(dsn.current(), autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield (decode(payload)[:2] for payload in _notified(connection, stopped))


def _notified(connection: psycopg.Connection, stopped: Callable[[], bool]) -> Iterator[str]:
    while not stopped():
        for notification in connection.notifies(timeout=1.0):
            yield notification.payload
            if stopped():
                return


def decode(payload: str) -> tuple[str, dict[str, Any], int]:
    """(topic, message, process id of the sender)."""
    data = json.loads(payload)
    return data["t"], data["m"], data["p"]


def close() -> None:
    """Give the sending connection back (tests, before their database goes)."""
    global _connection
    with _lock:
        if _connection is not None:
            _connection.close()
            _connection = None
