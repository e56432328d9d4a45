"""The visitors' door: who may open a chat socket, from which site, and how many at once."""

from __future__ import annotations

import asyncio
import contextlib

from django.conf import settings
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from sportello.channels.webchats import site_chat_for_a_door
from sportello.realtime.limits import Budgets
from sportello.realtime.visitors import frames as wire
from sportello.realtime.visitors.talk import Refusal, Talk

SOCKETS_AT_ONCE = 500
"""Open chats of one address: an office behind one address has many, a flood has more."""

arrivals = Budgets(burst=300, rate=10)
_open_sockets: dict[str, int] = {}


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """``/ws/chat/<channel public id>``, without the layers that a page needs: ten thousand wait here."""
    await chat(WebSocket(scope, receive, send))


async def chat(socket: WebSocket) -> None:
    public_id = socket.scope["path"].rpartition("/")[2]
    site = await asyncio.to_thread(site_chat_for_a_door, public_id)
    origin = socket.headers.get("origin")
    if (
        site is None
        or not site.allows(origin)
        or wire.PROTOCOL not in socket.scope.get("subprotocols", [])
    ):
        await socket.close(4403)
        return
    address = client_address(socket)
    if not arrivals.take(address) or _open_sockets.get(address, 0) >= SOCKETS_AT_ONCE:
        await socket.close(4429)
        return
    await socket.accept(subprotocol=wire.PROTOCOL)
    socket.scope["headers"].clear()  # read, and not to be kept for as long as a visitor stays
    _open_sockets[address] = _open_sockets.get(address, 0) + 1
    try:
        await Talk(socket, site, address).run()
    except WebSocketDisconnect:
        pass
    except Refusal as refusal:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.send_text(wire.encode({"error": refusal.reason}))
            await socket.close(refusal.code, refusal.reason)
    finally:
        _open_sockets[address] -= 1
        if not _open_sockets[address]:
            del _open_sockets[address]


def client_address(socket: WebSocket) -> str:
    """Who is calling, seen through as many proxies as the operator declared."""
    hops = [
        hop.strip() for hop in socket.headers.get("x-forwarded-for", "").split(",") if hop.strip()
    ]
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return socket.client.host if socket.client else ""


visitor_doors: dict[tuple[str, str], ASGIApp] = {("WEBSOCKET", "/ws/chat/"): door}
