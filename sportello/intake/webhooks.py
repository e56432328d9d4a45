"""The webhook door: verify on the raw bytes, spool, answer after the commit.

`door` is raw ASGI and works under any server; under ours `intake.protocol` takes the same steps without a task
and an ASGI cycle for each request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import DatabaseError
from starlette.types import Receive, Scope, Send

from sportello.channels import spool
from sportello.channels.contract import KeysWanted, Raw, Refused
from sportello.channels.queries import Mouth, channel_by_public_id, mouths_at_hand
from sportello.core.net import Net, NetError
from sportello.intake import rates, refusals

PREFIX = "/intake/"
MAX_BODY = 10 * 1024 * 1024
SLOW_CLIENT = 20.0
"""Seconds a client may take to send its body."""
BETWEEN_LESSONS = 60.0
"""Seconds: whoever sends tokens with invented key ids makes us ask the vendor no more often."""
AFTER_A_FAILURE = 5.0

log = structlog.get_logger(__name__)
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
TAKEN = [(b"content-length", b"0"), (b"x-content-type-options", b"nosniff")]
_lessons: dict[int, asyncio.Lock] = {}
_learnt: dict[int, tuple[float, bool]] = {}
"""Channel → until when its vendor's keys are not asked for again, and whether that failed."""
_OURS: str = settings.SPORTELLO_URL
"""Read once: each look at Django's settings costs as much as comparing a signature."""


class Answer(Exception):
    """Anything but “stored”: a sentence for whoever reads the vendor's log, or what he asked for."""

    def __init__(
        self,
        status: int,
        text: str,
        retry_after: int = 0,
        content_type: str = "text/plain; charset=utf-8",
    ) -> None:
        super().__init__(text)
        self.status, self.text, self.retry_after = status, text, retry_after
        self.content_type = content_type

    def headers(self) -> list[tuple[bytes, bytes]]:
        about = [
            (b"content-type", self.content_type.encode()),
            (b"content-length", str(len(self.text.encode())).encode()),
        ]
        later = [(b"retry-after", str(self.retry_after).encode())] if self.retry_after else []
        return [*about, *_HEADERS, *later]


BUSY = Answer(503, "Busy; try again.", 2)


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """``POST /intake/<channel>``: 200 after the raw bytes are on disk. Some vendors append a path of their own."""
    try:
        await _take(scope, receive)
    except Answer as answer:
        start = {"type": "http.response.start", "status": answer.status}
        await send(start | {"headers": answer.headers()})
        await send({"type": "http.response.body", "body": answer.text.encode()})
        return
    await send({"type": "http.response.start", "status": 200, "headers": TAKEN})
    await send({"type": "http.response.body", "body": b""})


async def _take(scope: Scope, receive: Receive) -> None:
    """Spools it, or raises the `Answer` that there is instead."""
    mouth = await mouth_of(scope["path"].removeprefix(PREFIX).partition("/")[0])
    if mouth is None or not mouth.provider.capabilities.inbound_webhook:
        raise Answer(404, "There is no such channel.")
    if not mouth.is_active:
        raise Answer(410, "This channel is off.")
    body = await _body_in_time(receive)
    query = scope["query_string"].decode("latin-1")
    raw = first_look(mouth, scope["path"], query, scope["headers"], body)
    try:
        await _verify(raw, mouth)
    except Refused:
        raise refused(mouth) from None
    try:
        await spool.writer().put(item(mouth, raw))
    except spool.Full:
        raise BUSY from None


def first_look(
    mouth: Mouth, path: str, query: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
) -> Raw:
    """What came, unless it is too much or only a question: then raises the `Answer`, and nothing is kept."""
    if not rates.allowed(mouth.id):
        raise Answer(429, "This channel gets more than it may.", 1)
    told = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    raw = Raw(body, told, query, url=_called(path, query))
    try:
        asked = mouth.provider.handshake(raw, mouth.settings)
    except Refused:
        raise refused(mouth) from None
    if asked:
        raise Answer(asked.status, asked.body, content_type=asked.content_type)
    return raw


def refused(mouth: Mouth) -> Answer:
    """A bad signature is counted for the channel page, in a thread, and not stored."""
    asyncio.get_running_loop().run_in_executor(None, refusals.count, mouth.id)
    return Answer(401, "The signature does not fit this channel's secret.")


def item(mouth: Mouth, raw: Raw) -> spool.SpoolItem:
    """How genuine input is stored."""
    envelope = mouth.provider.envelope(raw)
    return spool.SpoolItem(mouth.id, envelope.order_key, envelope.external_ids, raw)


async def _verify(raw: Raw, mouth: Mouth) -> None:
    """Raises `Refused`. The vendor's keys are fetched here, in a thread, and kept by the provider."""
    try:
        mouth.provider.verify(raw, mouth.settings)
    except KeysWanted:
        async with _lessons.setdefault(mouth.id, asyncio.Lock()):
            await _learn(raw, mouth)


async def _learn(raw: Raw, mouth: Mouth) -> None:
    try:
        mouth.provider.verify(raw, mouth.settings)  # somebody learnt them while this one waited
    except KeysWanted:
        again, failed = _learnt.get(mouth.id, (0.0, False))
        if time.monotonic() < again and not failed:
            raise
        if time.monotonic() >= again:
            failed = not await _taught(mouth)
        if failed:
            raise Answer(503, "The vendor's keys cannot be fetched; try again.", 10) from None
        mouth.provider.verify(raw, mouth.settings)


async def _taught(mouth: Mouth) -> bool:
    try:
        await asyncio.to_thread(mouth.provider.learn_keys, mouth.settings, Net.from_environ())
    except NetError as error:
        log.warning("intake.no_keys", channel=mouth.id, error=str(error))
        _learnt[mouth.id] = time.monotonic() + AFTER_A_FAILURE, True
        return False
    _learnt[mouth.id] = time.monotonic() + BETWEEN_LESSONS, False
    return True


def _called(path: str, query: str) -> str:
    """The address as the vendor called it: proxies change the host, the operator knows it."""
    return f"{_OURS}{path}{'?' if query else ''}{query}"


async def mouth_of(public_id: str) -> Mouth | None:
    """From memory while it is fresh; asked of the database, in a thread, every two seconds."""
    known = mouths_at_hand()
    if known is not None:
        return known.get(public_id)
    try:
        return await asyncio.to_thread(channel_by_public_id, public_id)
    except DatabaseError as error:
        log.warning("intake.away", error=str(error))
        raise BUSY from None


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
