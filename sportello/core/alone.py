"""One process at a time: a session advisory lock on a connection of its own, gone with the process."""

from __future__ import annotations

import psycopg

from sportello.core import dsn


class Alone:
    """``alone.held()`` is true while this process holds the lock; it keeps trying otherwise."""

    def __init__(self, key: int) -> None:
        self._key = key
        self._connection: psycopg.Connection | None = None
        self._has = False

    def held(self) -> bool:
        """Costs one round trip. False when another process has it or the database is away."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection, self._has = psycopg.connect(dsn.current(), autocommit=True), False
            statement = "SELECT true" if self._has else f"SELECT pg_try_advisory_lock({self._key})"
            row = self._connection.execute(statement).fetchone()
            self._has = bool(row and row[0])
        except psycopg.OperationalError:
            self.release()
        return self._has

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._has = None, False
