"""Events of generated tickets."""

from __future__ import annotations

import json
from datetime import datetime

import psycopg

from sportello.core.events import EVENT_LOCK
from sportello.demo.generate.copying import copy_in, line
from sportello.demo.generate.shapes import TAIL, Made


def write_log(connection: psycopg.Connection, made: list[Made]) -> None:
    """The log of the newest tickets; older ones have none."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [EVENT_LOCK])
    facts: list[tuple[datetime, str]] = []
    for t in made[-TAIL:]:
        who = f"contact:{t.contact}"
        base = {"channel": t.channel, "thread": t.thread}
        facts.append(
            (
                t.created,
                line(
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
                    (at, line("message_received", 1, t.id, t.contact, who, payload, at, at))
                )
    facts.sort()
    copy_in(
        connection,
        "core_event (type, version, ticket_id, contact_id, actor, payload, occurred_at, recorded_at)",
        (row for _, row in facts),
    )
