"""Rows as PostgreSQL's COPY wants them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import batched
from typing import Any, LiteralString

import psycopg


def copy_in(connection: psycopg.Connection, head: LiteralString, rows: Iterable[str]) -> None:
    with connection.cursor().copy(f"COPY {head} FROM STDIN") as copy:
        for some in batched(rows, 500):
            copy.write("".join(some))


def line(*values: Any) -> str:
    return "\t".join([_text(value) for value in values]) + "\n"


def _text(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case str():
            return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        case datetime():
            return value.isoformat()
        case list():
            inside = ",".join(json.dumps(v, ensure_ascii=False) for v in value)
            return "{" + inside.replace("\\", "\\\\") + "}"
    return str(value)
