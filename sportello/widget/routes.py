"""The lean part of the widget, asked for at every page view of every shop: loader, hashed app, public settings."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sportello.channels.webchats import site_chat_for_a_door
from sportello.core.clock import now

DIST = Path(__file__).resolve().parents[1] / "static" / "dist"
ANYWHERE = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
_HASHED = re.compile(r"widget-app-[A-Za-z0-9]+\.js")


async def loader(request: Request) -> Response:
    """``/widget.js``: what the site's pages name. Cached briefly, so that a new version spreads by itself."""
    name = _manifest(_built_at()).get("widget.js")
    if name is None:
        return Response("/* The front end is not built. */", 503, media_type="text/javascript")
    return _script(request, name, "public, max-age=300, stale-while-revalidate=86400")


async def app(request: Request) -> Response:
    """``/widget/assets/<hashed name>``: never changes under its name."""
    name: str = request.path_params["name"]
    if not _HASHED.fullmatch(name) or not (DIST / name).is_file():
        return Response(status_code=404)
    return _script(request, name, "public, max-age=31536000, immutable")


async def config(request: Request) -> Response:
    """``/widget/<channel>/config``: how the chat looks and whether somebody is there. Nothing in it is secret."""
    chat = await asyncio.to_thread(site_chat_for_a_door, request.path_params["channel"])
    if chat is None:
        return Response(status_code=404, headers={"access-control-allow-origin": "*"})
    origin = request.headers.get("origin")
    if origin is not None and not chat.allows(origin):
        return Response(status_code=403)
    built = _manifest(_built_at()).get("widget-app.js", "")
    headers = {
        "cache-control": "private, no-cache",
        "vary": "Origin",
        "cross-origin-resource-policy": "cross-origin",
    }
    if origin is not None:
        headers["access-control-allow-origin"] = origin
    return JSONResponse(chat.face(now()) | {"app": f"/widget/assets/{built}"}, headers=headers)


def _script(request: Request, name: str, cached: str) -> Response:
    plain, packed = _bytes(name, _built_at())
    headers = ANYWHERE | {"cache-control": cached, "vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            packed, headers=headers | {"content-encoding": "gzip"}, media_type="text/javascript"
        )
    return Response(plain, headers=headers, media_type="text/javascript")


def _built_at() -> int:
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1)
def _manifest(built_at: int) -> dict[str, str]:
    if not built_at:
        return {}
    names: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return names


@lru_cache(maxsize=8)
def _bytes(name: str, built_at: int) -> tuple[bytes, bytes]:
    plain = (DIST / name).read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0)


routes: list[BaseRoute] = [
    Route("/widget.js", loader, methods=["GET"]),
    Route("/widget/assets/{name}", app, methods=["GET"]),
    Route("/widget/{channel}/config", config, methods=["GET"]),
]
