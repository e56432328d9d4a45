"""How tests come by an empty database: migrated once, copied per worker, and swept row by row."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_django import DjangoDbBlocker

MIGRATED = "test_migrated"
"""The database that the workers' own are copies of."""

REGISTERED = frozenset({"django_content_type", "auth_permission"})
"""Tables that the migration filled and no test changes."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time does what several could begin."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copy_of_migrated(folder: Path) -> None:
    """The test database is made as a copy; what it is a copy of is migrated by whoever comes first."""
    from django.conf import settings
    from django.db import connection

    test, ours = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    name = test["NAME"]
    with alone(folder):
        if not (folder / MIGRATED).exists():
            test["NAME"] = MIGRATED
            connection.creation.create_test_db(verbosity=0)
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = ours
            (folder / MIGRATED).touch()
    test["NAME"], test["TEMPLATE"] = name, MIGRATED


@contextmanager
def standing(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows that several tests share: what the body writes stays until its fixture ends.

    Each test changes them in a savepoint of its own. For fixtures of modules without ``transaction=True``.
    """
    from django.db import transaction

    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # durable blocks may begin inside, as in a test
    with blocker.unblock():
        whole.__enter__()
    try:
        yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


def sweep_quickly() -> None:
    """After a test that committed: delete the few rows there are. Truncating a hundred and fifty tables, and
    registering their models anew, took longer than most tests.
    """
    from django.core.management.commands import flush
    from django.db.backends.postgresql.operations import DatabaseOperations

    DatabaseOperations.sql_flush = _emptied  # type: ignore[method-assign]
    flush.emit_post_migrate_signal = lambda *_args, **_options: None


def _emptied(
    self: Any,
    style: Any,
    tables: list[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> list[str]:
    names = ", ".join(f"'{name}'" for name in tables if name not in REGISTERED)
    loop = f"FOREACH name IN ARRAY ARRAY[{names}] LOOP EXECUTE format('DELETE FROM %I', name); END LOOP"
    return [
        "SET LOCAL session_replication_role = replica",  # no triggers, no foreign keys
        f"DO $$ DECLARE name text; BEGIN {loop}; END $$",
        "SET LOCAL session_replication_role = DEFAULT",
    ]
