"""The door for shops' webhooks: verify on the raw bytes, keep, answer after the commit."""

from __future__ import annotations

import asyncio

from django.db import DatabaseError, close_old_connections
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sportello.commerce import arrivals, queries
from sportello.commerce.contract import Raw, Refused
from sportello.core.clock import now
from sportello.intake import refusals

MAX_BODY = 5 * 1024 * 1024
SLOW_CLIENT = 20.0
"""Seconds a shop may take to send its body."""
BUSY = PlainTextResponse("Busy; try again.", 503, {"retry-after": "5"})


class TooLarge(Exception):
    """More than `MAX_BODY`."""


async def hook(request: Request) -> Response:
    """``POST /connect/<connection>``: 200 after the raw bytes are on disk."""
    try:
        async with asyncio.timeout(SLOW_CLIENT):
            body = await _body(request)
    except TooLarge:
        return PlainTextResponse(f"At most {MAX_BODY} bytes.", 413)
    except TimeoutError:
        return PlainTextResponse("The body did not arrive in time.", 408)
    raw = Raw(body, dict(request.headers), request.url.query)
    try:
        return await asyncio.to_thread(_take, request.path_params["connection"], raw)
    except DatabaseError:
        return BUSY


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _take(public_id: str, raw: Raw) -> Response:
    try:
        connection = queries.by_public_id(public_id[:64].replace("\x00", ""))
        if connection is None or not connection.code.has_webhook:
            return PlainTextResponse("There is no such connection.", 404)
        if not connection.is_active:
            return PlainTextResponse("This connection is off.", 410)
        if connection.code.is_ping(raw):
            return Response(status_code=200)
        try:
            connection.code.verify(raw, connection.settings)
        except Refused:
            refusals.count_of_shop(connection.pk)
            return PlainTextResponse("The signature does not fit this connection's secret.", 401)
        arrivals.hear(connection, raw, received_at=now())
        return Response(status_code=200)
    finally:
        close_old_connections()
