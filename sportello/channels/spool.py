"""The spool: raw input made durable before anybody answers “accepted”.

`store` is for threads (SMTP, IMAP), `Writer` for the lean doors: it commits in groups, draining
whatever has gathered while the last commit ran, and answers each caller after its commit.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import psycopg
import structlog
from django.db import transaction

from sportello.channels.contract import Raw
from sportello.core import blobs, live, sql
from sportello.core.clock import now
from sportello.core.plain import storable
from sportello.core.pool import pool

log = structlog.get_logger(__name__)

INLINE_LIMIT = 64 * 1024
"""Bytes; larger bodies become a file, fsynced before the answer."""
GROUP = 500
QUEUE = 5_000


BETWEEN_POKES = 0.005
"""Seconds; the first of a burst is told at once."""


class Full(Exception):
    """More has come in than can be stored at the moment: answer 503 with Retry-After."""


class Away(Full):
    """The database does not answer, or the disk takes no more: nothing is stored, try again later."""


@dataclass(frozen=True, slots=True)
class SpoolItem:
    """One raw input on its way to the disk."""

    channel_id: int
    order_key: str
    external_ids: tuple[str, ...]
    raw: Raw
    received_at: datetime | None = None


type Settle = Callable[[int | BaseException], None]
"""Told the id after the commit, or why there is none."""
type Waiting = tuple[SpoolItem, Settle]

_INSERT = """
WITH item AS (
  INSERT INTO channels_spoolitem
    (channel_id, order_key, external_ids, content_hash, source, headers, query, body, size, received_at)
  SELECT channel_id, order_key, external_ids, content_hash, source, headers, query,
         CASE WHEN at > 0 THEN substring(%s::bytea FROM at FOR size) END, size, received_at
  FROM json_to_recordset(%s::json)
    AS t(channel_id bigint, order_key text, external_ids text[], content_hash text, source text, headers jsonb,
         query text, at int, size int, received_at timestamptz)
  RETURNING id, channel_id, order_key
), todo AS (
  INSERT INTO channels_spooltodo (item_id, channel_id, order_key) SELECT id, channel_id, order_key FROM item
)
SELECT id FROM item
"""
"""Two parameters, all bodies end to end and all the rest as JSON: arrays cost ten times as much to write."""


def _arguments(items: Sequence[SpoolItem]) -> tuple[bytes, str]:
    rows: list[dict[str, Any]] = []
    bodies: list[bytes] = []
    at, moment = 1, now().isoformat()
    for item in items:
        raw = item.raw
        size, sha256 = len(raw.body), hashlib.sha256(raw.body).hexdigest()
        inline = size <= INLINE_LIMIT
        rows.append(
            {
                "channel_id": item.channel_id,
                "order_key": item.order_key[:500],
                "external_ids": [x[:998] for x in item.external_ids],
                "content_hash": sha256,
                "source": raw.source,
                "headers": dict(raw.headers),
                "query": raw.query,
                "at": at if inline else 0,
                "size": size,
                "received_at": item.received_at.isoformat() if item.received_at else moment,
            }
        )
        if inline:
            bodies.append(raw.body)
            at += size
        else:
            blobs.write_durably(raw.body, sha256)
    return b"".join(bodies), _json(rows)


def _json(rows: list[dict[str, Any]]) -> str:
    """Without what PostgreSQL does not keep (NUL, halves of surrogate pairs): rare, and seen in the whole."""
    try:
        text = orjson.dumps(rows)
    except orjson.JSONEncodeError:
        text = orjson.dumps(_cleaned(rows))
    return (orjson.dumps(_cleaned(rows)) if b"\\u0000" in text else text).decode()


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case list():
            return [_cleaned(one) for one in value]
        case dict():
            return {storable(key): _cleaned(one) for key, one in value.items()}
    return value


def body_path(content_hash: str) -> Path:
    """Where the body of a large item lies."""
    return blobs.path_of(content_hash)


def store(items: Sequence[SpoolItem]) -> list[int]:
    """Store raw input durably; returns the ids, in order, after the commit. Then pokes the applier."""
    if not items:
        return []
    arguments = _arguments(items)
    with transaction.atomic():
        ids = [row[0] for row in sql.fetch(_INSERT, arguments)]
    live.poke("spool")
    return ids


def hand_over(items: Sequence[SpoolItem]) -> None:
    """Store copies for sibling channels in the transaction that applies the original: once, or not at all."""
    if items:
        sql.fetch(_INSERT, _arguments(items))


class Writer:
    """Group commit for the lean doors: ``await writer.put(item)`` returns the id after the commit."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._there = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._drain()), asyncio.create_task(self._poke())]

    async def stop(self) -> None:
        """Finish what was put, then end."""
        await self._idle.wait()
        for task in self._tasks:
            task.cancel()

    def take(self, item: SpoolItem, settle: Settle) -> None:
        """Store it with the next group, then call `settle`. Raises `Full` at once instead of growing memory."""
        if len(self._waiting) >= QUEUE:
            raise Full
        if not self._waiting:
            self._there.set()
            self._idle.clear()
        self._waiting.append((item, settle))

    async def put(self, item: SpoolItem) -> int:
        """The id, after the commit. Raises `Full`."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.take(item, partial(_settle, future))
        return await future

    async def _drain(self) -> None:
        while True:
            await self._there.wait()
            batch, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            if not self._waiting:
                self._there.clear()
            if not batch:
                continue
            try:
                await self._store(batch)
            finally:
                if not self._waiting:
                    self._idle.set()

    async def _store(self, batch: list[Waiting]) -> None:
        try:
            ids = await self._insert([item for item, _ in batch])
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
            log.warning("spool.away", error=str(error))
            for _, settle in batch:
                settle(Away())
            return
        except Exception as error:
            if len(batch) == 1:
                batch[0][1](error)
                return
            for one in batch:
                await self._store([one])
            return
        for (_, settle), item_id in zip(batch, ids, strict=True):
            settle(item_id)
        self._news.set()

    async def _insert(self, items: list[SpoolItem]) -> list[int]:
        large = any(len(item.raw.body) > INLINE_LIMIT for item in items)
        arguments = await asyncio.to_thread(_arguments, items) if large else _arguments(items)
        async with pool().connection() as conn:
            cursor = await conn.execute(_INSERT, arguments, prepare=True)
            return [row[0] for row in await cursor.fetchall()]

    async def _poke(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.to_thread(live.poke, "spool")
            await asyncio.sleep(BETWEEN_POKES)


def _settle(future: asyncio.Future[int], result: int | BaseException) -> None:
    if future.done():
        return
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)


_writer: Writer | None = None


async def start_writer() -> Writer:
    """The process's writer, started. Call it when the doors open."""
    global _writer
    if _writer is None:
        _writer = Writer()
        await _writer.start()
    return _writer


async def stop_writer() -> None:
    global _writer
    if _writer is not None:
        await _writer.stop()
        _writer = None


def writer() -> Writer:
    """Raises `RuntimeError` before `start_writer`."""
    if _writer is None:
        raise RuntimeError("The spool's writer starts with the doors.")
    return _writer
