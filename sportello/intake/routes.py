"""The webhook door: verify on the raw bytes, spool, answer after the commit."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

from django.db import DatabaseError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from sportello.channels import spool
from sportello.channels.contract import Raw, Refused
from sportello.channels.queries import Mouth, channel_by_public_id, forget, mouths_at_hand
from sportello.core import live
from sportello.intake import refusals

MAX_BODY = 10 * 1024 * 1024
SLOW_CLIENT = 20.0
"""Seconds a client may take to send its body."""


async def receive(request: Request) -> Response:
    """``POST /intake/<channel>``: 200 after the raw bytes are on disk."""
    try:
        mouth = await _mouth(request)
    except DatabaseError:
        return _busy()
    if mouth is None or not mouth.provider.capabilities.inbound_webhook:
        return PlainTextResponse("There is no such channel.", 404)
    if not mouth.is_active:
        return PlainTextResponse("This channel is off.", 410)
    try:
        body = await asyncio.wait_for(_body(request), SLOW_CLIENT)
    except (TimeoutError, ClientDisconnect):
        return PlainTextResponse("The body did not arrive in time.", 408)
    if body is None:
        return PlainTextResponse(f"At most {MAX_BODY} bytes.", 413)
    raw = Raw(body, dict(request.headers), request.url.query)
    try:
        mouth.provider.verify(raw, mouth.settings)
    except Refused:
        await asyncio.to_thread(refusals.count, mouth.id)
        return PlainTextResponse("The signature does not fit this channel's secret.", 401)
    envelope = mouth.provider.envelope(raw)
    item = spool.SpoolItem(mouth.id, envelope.order_key, envelope.external_ids, raw)
    try:
        await spool.writer().put(item)
    except spool.Full:
        return _busy()
    return Response(status_code=200)


async def challenge(request: Request) -> Response:
    """``GET /intake/<channel>``: the vendor asks whether this is the right address."""
    mouth = await _mouth(request)
    answer = (
        mouth.provider.challenge(dict(parse_qsl(request.url.query)), mouth.settings)
        if mouth
        else None
    )
    if answer is None:
        return PlainTextResponse("Nothing to see here.", 404)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def _busy() -> Response:
    return PlainTextResponse("Busy; try again.", 503, {"Retry-After": "2"})


async def _mouth(request: Request) -> Mouth | None:
    public_id = request.path_params["channel"]
    if (known := mouths_at_hand()) is not None:
        return next((m for m in known.values() if m.public_id == public_id), None)
    return await asyncio.to_thread(channel_by_public_id, public_id)


async def _body(request: Request) -> bytes | None:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _channel_changed(topic: str, message: dict[str, object]) -> None:
    if topic == "channels":
        forget()


async def startup(app: Starlette) -> None:
    """Start the writer; channel settings are read anew when somebody pokes."""
    await spool.start_writer()
    live.listen_here(_channel_changed)


async def shutdown(app: Starlette) -> None:
    await spool.stop_writer()


routes: list[BaseRoute] = [
    Route("/intake/{channel}", receive, methods=["POST"]),
    Route("/intake/{channel}", challenge, methods=["GET"]),
]
