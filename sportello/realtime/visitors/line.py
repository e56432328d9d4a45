"""The two things a visitor's socket does besides listening. An idle socket costs neither a task nor a queue:
tasks exist only while something is written or read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sportello.realtime.visitors import frames as wire

OUTBOX = 100
"""Frames waiting for a slow reader before he is cut off; he comes back and catches up by id."""
LOOK_AGAIN_SOON = 0.15
"""Seconds between looks right after something was said."""

type Cut = Callable[[str], None]
"""Ends the socket, with a word for the log."""


class Line:
    """Frames on their way to one socket, in order."""

    __slots__ = ("_cut", "_socket", "_waiting", "_writer")

    def __init__(self, socket: WebSocket, cut: Cut) -> None:
        self._socket, self._cut = socket, cut
        self._waiting: list[str] = []
        self._writer: asyncio.Task[None] | None = None

    def send(self, frame: dict[str, Any]) -> None:
        """Returns at once."""
        if len(self._waiting) >= OUTBOX:
            self._cut("too slow")
            return
        self._waiting.append(wire.encode(frame))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def close(self) -> None:
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._socket.send_text(self._waiting.pop(0))
        except WebSocketDisconnect:
            self._cut("gone")
        except Exception as error:
            self._cut(type(error).__name__)
        finally:
            self._writer = None


class Lookout:
    """When to ask the database: at news, again and again right after something was said, and now and then at rest."""

    __slots__ = ("_cut", "_look", "_looking", "_news", "_rest", "_timer", "soon")

    def __init__(
        self, look: Callable[[], Awaitable[None]], rest: Callable[[], float], cut: Cut
    ) -> None:
        self._look, self._rest, self._cut = look, rest, cut
        self._news = False
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self.soon = 0
        """Looks that follow quickly, whether there is news or not."""

    def start(self) -> None:
        if self._news:
            self._due()
        else:
            self._arm()

    def news(self) -> None:
        """Look now; while a look is under way, once more after it."""
        self._news = True
        if self._timer is not None:
            self._timer.cancel()
            self._due()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._looking is not None:
            self._looking.cancel()

    def _arm(self) -> None:
        wait = self._rest()
        if self.soon:
            self.soon -= 1
            wait = LOOK_AGAIN_SOON
        self._timer = asyncio.get_running_loop().call_later(wait, self._due)

    def _due(self) -> None:
        self._timer, self._news = None, True
        self._looking = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._news:
                self._news = False
                await self._look()
        except Exception as error:
            self._cut("gone" if isinstance(error, WebSocketDisconnect) else type(error).__name__)
        else:
            self._arm()
        finally:
            self._looking = None
