"""The PostgreSQL extensions that the schema stands on."""

from __future__ import annotations

import psycopg
from psycopg import sql

EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gin")


def install(dsn: str) -> None:
    """Create the extensions in one database; a no-op where they are."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        for name in EXTENSIONS:
            if name not in known:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
                )
