"""The check of a PostgreSQL that the operator brings by ``DATABASE_URL``."""

from __future__ import annotations

import psycopg

from sportello.core.database.extensions import EXTENSIONS

OLDEST = 16


class UnfitServerError(RuntimeError):
    """The server cannot carry Sportello; the message names everything that is missing."""


def check(dsn: str) -> None:
    """Raise ``UnfitServerError`` unless the server is reachable, new enough and has the extensions."""
    try:
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
            rows = connection.execute(
                "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)]
            )
            available = {row[0] for row in rows}
    except psycopg.OperationalError as error:
        raise UnfitServerError(f"DATABASE_URL: the server cannot be reached: {error}") from error
    faults = [f"it is version {version}, at least {OLDEST} is needed"] if version < OLDEST else []
    missing = [name for name in EXTENSIONS if name not in available]
    if missing:
        faults.append(
            f"these extensions are not installed on the server: {', '.join(missing)}"
            " (Debian: postgresql-contrib and postgresql-NN-pgvector)"
        )
    if faults:
        raise UnfitServerError("DATABASE_URL: " + "; ".join(faults))
