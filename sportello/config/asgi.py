"""The one port: lean doors first, hashed static files, and Django behind the bridge for all other paths."""

from __future__ import annotations

import importlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any, cast
from urllib.parse import urlsplit

import django
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.finders import get_finders  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

from sportello.config import health, memory  # noqa: E402
from sportello.config.bridge import WsgiBridge  # noqa: E402
from sportello.core.pool import close_pool, open_pool  # noqa: E402

LEAN_ROOMS = ("intake", "realtime", "widget", "workspace")
_BEHIND = "sportello.page"
NOWHERE = "/nowhere/"
"""A path that no door has: what is asked of the files' origin and is no file."""
nothing = Mount(NOWHERE.rstrip("/"), PlainTextResponse("Not found.", 404))


class HashedStaticFiles(StaticFiles):
    """``sportello/static`` and the rooms' own; what the build named by its content is kept for ever."""

    def __init__(self) -> None:
        super().__init__(directory=None, check_dir=False)
        self.all_directories = [
            storage.location
            for finder in get_finders()
            for storage in getattr(finder, "storages", {}).values()
        ]

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = path.startswith("dist/") and not path.endswith("manifest.json")
        lifetime = "public, max-age=31536000, immutable" if hashed else "public, max-age=300"
        response.headers["cache-control"] = lifetime
        return response


class LeanHeaders:
    """Gives the doors outside Django's middleware the headers that Django gives its pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }
        if settings.SECURE_HSTS_SECONDS:
            self.headers["strict-transport-security"] = (
                f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and _BEHIND not in scope:
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


type Fast = dict[tuple[str, str], ASGIApp]


class Front:
    """The few doors that are asked thousands of times a second, or held open by thousands, before the layers
    that all others share.
    """

    def __init__(self, fast: Fast, app: ASGIApp) -> None:
        self.fast, self.app = fast, app
        files = urlsplit(settings.SPORTELLO_FILES_URL)
        own = urlsplit(settings.SPORTELLO_URL)
        self.files_host = (files.hostname or "") if files.netloc != own.netloc else ""
        self.shares_name = files.hostname == own.hostname
        self.files_netloc = files.netloc.lower()

    def _is_files_host(self, scope: Scope) -> bool:
        """Whether somebody asks the origin that has nothing but files (`SPORTELLO_FILES_URL`)."""
        said = next((value for name, value in scope["headers"] if name == b"host"), b"")
        host = said.decode("latin-1").lower()
        if self.shares_name:
            return host == self.files_netloc
        return host.partition(":")[0].rstrip(".") == self.files_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            self.files_host
            and scope["type"] in {"http", "websocket"}
            and self._is_files_host(scope)
        ):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4404})
                return
            if not scope["path"].startswith("/files/") and scope["path"] != "/healthz":
                scope = {**scope, "path": NOWHERE, "raw_path": NOWHERE.encode()}
                await self.app(scope, receive, send)
                return
        if scope["type"] == "http":
            path: str = scope["path"]
            door = self.fast.get((scope["method"], path[: path.find("/", 1) + 1]))
            if door is not None:
                await door(scope, receive, send)
                return
        elif scope["type"] == "websocket":
            path = scope["path"]
            door = self.fast.get(("WEBSOCKET", path[: path.rfind("/") + 1]))
            if door is not None:
                await door(scope, receive, send)
                return
        await self.app(scope, receive, send)


def application() -> ASGIApp:
    """Compose the doors that exist into one ASGI application."""
    rooms = [importlib.import_module(f"sportello.{room}.routes") for room in LEAN_ROOMS]
    routes: list[BaseRoute] = [*health.routes, nothing]
    for room in rooms:
        routes += cast("list[BaseRoute]", room.routes)
    routes.append(Mount("/static", GZipMiddleware(HashedStaticFiles(), minimum_size=1000)))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await open_pool()
        for room in rooms:
            await _call(room, "startup", app)
        memory.settle()
        try:
            yield
        finally:
            for room in reversed(rooms):
                await _call(room, "shutdown", app)
            await close_pool()

    app = Starlette(routes=routes, middleware=[Middleware(LeanHeaders)], lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = _behind(
        WsgiBridge(WSGIHandler(), max_body=settings.SPORTELLO_MAX_REQUEST_BODY)
    )
    fast: Fast = {}
    for room in rooms:
        fast |= getattr(room, "fast", {})
    return Front(fast, app)


def _behind(bridge: ASGIApp) -> ASGIApp:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404})
            return
        scope[_BEHIND] = True
        await bridge(scope, receive, send)

    return page


async def _call(room: ModuleType, hook: str, app: Starlette) -> None:
    function: Callable[[Starlette], Awaitable[Any]] | None = getattr(room, hook, None)
    if function is not None:
        await function(app)


app = application()
