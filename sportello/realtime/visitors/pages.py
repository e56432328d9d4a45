"""Which pages visitors look at: gathered in the process, written once a second in one statement."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections

from sportello.channels.queries import mouths
from sportello.contacts.touchpoints import page_viewed, record_touchpoints

log = structlog.get_logger(__name__)
EVERY = 1.0
"""Seconds between two writes."""
AGAIN = timedelta(minutes=30)
"""The same page by the same visitor within this time is one look: reloads, sockets that come back."""
REMEMBERED, AT_MOST = 20_000, 5_000
"""Looks that are remembered, and looks that may wait; what is above is not counted."""


@dataclass(frozen=True, slots=True)
class Look:
    channel: int
    visitor: str
    url: str
    title: str
    at: datetime


@dataclass
class Pages:
    """One per process; lives in its event loop."""

    _waiting: list[Look] = field(default_factory=list)
    _seen: OrderedDict[tuple[str, str], datetime] = field(default_factory=OrderedDict)
    _task: asyncio.Task[None] | None = None

    def noted(self, look: Look) -> None:
        """Returns at once; losing some in a crash is no loss."""
        key = (look.visitor, look.url)
        before = self._seen.get(key)
        if not look.url or (before is not None and look.at - before < AGAIN):
            return
        self._seen[key] = look.at
        self._seen.move_to_end(key)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        if len(self._waiting) < AT_MOST:
            self._waiting.append(look)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._later())

    async def _later(self) -> None:
        await asyncio.sleep(EVERY)
        await self.flush()

    async def flush(self) -> None:
        looks, self._waiting = self._waiting, []
        if looks:
            await asyncio.to_thread(_write, looks)

    async def close(self) -> None:
        """What waits is written before the doors shut."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.flush()


def _write(looks: list[Look]) -> None:
    known = mouths()
    touches = []
    for look in looks:
        mouth = known.get(look.channel)
        brand_id = mouth.brand_id if mouth else None
        touches.append(
            page_viewed(look.url, look.title, visitor=look.visitor, brand_id=brand_id, at=look.at)
        )
    try:
        record_touchpoints(touch for touch in touches if touch is not None)
    except Exception:
        log.exception("visitor_pages.not_kept", looks=len(looks))
    finally:
        close_old_connections()


pages = Pages()
