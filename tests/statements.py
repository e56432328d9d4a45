"""What the database is asked, by Django and by `core.sql` alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements of this thread's connection, in their order."""
    seen: list[str] = []

    def note(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(statement)
        return execute(statement, params, many, context)

    with connection.execute_wrapper(note):
        yield seen
