"""``sportello doctor``: what works, what does not, and what to do about it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator

import psycopg

from sportello.config.database import at_hand
from sportello.config.env import ROOT, Env
from sportello.config.heartbeat import PARTS, STALE_AFTER
from sportello.core.database import outside
from sportello.core.database.embedded import is_running

type Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, what to do (or a detail)."""


def examine(env: Env) -> int:
    """Print every finding. Returns 1 when one of them is bad."""
    well = True
    with at_hand(env):
        for check in (
            _database,
            _schema,
            _processes,
            _ports,
            _front_end,
            _disk,
            _secrecy,
            _outgoing_mail,
        ):
            for ok, what, detail in _try(check, env):
                well = well and ok
                print(f"{'ok ' if ok else 'BAD'}  {what:<22} {detail}")
    return 0 if well else 1


def _try(check: Callable[[Env], Iterator[Finding]], env: Env) -> Iterator[Finding]:
    try:
        yield from check(env)
    except Exception as error:
        yield False, check.__name__.strip("_").replace("_", " "), str(error).strip()


def _database(env: Env) -> Iterator[Finding]:
    outside.check(env.dsn)
    with psycopg.connect(env.dsn) as connection:
        row = connection.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database()))"
        ).fetchone()
        version = connection.info.server_version // 10000
    kind = "outside" if env.database_url else "embedded"
    yield True, "database", f"{kind} PostgreSQL {version}, {row[0] if row else '?'}"


def _schema(env: Env) -> Iterator[Finding]:
    import django

    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield (
        not waiting,
        "schema",
        f"{len(waiting)} migrations wait: sportello migrate" if waiting else "up to date",
    )


def _processes(env: Env) -> Iterator[Finding]:
    if not env.database_url and not is_running(env.data_dir):
        return
    with psycopg.connect(env.dsn) as connection:
        rows = connection.execute(
            "SELECT name, extract(epoch FROM clock_timestamp() - at) FROM core_heartbeat"
        )
        ages = {name: float(age) for name, age in rows}
    for part in PARTS:
        age = ages.get(part)
        alive = age is not None and age < STALE_AFTER
        yield (
            alive,
            part,
            f"last sign of life {age:.0f} s ago"
            if age is not None
            else "never seen: sportello serve",
        )


def _ports(env: Env) -> Iterator[Finding]:
    for what, host, port in (
        ("web port", env.host, env.port),
        ("mail port", env.smtp_host, env.smtp_port),
    ):
        with socket.socket() as probe:
            probe.settimeout(1)
            taken = probe.connect_ex((host, port)) == 0
        yield True, what, f"{host}:{port} {'answers' if taken else 'is free'}"


def _front_end(env: Env) -> Iterator[Finding]:
    built = (ROOT / "sportello" / "static" / "dist" / "manifest.json").exists()
    yield built, "front end", "built" if built else "not built: bin/install"


def _disk(env: Env) -> Iterator[Finding]:
    free = shutil.disk_usage(env.data_dir).free >> 20
    yield free > 1024, "disk", f"{free:,} MB free in {env.data_dir}"


def _secrecy(env: Env) -> Iterator[Finding]:
    path = env.data_dir / "secret_key"
    if path.exists():
        private = path.stat().st_mode & 0o077 == 0
        yield (
            private,
            "secret key",
            "readable by its owner alone" if private else f"chmod 600 {path}",
        )
    local = any(name in env.url for name in ("localhost", "127.0.0.1"))
    yield (
        env.secure or local,
        "address",
        env.url if env.secure or local else f"{env.url}: use https",
    )


def _outgoing_mail(env: Env) -> Iterator[Finding]:
    yield (
        True,
        "outgoing mail",
        "EMAIL_URL is set" if env.email_url else "no EMAIL_URL: per-channel SMTP only",
    )
