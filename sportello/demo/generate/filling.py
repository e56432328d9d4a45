"""The whole run: indexes away, rows in, indexes back, statistics."""

from __future__ import annotations

import random
import sys
import time

import psycopg
from psycopg import sql

from sportello.accounts.models import Agent, Brand, Team
from sportello.channels.models import Channel
from sportello.core import dsn
from sportello.demo.generate.people import write_contacts
from sportello.demo.generate.shapes import TABLES, House, Progress, Starts
from sportello.demo.generate.writing import write_tickets


def generate(*, tickets: int, seed: int = 1, progress: Progress | None = None) -> None:
    """Add `tickets` tickets with five messages each on average, and a contact for every three and a bit."""
    report = progress or bar
    chance = random.Random(seed)  # noqa: S311 (texts, not keys)
    with psycopg.connect(dsn.current()) as connection:
        connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
        _unchecked(connection)
        indexes = _drop_indexes(connection)
        starts, house = _starts(connection), _house()
        contacts = max(1, tickets * 3 // 10)
        write_contacts(connection, starts, contacts, report)
        last = write_tickets(connection, starts, house, tickets, contacts, chance, report)
        _advance(connection, starts, contacts, tickets, last)
        for n, statement in enumerate(indexes):
            report(f"indexes {n + 1}/{len(indexes)}", n / len(indexes))
            connection.execute(statement)
        report("committing", 1.0)
    with psycopg.connect(dsn.current(), autocommit=True) as connection:
        for n, table in enumerate(TABLES):
            report("statistics", n / len(TABLES))
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    report("done", 1.0)


def bar(what: str, part: float) -> None:
    """A progress bar on standard error; single lines when that is no terminal."""
    if sys.stderr.isatty():
        done = int(part * 40)
        sys.stderr.write(f"\r{what:<20} [{'#' * done}{'.' * (40 - done)}] {part:4.0%} ")
        if what == "done":
            sys.stderr.write("\n")
        sys.stderr.flush()
    elif part in (0.0, 1.0):
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def _unchecked(connection: psycopg.Connection) -> None:
    """Foreign keys hold by construction; asking for each of millions of rows costs half the time."""
    try:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return
    connection.execute("SET LOCAL session_replication_role = replica")


def _drop_indexes(connection: psycopg.Connection) -> list[sql.SQL]:
    """Take the tables' indexes away, but for their constraints; returns how to make them again."""
    rows = connection.execute(
        "SELECT i.schemaname, i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = ANY(%s)"
        " AND i.schemaname = current_schema() AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)",
        [list(TABLES)],
    ).fetchall()
    for schema, name, _ in rows:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(schema, name)))
    return [sql.SQL(statement) for _, _, statement in rows]


def _starts(connection: psycopg.Connection) -> Starts:
    connection.execute(
        sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(
            sql.SQL(", ").join(map(sql.Identifier, TABLES))
        )
    )
    found = [
        connection.execute(
            sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(t))
        ).fetchone()
        for t in TABLES
    ]
    contact, identity, ticket, thread, message = (row[0] if row else 1 for row in found)
    row = connection.execute(
        "SELECT coalesce(max(number), 1000) + 1 FROM tickets_ticket"
    ).fetchone()
    return Starts(contact, identity, ticket, row[0] if row else 1, thread, message)


def _house() -> House:
    channels = {c.provider: c.pk for c in Channel.objects.order_by("-pk")}
    return House(
        brand=Brand.objects.order_by("pk").values_list("pk", flat=True)[0],
        agents=list(Agent.objects.filter(is_active=True).values_list("pk", "name")),
        teams=list(Team.objects.filter(is_private=False).values_list("pk", flat=True)),
        mail=channels["email"],
        chat=channels["webchat"],
        tags=[
            "garanzia",
            "b2b",
            "danno trasporto",
            "fattura",
            "spedizione",
            "ricambi",
            "recensione",
            "estero",
        ],
    )


def _advance(
    connection: psycopg.Connection, starts: Starts, contacts: int, tickets: int, last: Starts
) -> None:
    """What comes next gets the next id."""
    used = {
        "contacts_contact": starts.contact + contacts,
        "contacts_identity": starts.identity + contacts,
        "tickets_ticket": starts.ticket + tickets,
        "tickets_thread": last.thread,
        "tickets_message": last.message,
    }
    for table, following in used.items():
        connection.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, following]
        )
    connection.execute("SELECT setval('ticket_number', %s, false)", [starts.number + tickets])
