"""The spool: raw input made durable before anybody answers “accepted”.

`store` is for threads (SMTP, IMAP), `Writer` for the lean doors: it commits in groups, draining
whatever has gathered while the last commit ran, and answers each caller after its commit.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import structlog
from django.db import transaction

from sportello.channels.contract import Raw
from sportello.core import files, live, sql
from sportello.core.clock import now
from sportello.core.pool import pool

log = structlog.get_logger(__name__)

INLINE_LIMIT = 64 * 1024
"""Bytes; larger bodies become a file, fsynced before the answer."""
GROUP = 500
QUEUE = 5_000


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


_INSERT = """
WITH item AS (
  INSERT INTO channels_spoolitem
    (channel_id, order_key, external_ids, content_hash, source, headers, query, body, size, received_at)
  SELECT channel_id, order_key, ARRAY(SELECT jsonb_array_elements_text(external_ids)), content_hash, source,
         headers, query, body, size, received_at
  FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::text[], %s::text[], %s::jsonb[], %s::text[],
              %s::bytea[], %s::bigint[], %s::timestamptz[])
    AS t(channel_id, order_key, external_ids, content_hash, source, headers, query, body, size, received_at)
  RETURNING id, channel_id, order_key
), todo AS (
  INSERT INTO channels_spooltodo (item_id, channel_id, order_key) SELECT id, channel_id, order_key FROM item
)
SELECT id FROM item
"""


def _clean(text: str) -> str:
    return text.replace("\x00", "")


def _arguments(items: Sequence[SpoolItem]) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in range(10)]
    for item in items:
        body = item.raw.body
        sha256 = hashlib.sha256(body).hexdigest()
        inline = len(body) <= INLINE_LIMIT
        if not inline:
            files.write_durably(body, sha256)
        row = (
            item.channel_id,
            _clean(item.order_key)[:500],
            json.dumps([_clean(x)[:998] for x in item.external_ids]),
            sha256,
            item.raw.source,
            json.dumps(dict(item.raw.headers)).replace("\\u0000", ""),
            _clean(item.raw.query),
            body if inline else None,
            len(body),
            item.received_at or now(),
        )
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns


def body_path(content_hash: str) -> Path:
    """Where the body of a large item lies."""
    return files.path_of(content_hash)


def store(items: Sequence[SpoolItem]) -> list[int]:
    """Store raw input durably; returns the ids, in order, after the commit. Then pokes the applier."""
    if not items:
        return []
    arguments = _arguments(items)
    with transaction.atomic():
        ids = [row[0] for row in sql.fetch(_INSERT, arguments)]
    live.poke("spool")
    return ids


class Writer:
    """Group commit for the lean doors: ``await writer.put(item)`` returns the id after the commit."""

    def __init__(self, *, lanes: int = 2) -> None:
        self._queue: asyncio.Queue[tuple[SpoolItem, asyncio.Future[int]]] = asyncio.Queue(QUEUE)
        self._lanes = lanes
        self._tasks: list[asyncio.Task[None]] = []
        self._poker: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._drain()) for _ in range(self._lanes)]
        self._poker = asyncio.create_task(self._poke())

    async def stop(self) -> None:
        """Finish what was put, then end."""
        await self._queue.join()
        for task in [*self._tasks, *filter(None, [self._poker])]:
            task.cancel()

    async def put(self, item: SpoolItem) -> int:
        """Raises `Full` at once instead of growing memory."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((item, future))
        except asyncio.QueueFull:
            raise Full from None
        return await future

    async def _drain(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < GROUP and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._store(batch)
            finally:
                for _ in batch:
                    self._queue.task_done()

    async def _store(self, batch: list[tuple[SpoolItem, asyncio.Future[int]]]) -> None:
        try:
            ids = await self._insert([item for item, _ in batch])
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(batch) == 1:
                _settle(batch[0][1], error)
            else:
                for one in batch:
                    await self._store([one])
            return
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
            log.warning("spool.away", error=str(error))
            for _, future in batch:
                _settle(future, Away())
            return
        except Exception as error:
            for _, future in batch:
                _settle(future, error)
            return
        for (_, future), item_id in zip(batch, ids, strict=True):
            _settle(future, item_id)
        self._news.set()

    async def _insert(self, items: list[SpoolItem]) -> list[int]:
        large = any(len(item.raw.body) > INLINE_LIMIT for item in items)
        arguments = await asyncio.to_thread(_arguments, items) if large else _arguments(items)
        async with pool().connection() as conn:
            cursor = await conn.execute(_INSERT, arguments)
            return [row[0] for row in await cursor.fetchall()]

    async def _poke(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.to_thread(live.poke, "spool")


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
