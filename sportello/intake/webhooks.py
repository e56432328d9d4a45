"""The webhook door, raw ASGI: verify on the raw bytes, spool, answer after the commit.

It stands before Starlette, whose layers cost three times what the work itself costs.
"""

from __future__ import annotations

import asyncio

import structlog
from django.conf import settings
from django.db import DatabaseError
from starlette.types import Receive, Scope, Send

from sportello.channels import spool
from sportello.channels.contract import Raw, Refused
from sportello.channels.queries import Mouth, channel_by_public_id, mouths_at_hand
from sportello.intake import refusals

PREFIX = "/intake/"
MAX_BODY = 10 * 1024 * 1024
SLOW_CLIENT = 20.0
"""Seconds a client may take to send its body."""

log = structlog.get_logger(__name__)
_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_TAKEN = [(b"content-length", b"0"), (b"x-content-type-options", b"nosniff")]


class Answer(Exception):
    """Anything but “stored”: a status and a sentence for whoever reads the vendor's log."""

    def __init__(self, status: int, text: str, retry_after: int = 0) -> None:
        super().__init__(text)
        self.status, self.text, self.retry_after = status, text, retry_after


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """``POST /intake/<channel>``: 200 after the raw bytes are on disk."""
    try:
        await _take(scope, receive)
    except Answer as answer:
        body = answer.text.encode()
        headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
        if answer.retry_after:
            headers.append((b"retry-after", str(answer.retry_after).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": 200, "headers": _TAKEN})
    await send({"type": "http.response.body", "body": b""})


async def _take(scope: Scope, receive: Receive) -> None:
    mouth = await mouth_of(scope["path"].removeprefix(PREFIX))
    if mouth is None or not mouth.provider.capabilities.inbound_webhook:
        raise Answer(404, "There is no such channel.")
    if not mouth.is_active:
        raise Answer(410, "This channel is off.")
    body = await _body_in_time(receive)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    raw = Raw(body, headers, query, url=_called(scope["path"], query))
    try:
        mouth.provider.verify(raw, mouth.settings)
    except Refused:
        await asyncio.to_thread(refusals.count, mouth.id)
        raise Answer(401, "The signature does not fit this channel's secret.") from None
    envelope = mouth.provider.envelope(raw)
    item = spool.SpoolItem(mouth.id, envelope.order_key, envelope.external_ids, raw)
    try:
        await spool.writer().put(item)
    except spool.Full:
        raise Answer(503, "Busy; try again.", 2) from None


def _called(path: str, query: str) -> str:
    """The address as the vendor called it: proxies change the host, the operator knows it."""
    return f"{settings.SPORTELLO_URL}{path}{'?' if query else ''}{query}"


async def mouth_of(public_id: str) -> Mouth | None:
    """From memory while it is fresh; asked of the database, in a thread, every two seconds."""
    known = mouths_at_hand()
    if known is not None:
        return known.get(public_id)
    try:
        return await asyncio.to_thread(channel_by_public_id, public_id)
    except DatabaseError as error:
        log.warning("intake.away", error=str(error))
        raise Answer(503, "Busy; try again.", 2) from None


async def _body_in_time(receive: Receive) -> bytes:
    """A bare timer: ``asyncio.timeout`` costs as much as checking the signature."""
    task, late = asyncio.current_task(), False

    def give_up() -> None:
        nonlocal late
        late = True
        if task is not None:
            task.cancel()

    timer = asyncio.get_running_loop().call_later(SLOW_CLIENT, give_up)
    try:
        return await _body(receive)
    except asyncio.CancelledError:
        if late and task is not None:
            task.uncancel()
            raise Answer(408, "The body did not arrive in time.") from None
        raise
    finally:
        timer.cancel()


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Answer(408, "The body did not arrive.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise Answer(413, f"At most {MAX_BODY} bytes.")
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
