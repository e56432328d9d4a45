"""The agents' socket: events by id, presence, typing. Content is fetched over HTTP under its own rights."""

from __future__ import annotations

import asyncio
import contextlib
import json
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
from sportello.realtime.presence import Presence

PROTOCOL = "sportello.agent.1"
QUEUE = 500
"""Messages; a socket that lags further behind is cut off and resumes by id."""
SIGN_IN_AGAIN = 4401
presence = Presence()
log = structlog.get_logger(__name__)


class AgentSocket:
    """One open workspace."""

    def __init__(self, socket: WebSocket, who: sessions.Who) -> None:
        self.socket, self.who = socket, who
        self.ticket: tuple[int, int] | None = None
        """(number, id) of the ticket on screen."""
        self.since = ""
        self._out: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE)

    def _put(self, message: dict[str, Any] | None) -> None:
        try:
            self._out.put_nowait(message)
        except asyncio.QueueFull:
            self.who = self.who.without_rights()
            with contextlib.suppress(asyncio.QueueEmpty):
                while True:
                    self._out.get_nowait()
            self._out.put_nowait(None)

    def on_event(self, event: Happened) -> None:
        if event.type == "rights_changed":
            asyncio.get_running_loop().create_task(self._look_again())
            return
        if event.ticket_id is None or event.number is None:
            return
        if not self.who.rights.sees(event.team_id, event.team_is_private, event.brand_id):
            return
        mine = event.actor == f"agent:{self.who.agent_id}"
        self._put({"event": event.id, "type": event.type, "ticket": event.number, "mine": mine})

    def on_live(self, topic: str, message: dict[str, Any]) -> None:
        if topic == "presence":
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

    async def _look_again(self) -> None:
        """Rights may have changed: ask anew; without any, the socket ends."""
        who = await asyncio.to_thread(sessions.who_is, self.who.session_key)
        if who is None or not who.rights.scopes:
            self._put(None)
        else:
            self.who = who
            if self.ticket:
                number = self.ticket[0]
                self._leave()
                await self._watch(number)

    async def run(self, after: int) -> None:
        hub().subscribe(self, "agents", "presence")
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
            await self.socket.close(SIGN_IN_AGAIN if not self.who.rights.scopes else 1013)

    async def _hear(self, text: str) -> None:
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
                if self.ticket:
                    self._tell("viewing")
        except (ValueError, KeyError, TypeError):
            log.info("agent_socket.rubbish", agent=self.who.agent_id)

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
    key = socket.cookies.get(settings.SESSION_COOKIE_NAME, "")
    who = await asyncio.to_thread(sessions.who_is, key)
    if who is None:
        await socket.accept(PROTOCOL)
        await socket.close(SIGN_IN_AGAIN)
        return
    await socket.accept(PROTOCOL)
    after = socket.query_params.get("after", "")
    await AgentSocket(socket, who).run(int(after) if after.isascii() and after.isdigit() else 0)


def _same_origin(socket: WebSocket) -> bool:
    """The browser names the page's origin; it must be the host it connects to."""
    origin = urlsplit(socket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == socket.headers.get("host", "")


agent_routes: list[BaseRoute] = [WebSocketRoute("/ws", agent_socket)]
