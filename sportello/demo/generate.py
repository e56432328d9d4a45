"""The size generator: fills the demo company with as many tickets as one wants to measure with.

``sportello seed --tickets 1000000`` adds a million tickets, five million messages and three hundred
thousand contacts by COPY, in one transaction that builds the indexes at its end. The rows look as the
walk would have left them, with these shortcuts: no raw input, no deliveries, and events only for the
newest tickets.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from sportello.accounts.models import Agent, Brand, Team
from sportello.channels.models import Channel
from sportello.core import dsn
from sportello.core.clock import now
from sportello.core.events import EVENT_LOCK
from sportello.demo import phrases

YEARS = 3
TAIL = 2_000
"""Newest tickets that get their events."""
LONG = 500
"""Messages of the one long ticket, the newest that there is."""
WINDOW = 2_000
"""Tickets whose messages are mixed in the order of time, as they would have come in."""
TABLES = (
    "contacts_contact",
    "contacts_identity",
    "tickets_ticket",
    "tickets_thread",
    "tickets_message",
)

type Progress = Callable[[str, float], None]


@dataclass(slots=True)
class House:
    """What the rows refer to."""

    brand: int
    agents: list[tuple[int, str]]
    teams: list[int]
    mail: int
    chat: int
    tags: list[str]


@dataclass(slots=True)
class Starts:
    """The first free ids."""

    contact: int
    identity: int
    ticket: int
    number: int
    thread: int
    message: int


@dataclass(slots=True)
class Made:
    """One ticket before its messages have ids."""

    id: int
    contact: int
    name: str
    language: str
    status: str
    channel: int
    thread: int
    subject: str
    words: dict[str, str]
    created: datetime
    solved: datetime | None
    tags: list[str]
    agent: tuple[int, str] | None
    team: int | None
    talk: list[tuple[datetime, str, str]] = field(default_factory=list)
    """(at, direction, text)"""
    ids: list[int] = field(default_factory=list)


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
        _contacts(connection, starts, contacts, chance, report)
        last = _tickets(connection, starts, house, tickets, contacts, chance, report)
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


def _copy(connection: psycopg.Connection, head: LiteralString, rows: Iterable[str]) -> None:
    with connection.cursor().copy(f"COPY {head} FROM STDIN") as copy:
        for some in batched(rows, 500):
            copy.write("".join(some))


def _row(*values: Any) -> str:
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


def _person(number: int) -> str:
    names, surnames = phrases.NAMES, phrases.SURNAMES
    return f"{names[number * 7 % len(names)]} {surnames[number * 11 % len(surnames)]}"


def _contacts(
    connection: psycopg.Connection,
    starts: Starts,
    count: int,
    chance: random.Random,
    report: Progress,
) -> None:
    report("contacts", 0.0)
    at = now() - timedelta(days=365 * YEARS)
    _copy(
        connection,
        "contacts_contact (id, name, language, notes, custom, blocked, created_at)",
        (
            _row(starts.contact + n, _person(n), "it" if n % 4 else "en", "", "{}", "f", at)
            for n in range(count)
        ),
    )
    _copy(
        connection,
        "contacts_identity (id, contact_id, kind, address, display, proof, how, created_at)",
        (
            _row(
                starts.identity + n,
                starts.contact + n,
                "email",
                _address(starts.contact + n, n),
                _person(n),
                "verified",
                "dmarc",
                at,
            )
            for n in range(count)
        ),
    )
    report("contacts", 1.0)


def _address(contact: int, number: int) -> str:
    local = _person(number).lower().replace(" ", ".").replace("'", "")
    return f"{local}.{contact}@{('posta', 'mail', 'casella')[number % 3]}.example"


def _tickets(
    connection: psycopg.Connection,
    starts: Starts,
    house: House,
    count: int,
    contacts: int,
    chance: random.Random,
    report: Progress,
) -> Starts:
    """Write tickets, threads and messages window by window; returns the ids after the last."""
    message, thread = starts.message, starts.thread
    for first in range(0, count, WINDOW):
        report("tickets", first / count)
        made = [
            _ticket(starts, house, n, count, contacts, chance)
            for n in range(first, min(first + WINDOW, count))
        ]
        for ticket in made:
            ticket.thread, thread = thread, thread + 1
        said = sorted(
            (
                (at, n, k)
                for n, ticket in enumerate(made)
                for k, (at, _, _) in enumerate(ticket.talk)
            )
        )
        for ticket in made:
            ticket.ids = [0] * len(ticket.talk)
        for offset, (_, n, k) in enumerate(said):
            made[n].ids[k] = message + offset
        message += len(said)
        _write(connection, starts, house, made, said)
        if first + WINDOW > count - TAIL:
            _events(connection, made)
    report("tickets", 1.0)
    return Starts(0, 0, 0, 0, thread, message)


_ENDED = ("closed",) * 8 + ("solved",) * 2
_FRESH = ("new",) * 3 + ("open",) * 4 + ("pending",) * 3 + ("on_hold",) + ("solved",) * 5
_LENGTHS = (1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 11)


def _ticket(
    starts: Starts, house: House, n: int, count: int, contacts: int, chance: random.Random
) -> Made:
    """Ticket `n` of `count`, oldest first. The newest tenth is what agents still work on."""
    span = timedelta(days=365 * YEARS)
    created = now() - span + span * (n / count) * 0.995
    status = chance.choice(_ENDED if n < count * 0.9 else _FRESH)
    who = chance.randrange(contacts)
    language = "it" if who % 4 else "en"
    words = {
        "thing": chance.choice(phrases.THINGS[language]),
        "detail": chance.choice(phrases.DETAILS[language]),
        "city": chance.choice(phrases.CITIES),
        "order": f"BA-{n + 10_000}",
        "name": _person(who),
    }
    subject = chance.choice(phrases.SUBJECTS[language]).format(**words)
    agent = chance.choice(house.agents) if status != "new" and chance.random() < 0.8 else None
    made = Made(
        starts.ticket + n, starts.contact + who, words["name"], language, status, house.chat if chance.random() < 0.3 else house.mail, 0,
        subject, words, created, None, chance.sample(house.tags, chance.choice((0, 0, 1, 1, 2))), agent,
        chance.choice(house.teams) if house.teams and chance.random() < 0.9 else None,
    )  # fmt: skip
    length = LONG if n == count - 1 else chance.choice(_LENGTHS)
    made.talk = list(_talk(made, length, chance))
    if status in ("solved", "closed"):
        made.solved = made.talk[-1][0]
    return made


def _talk(made: Made, length: int, chance: random.Random) -> Iterator[tuple[datetime, str, str]]:
    at, language = made.created, made.language
    latest = now()
    for k in range(length):
        direction = (
            "in"
            if k == 0 or made.agent is None or k % 2 == 0
            else ("note" if chance.random() < 0.1 else "out")
        )
        if direction == "note":
            text = chance.choice(phrases.NOTED)
        else:
            text = chance.choice(
                (phrases.ASKED if direction == "in" else phrases.ANSWERED)[language]
            )
        yield at, direction, text.format(**made.words)
        at = min(
            at + timedelta(minutes=chance.randrange(5, 900 if length < 100 else 12)),
            latest - timedelta(seconds=length - k),
        )


def _write(
    connection: psycopg.Connection,
    starts: Starts,
    house: House,
    made: list[Made],
    said: list[tuple[datetime, int, int]],
) -> None:
    _copy(
        connection,
        "tickets_ticket (id, number, subject, status, brand_id, contact_id, assignee_id, team_id, tags, language, created_at, updated_at,"
        " solved_at, last_message_at, last_inbound_id, last_author, preview, waiting_since, channel_ids)",
        (_ticket_row(starts, house, t) for t in made),
    )
    _copy(
        connection,
        "tickets_thread (id, ticket_id, channel_id, identity_id, external_ref, is_open, last_message_at, created_at)",
        (
            _row(
                t.thread,
                t.id,
                t.channel,
                t.contact - starts.contact + starts.identity,
                "",
                "f" if t.solved else "t",
                t.talk[-1][0],
                t.created,
            )
            for t in made
        ),
    )
    _copy(
        connection,
        "tickets_message (id, ticket_id, thread_id, channel_id, direction, agent_id, identity_id, author_name, subject, text, external_id,"
        " created_at)",
        (_message_row(starts, made[n], k) for _, n, k in said),
    )


def _ticket_row(starts: Starts, house: House, t: Made) -> str:
    at, direction, text = t.talk[-1]
    inbound = [id for id, (_, way, _) in zip(t.ids, t.talk, strict=True) if way == "in"]
    waiting = at if direction == "in" and t.status in ("new", "open") else None
    return _row(
        t.id, starts.number + t.id - starts.ticket, t.subject, t.status, house.brand, t.contact, t.agent[0] if t.agent else None,
        t.team, t.tags, t.language, t.created, at, t.solved, at, inbound[-1], "contact" if direction == "in" else "agent",
        " ".join(text.split())[:160], waiting, [t.channel],
    )  # fmt: skip


def _message_row(starts: Starts, t: Made, k: int) -> str:
    at, direction, text = t.talk[k]
    ours = direction != "in"
    agent = t.agent if ours else None
    return _row(
        t.ids[k], t.id, None if direction == "note" else t.thread, None if direction == "note" else t.channel, direction,
        agent[0] if agent else None, None if ours else t.contact - starts.contact + starts.identity,
        agent[1] if agent else t.name, t.subject if k == 0 else "", text,
        None if ours else f"<{t.ids[k]}@generated.example>", at,
    )  # fmt: skip


def _events(connection: psycopg.Connection, made: list[Made]) -> None:
    """The log of the newest tickets; older ones have none."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [EVENT_LOCK])
    facts: list[tuple[datetime, str]] = []
    for t in made[-TAIL:]:
        who = f"contact:{t.contact}"
        base = {"channel": t.channel, "thread": t.thread}
        facts.append(
            (
                t.created,
                _row(
                    "ticket_opened",
                    1,
                    t.id,
                    t.contact,
                    who,
                    json.dumps(base | {"follow_up_of": None}),
                    t.created,
                    t.created,
                ),
            )
        )
        for id, (at, direction, _) in zip(t.ids, t.talk, strict=True):
            if direction == "in":
                payload = json.dumps(base | {"message": id, "nature": "person"})
                facts.append(
                    (at, _row("message_received", 1, t.id, t.contact, who, payload, at, at))
                )
    facts.sort()
    _copy(
        connection,
        "core_event (type, version, ticket_id, contact_id, actor, payload, occurred_at, recorded_at)",
        (row for _, row in facts),
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
