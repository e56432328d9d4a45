"""Rows as PostgreSQL's COPY wants them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched
from typing import Any, LiteralString

import psycopg


def copy_in(connection: psycopg.Connection, head: LiteralString, rows: Iterable[str]) -> None:
    with connection.cursor().copy(f"COPY {head} FROM STDIN") as copy:
        for some in batched(rows, 500):
            copy.write("".join(some))


def line(*values: Any) -> str:
    return "\t".join([_WRITE[type(value)](value) for value in values]) + "\n"


def _text(value: str) -> str:
    if "\\" in value or "\n" in value or "\t" in value:
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return value


def _array(values: list[Any]) -> str:
    inside = ",".join([json.dumps(value, ensure_ascii=False) for value in values])
    return "{" + inside.replace("\\", "\\\\") + "}"


_WRITE: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    str: _text,
    int: str,
    datetime: datetime.isoformat,
    list: _array,
}
