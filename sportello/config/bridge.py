"""The thin bridge from the ASGI port to Django's WSGI handler: bodies are spooled in the event loop,
then one hop to a thread does the whole request. What streams for long belongs in a lean Starlette route.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from starlette.types import Message, Receive, Scope, Send

type WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_IN_MEMORY = 1 << 20
_PORTION = 1 << 18
_TOO_LARGE = "413 Content Too Large"


@dataclass(slots=True)
class _Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    portion: bytes
    rest: Iterator[bytes] | None
    """What is still to come, closed by ``_close``; None when ``portion`` was all."""
    source: Iterable[bytes]


class WsgiBridge:
    """An ASGI application that answers HTTP by a WSGI one, in ``threads`` threads of its own."""

    def __init__(self, app: WsgiApp, *, threads: int = 4, max_body: int = 64 << 20) -> None:
        self.app = app
        self.max_body = max_body
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            size = await _spool(receive, body, self.max_body)
            if size is None:
                return  # the client left before it had said everything
            if size > self.max_body:
                await _refuse(send)
                return
            hop = asyncio.get_running_loop().run_in_executor
            answer = await hop(self.threads, self._answer, _environ(scope, body, size))
            await send(
                {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
            )
            if answer.rest is None:
                await send({"type": "http.response.body", "body": answer.portion})
                return
            gone = asyncio.ensure_future(receive())
            try:
                while answer.portion and not gone.done():
                    await send(
                        {"type": "http.response.body", "body": answer.portion, "more_body": True}
                    )
                    answer.portion = await hop(self.threads, _next_portion, answer.rest)
                await send({"type": "http.response.body", "body": b""})
            finally:
                gone.cancel()
                await hop(self.threads, _close, answer.source)

    def _answer(self, environ: dict[str, Any]) -> _Answer:
        status, answer_headers = 500, list[tuple[bytes, bytes]]()

        def start_response(
            line: str, headers: list[tuple[str, str]], *_: object
        ) -> Callable[[bytes], None]:
            nonlocal status
            status = int(line[:3])
            answer_headers[:] = [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ]
            return lambda _data: None

        source = self.app(environ, start_response)
        rest = iter(source)
        try:
            portion = _next_portion(rest)
            more = next(rest, None) if len(portion) >= _PORTION else None
        except BaseException:
            _close(source)
            raise
        if more is None:
            _close(source)
            return _Answer(status, answer_headers, portion, None, source)
        return _Answer(status, answer_headers, portion + more, rest, source)


async def _spool(receive: Receive, body: SpooledTemporaryFile[bytes], limit: int) -> int | None:
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size += len(message.get("body", b""))
        if size > limit:
            return size
        body.write(message.get("body", b""))
        if not message.get("more_body", False):
            body.seek(0)
            return size


async def _refuse(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        (b"connection", b"close"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE.encode()})


def _environ(scope: Scope, body: SpooledTemporaryFile[bytes], size: int) -> dict[str, Any]:
    server = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": scope["path"].encode("utf-8").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue  # would be taken for its twin with a hyphen
        name, value = (
            raw_name.decode("latin-1").upper().replace("-", "_"),
            raw_value.decode("latin-1"),
        )
        if name == "CONTENT_TYPE":
            environ[name] = value
        elif name != "CONTENT_LENGTH":
            key = f"HTTP_{name}"
            joint = "; " if name == "COOKIE" else ","
            environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ


def _next_portion(rest: Iterator[bytes]) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in rest:
        chunks.append(chunk)
        size += len(chunk)
        if size >= _PORTION:
            break
    return b"".join(chunks)


def _close(source: Iterable[bytes]) -> None:
    close = getattr(source, "close", None)
    if close is not None:
        try:
            close()
        except Exception:
            logging.getLogger(__name__).exception("closing a response failed")
