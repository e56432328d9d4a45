"""Which database a command works on: the operator's, or the embedded one, started when nobody runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sportello.config.env import Env
from sportello.core.database import outside
from sportello.core.database.embedded import EmbeddedPostgres, is_running


@contextmanager
def at_hand(env: Env) -> Iterator[None]:
    """Have the database answer for the duration: the running one, or the embedded one started for us alone."""
    if env.database_url or is_running(env.data_dir):
        yield
        return
    with EmbeddedPostgres(env.data_dir):
        yield


@contextmanager
def served(env: Env) -> Iterator[tuple[dict[str, str], EmbeddedPostgres | None]]:
    """For ``serve``: own the embedded server or check the operator's.

    Yields the children's environment, and the server when it is ours to keep alive.
    """
    environ = dict(os.environ)
    if env.database_url:
        outside.check(env.database_url)
        yield environ, None
        return
    with EmbeddedPostgres(env.data_dir) as server:
        yield environ | {"DATABASE_URL": server.conninfo}, server


def pool_connections() -> None:
    """For the web process, whose threads come and go with requests; a loop keeps a connection of its own.

    Call it between ``django.setup()`` and the first query.
    """
    from django.db import connections

    default = connections.settings["default"]
    default["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
    default["CONN_HEALTH_CHECKS"] = True
