"""Threads' way to the spool: whatever gathered while the last commit ran shares the next one."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from django.db import close_old_connections, connections

from sportello.channels import spool
from sportello.channels.spool import SpoolItem

GROUP_ITEMS = 200
GROUP_BYTES = 64 * 1024 * 1024
WAITING = 2_000
"""Mails waiting for a commit; more are asked to come back (451)."""


class Busy(Exception):
    """More mail came in than can be stored at the moment."""


@dataclass
class Batches:
    """Start it, `put` items from any thread or loop, stop it: what was put is stored before it ends."""

    _queue: queue.Queue[tuple[list[SpoolItem], Future[list[int]]] | None] = field(
        default_factory=lambda: queue.Queue(WAITING)
    )
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="mail-batches", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout)
            self._thread = None

    def put(self, items: list[SpoolItem]) -> Future[list[int]]:
        """A future of the ids; it holds an exception when the database is away. Raises `Busy`."""
        future: Future[list[int]] = Future()
        try:
            self._queue.put_nowait((items, future))
        except queue.Full:
            raise Busy from None
        return future

    def _run(self) -> None:
        ended = False
        while not ended:
            first = self._queue.get()
            if first is None:
                break
            group = [first]
            while _room(group) and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    ended = True
                    break
                group.append(following)
            self._store(group)
        connections.close_all()

    def _store(self, group: list[tuple[list[SpoolItem], Future[list[int]]]]) -> None:
        """One commit for all; when it fails, one each, so that a bad item fails alone."""
        try:
            close_old_connections()
            ids = spool.store([item for items, _ in group for item in items])
        except Exception as error:
            if len(group) > 1:
                for one in group:
                    self._store([one])
                return
            group[0][1].set_exception(error)
            return
        position = 0
        for items, future in group:
            future.set_result(ids[position : position + len(items)])
            position += len(items)


def _room(group: list[tuple[list[SpoolItem], Future[list[int]]]]) -> bool:
    items = [item for some, _ in group for item in some]
    return len(items) < GROUP_ITEMS and sum(len(item.raw.body) for item in items) < GROUP_BYTES
