"""The hub: follows the log once per process and tells the sockets that watch.

Clients name topics (``ticket:<id>``, ``presence``, ``agents``). What is committed reaches them
as events, read by id from the log, so that nothing is missed; what is ephemeral (typing, presence)
comes through `core.live`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from sportello.core import live
from sportello.core.pool import pool

log = structlog.get_logger(__name__)
CATCH_UP = 1_000
"""Events read at a time."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the log, with what is needed to decide who may hear of it."""

    id: int
    type: str
    ticket_id: int | None
    contact_id: int | None
    actor: str
    payload: dict[str, Any]
    number: int | None = None
    team_id: int | None = None
    brand_id: int | None = None
    team_is_private: bool = False


class Client(Protocol):
    """A socket. Both calls must return at once: queue and drop, never wait."""

    def on_event(self, event: Happened) -> None: ...

    def on_live(self, topic: str, message: dict[str, Any]) -> None: ...


_AFTER = """
SELECT e.id, e.type, e.ticket_id, e.contact_id, e.actor, e.payload, t.number, t.team_id, t.brand_id,
       coalesce(team.is_private, false)
FROM core_event e
LEFT JOIN tickets_ticket t ON t.id = e.ticket_id
LEFT JOIN accounts_team team ON team.id = t.team_id
WHERE e.id > %s ORDER BY e.id LIMIT %s
"""


class Hub:
    """One per process; lives in its event loop."""

    def __init__(self) -> None:
        self._topics: dict[str, set[Client]] = defaultdict(set)
        self._keepers: dict[str, Client] = {}
        self._poked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.last_id = 0
        self._stopped = False

    def subscribe(self, client: Client, *topics: str) -> None:
        for topic in topics:
            self._topics[topic].add(client)

    def unsubscribe(self, client: Client, *topics: str) -> None:
        """From these topics, or from all when none is named."""
        for topic in topics or list(self._topics):
            self._topics[topic].discard(client)
            if not self._topics[topic]:
                del self._topics[topic]

    def keep(self, client: Client, topic: str) -> None:
        """`client` hears of `topic` before all others (it keeps the state they read)."""
        self._keepers[topic] = client

    def watchers(self, topic: str) -> set[Client]:
        """Who watches `topic` in this process."""
        return set(self._topics.get(topic, ()))

    async def start(self) -> None:
        """Begin at the end of the log; earlier events are for clients to ask for."""
        self._loop = asyncio.get_running_loop()
        async with pool().connection() as conn:
            row = await (
                await conn.execute("SELECT coalesce(max(id), 0) FROM core_event")
            ).fetchone()
            self.last_id = row[0] if row else 0
        self._tasks = [asyncio.create_task(self._follow())]
        threading.Thread(target=self._hear, name="hub-listener", daemon=True).start()

    async def stop(self) -> None:
        self._stopped = True
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _hear(self) -> None:
        """A thread: blocks on NOTIFY or Redis and hands over to the loop."""
        while not self._stopped:
            try:
                with live.messages(lambda: self._stopped) as stream:
                    for topic, message in stream:
                        if self._loop is None or self._loop.is_closed():
                            return
                        self._loop.call_soon_threadsafe(self._heard, topic, message)
            except Exception as error:
                log.warning("hub.listener_lost", error=str(error))
                threading.Event().wait(1.0)

    def _heard(self, topic: str, message: dict[str, Any]) -> None:
        if topic == "events":
            self._poked.set()
            return
        if keeper := self._keepers.get(topic):
            keeper.on_live(topic, message)
        for client in self.watchers(topic):
            client.on_live(topic, message)

    async def _follow(self) -> None:
        while True:
            try:
                while await self._step() == CATCH_UP:
                    pass
            except Exception as error:
                log.warning("hub.read_failed", error=str(error))
                await asyncio.sleep(0.5)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._poked.wait(), 2.0)
            self._poked.clear()

    async def _step(self) -> int:
        events = await read_after(self.last_id, CATCH_UP)
        for event in events:
            self.last_id = event.id
            for client in self.watchers("agents") | self.watchers(f"ticket:{event.ticket_id}"):
                client.on_event(event)
        return len(events)


async def read_after(event_id: int, limit: int) -> list[Happened]:
    """Events after `event_id`, oldest first."""
    async with pool().connection() as conn:
        cursor = await conn.execute(_AFTER, (event_id, limit))
        return [Happened(*row) for row in await cursor.fetchall()]


_hub: Hub | None = None


def hub() -> Hub:
    """The process's hub. Raises `RuntimeError` before the doors are open."""
    if _hub is None:
        raise RuntimeError("The hub starts with the doors.")
    return _hub


async def start_hub() -> Hub:
    global _hub
    _hub = Hub()
    await _hub.start()
    return _hub


async def stop_hub() -> None:
    global _hub
    if _hub is not None:
        await _hub.stop()
        _hub = None
