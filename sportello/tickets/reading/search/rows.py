"""Two things that all statements of the search need."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection


def like(text: str) -> str:
    """A pattern for what has this in it, letter by letter."""
    return "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"


def rows_of(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def ids_of(statement: str, params: dict[str, Any]) -> list[int]:
    """The first column."""
    return [row[0] for row in rows_of(statement, params)]
