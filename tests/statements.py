"""What the database is asked, by Django and by `core.sql` alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection

from sportello.core import sql


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements of this thread's connection, in their order."""
    seen: list[str] = []
    fetch = sql.fetch

    def note(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(statement)
        return execute(statement, params, many, context)

    def note_set_based(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        seen.append(statement)
        return fetch(statement, parameters)

    with patch.object(sql, "fetch", note_set_based), connection.execute_wrapper(note):
        yield seen
