"""Set-based SQL over Django's connection, with parameters bound by the server.

Django's own cursors write parameters into the text of the statement, which costs more than the
statement itself when a parameter is an array of a hundred messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection, transaction


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement in the running transaction; returns its rows, if it has any."""
    connection.ensure_connection()
    if not connection.in_atomic_block and not connection.get_autocommit():
        raise transaction.TransactionManagementError("No transaction is open.")
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows → columns, as ``unnest`` wants them."""
    return [list(column) for column in zip(*rows, strict=True)]
