"""The agents' socket: events by id, presence, typing. Content is fetched over HTTP under its own rights."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sportello.core import live
from sportello.realtime import sessions
from sportello.realtime.hub import CATCH_UP, Happened, hub, read_after
from sportello.realtime.limits import Bucket
from sportello.realtime.presence import Presence

PROTOCOL = "sportello.agent.1"
QUEUE = 500
"""Messages; a socket that lags further behind is cut off and resumes by id."""
SIGN_IN_AGAIN, COME_BACK = 4401, 1013
ASK_AGAIN = 30.0
"""Seconds after which a ping asks anew who sits here, though nobody said that anything changed."""
HERE_AGAIN = 45.0
"""Seconds after which it is put down again that somebody sits here."""
BURST, RATE = 80, 10
"""Frames at once, then a second; what is above is not heard."""
LONGEST = 4_000
"""Characters of one frame."""
presence = Presence()
log = structlog.get_logger(__name__)


class AgentSocket:
    """One open workspace."""

    def __init__(self, socket: WebSocket, who: sessions.Who) -> None:
        self.socket, self.who = socket, who
        self.ticket: tuple[int, int] | None = None
        """(number, id) of the ticket on screen."""
        self.since = ""
        self._frames = Bucket(BURST, RATE)
        self._code = COME_BACK
        self._doubts = 0
        """How often somebody said that rights may have changed; while one is open nothing is told."""
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = time.monotonic()
        self._here_at = -HERE_AGAIN
        self._held: list[Happened] = []
        self._out: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE)

    def _put(self, message: dict[str, Any] | None) -> None:
        try:
            self._out.put_nowait(message)
        except asyncio.QueueFull:
            self._end(COME_BACK)

    def _end(self, code: int) -> None:
        """Nothing more is told; the socket is closed with `code`."""
        self.who, self._code = self.who.without_rights(), code
        self._held.clear()
        with contextlib.suppress(asyncio.QueueEmpty):
            while True:
                self._out.get_nowait()
        self._out.put_nowait(None)

    def on_event(self, event: Happened) -> None:
        if event.type == "rights_changed":
            if event.payload.get("agent_id") in (None, self.who.agent_id):
                self._doubt()
            return
        if event.ticket_id is None or event.number is None:
            return
        if self._asking is not None:
            self._held.append(event)
            if len(self._held) > QUEUE:
                self._end(COME_BACK)
            return
        if not self.who.rights.sees(event.team_id, event.team_is_private, event.brand_id):
            if self.ticket and self.ticket[1] == event.ticket_id:
                self._leave()  # it went out of his sight while he looked at it
            return
        mine = event.actor == f"agent:{self.who.agent_id}"
        self._put({"event": event.id, "type": event.type, "ticket": event.number, "mine": mine})

    def on_live(self, topic: str, message: dict[str, Any]) -> None:
        if topic == "sessions":
            if message.get("ended") == self.who.session_digest:
                self._end(SIGN_IN_AGAIN)
            elif message.get("agent") == self.who.agent_id:
                self._doubt()
        elif self._asking is not None:
            return
        elif topic == "pop":
            if message.get("agent") == self.who.agent_id:
                # Who it is, the page asks for itself, under the agent's rights.
                self._put({"ring": {"asked": str(message.get("asked", ""))}})
        elif topic == "presence":
            if self.ticket and int(message.get("ticket", 0)) == self.ticket[0]:
                self._put(
                    {"presence": {"ticket": self.ticket[0], "agents": presence.at(self.ticket[0])}}
                )
        elif self.ticket and message.get("who") == "visitor":
            self._put(
                {
                    "typing": {
                        "ticket": self.ticket[0],
                        "who": "visitor",
                        "words": str(message.get("words", "")),
                    }
                }
            )

    def _doubt(self) -> None:
        """Rights may have changed. From here on nothing is told until it is known."""
        self._doubts += 1
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        """Ask anew who he is; without rights, and when nobody can say, the socket ends."""
        try:
            doubts = 0
            while doubts != self._doubts:
                doubts = self._doubts
                who = await asyncio.to_thread(sessions.who_is, self.who.session_key)
                if who is None or not who.rights.scopes:
                    self._end(SIGN_IN_AGAIN)
                    return
                self.who = who
                if self.ticket:
                    number = self.ticket[0]
                    self._leave()
                    await self._watch(number)
        except Exception as error:
            log.warning("agent_socket.not_known", error=type(error).__name__)
            self._end(COME_BACK)
            return
        self._asking, self._asked_at = None, time.monotonic()
        held, self._held = self._held, []
        for event in held:
            self.on_event(event)

    async def run(self, after: int, known_at: int) -> None:
        """`known_at` is the last event before his rights were asked."""
        hub().subscribe(self, "agents", "presence", "sessions", "pop")
        if hub().last_id != known_at:
            self._doubt()
        writer = asyncio.create_task(self._write())
        try:
            await self._resume(after)
            while True:
                await self._hear(await self.socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._leave()
            hub().unsubscribe(self)
            writer.cancel()
            if self._asking is not None:
                self._asking.cancel()

    async def _resume(self, after: int) -> None:
        """What happened since the last event the page saw; too much means: load anew."""
        self._put({"at": hub().last_id})
        if not after or after >= hub().last_id:
            return
        missed = await read_after(after, CATCH_UP)
        if len(missed) == CATCH_UP:
            self._put({"resync": True})
            return
        for event in missed:
            self.on_event(event)

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while (message := await self._out.get()) is not None:
                await self.socket.send_text(json.dumps(message, separators=(",", ":")))
            await self.socket.close(self._code)

    async def _hear(self, text: str) -> None:
        if not self._frames.take() or len(text) > LONGEST:
            return
        try:
            said = json.loads(text)
            do = said["do"]
            if do == "watch":
                await self._watch(int(said["ticket"]))
            elif do == "leave":
                self._leave()
            elif do == "typing" and self.ticket and int(said["ticket"]) == self.ticket[0]:
                self._typing(
                    str(said.get("words", ""))[:80],
                    bool(said.get("stopped")),
                    bool(said.get("channel")),
                )
            elif do == "ping":
                self._put({"pong": True})
                if time.monotonic() - self._asked_at > ASK_AGAIN:
                    self._doubt()
                if said.get("here") is True:
                    await self._was_here()
                if self.ticket:
                    self._tell("viewing")
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            log.info("agent_socket.rubbish", agent=self.who.agent_id)

    async def _was_here(self) -> None:
        if time.monotonic() - self._here_at > HERE_AGAIN:
            self._here_at = time.monotonic()
            await asyncio.to_thread(sessions.was_here, self.who.agent_id)

    async def _watch(self, number: int) -> None:
        self._leave()
        ticket_id = await asyncio.to_thread(sessions.visible_ticket, self.who.agent_id, number)
        if ticket_id is None:
            return
        self.ticket, self.since = (number, ticket_id), datetime.now(UTC).isoformat()
        hub().subscribe(self, f"ticket:{ticket_id}")
        self._tell("viewing")
        self._put({"presence": {"ticket": number, "agents": presence.at(number)}})

    def _leave(self) -> None:
        if self.ticket:
            self._tell("gone")
            hub().unsubscribe(self, f"ticket:{self.ticket[1]}")
            self.ticket = None

    def _typing(self, words: str, stopped: bool, to_customer: bool) -> None:
        self._tell("stopped" if stopped else "typing", words)
        if to_customer and self.ticket and not stopped and self.who.rights.can_answer:
            message = {"who": "agent", "name": self.who.first_name}
            asyncio.get_running_loop().run_in_executor(
                None, live.publish, f"ticket:{self.ticket[1]}", message
            )

    def _tell(self, mode: str, words: str = "") -> None:
        if self.ticket is None:
            return
        message = {
            "ticket": self.ticket[0],
            "agent": self.who.agent_id,
            "name": self.who.name,
            "initials": self.who.initials,
            "since": self.since,
            "mode": mode,
            "words": words,
        }
        asyncio.get_running_loop().run_in_executor(None, live.publish, "presence", message)


class _PresenceKeeper:
    """The process's own ear: keeps `presence` up to date before any socket is told."""

    def on_event(self, event: Happened) -> None:
        """Presence has no events."""

    def on_live(self, topic: str, message: dict[str, Any]) -> None:
        presence.apply(message)


def keep_presence() -> None:
    """Take in every presence message, first of all listeners."""
    hub().keep(_PresenceKeeper(), "presence")


async def agent_socket(socket: WebSocket) -> None:
    """``/ws?after=<event id>``: same origin, session cookie, subprotocol ``sportello.agent.1``."""
    if not _same_origin(socket):
        await socket.close(4403)
        return
    key, known_at = socket.cookies.get(settings.SESSION_COOKIE_NAME, ""), hub().last_id
    who = await asyncio.to_thread(sessions.who_is, key)
    if who is None or not who.rights.scopes:
        await socket.accept(PROTOCOL)
        await socket.close(SIGN_IN_AGAIN)
        return
    await socket.accept(PROTOCOL)
    after = socket.query_params.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    await AgentSocket(socket, who).run(number, known_at)


def _same_origin(socket: WebSocket) -> bool:
    """The browser names the page's origin; it must be the host it connects to."""
    origin = urlsplit(socket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == socket.headers.get("host", "")


agent_routes: list[BaseRoute] = [WebSocketRoute("/ws", agent_socket)]
