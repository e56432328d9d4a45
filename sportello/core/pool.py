"""The asynchronous database pool of the lean doors, one per process."""

from __future__ import annotations

from psycopg_pool import AsyncConnectionPool

from sportello.core import dsn

_pool: AsyncConnectionPool | None = None


def pool() -> AsyncConnectionPool:
    """The open pool. Raises `RuntimeError` before `open_pool`."""
    if _pool is None:
        raise RuntimeError("The pool is opened when the doors start.")
    return _pool


async def open_pool(*, size: int = 4) -> AsyncConnectionPool:
    global _pool
    if _pool is None:
        _pool = AsyncConnectionPool(
            dsn.current(), min_size=1, max_size=size, open=False, kwargs={"autocommit": True}
        )
        await _pool.open()
    return _pool


async def close_pool() -> None:
    global _pool
    if _pool is not None:
        await _pool.close()
        _pool = None
