"""The event log: the only fan-out. Facts are declared here by type, recorded in the action's transaction.

Ids become visible in commit order because whoever writes events holds one advisory lock from the
first event to the commit. So events are written *last* in a transaction: contacts are locked first,
then tickets by id, then the event lock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from sportello.core import live, sql
from sportello.core.actors import SYSTEM, Actor

EVENT_LOCK = 7_301_001
"""Key of the advisory lock that serialises commits which record events."""


@dataclass(frozen=True, slots=True)
class EventType:
    """A closed, described kind of fact. `payload` names what it may carry: ids, enums and numbers."""

    name: str
    sentence: str
    payload: frozenset[str] = frozenset()
    version: int = 1


_types: dict[str, EventType] = {}


class UndeclaredEvent(LookupError):
    """An event of a type or with a payload key that nobody declared."""


def declare(name: str, sentence: str, *payload: str) -> str:
    """Declare a fact; returns its name. `sentence` is an English message id for the history."""
    _types[name] = EventType(name, sentence, frozenset(payload))
    return name


def event_types() -> Mapping[str, EventType]:
    """All declared facts, by name."""
    return _types


@dataclass(frozen=True, slots=True)
class Fact:
    """One event about to be recorded."""

    type: str
    ticket_id: int | None = None
    contact_id: int | None = None
    actor: Actor = SYSTEM
    payload: Mapping[str, Any] = field(default_factory=dict)
    cause_id: int | None = None
    occurred_at: datetime | None = None


_INSERT = """
INSERT INTO core_event (type, version, ticket_id, contact_id, actor, cause_id, payload, occurred_at, recorded_at)
SELECT * FROM unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
                     %s::jsonb[], %s::timestamptz[], %s::timestamptz[])
RETURNING id
"""


def record_many(facts: Sequence[Fact], *, now: datetime) -> list[int]:
    """Record facts, in order, as the last statement of the running transaction; returns their ids.

    Raises `UndeclaredEvent`, and `TransactionManagementError` outside a transaction.
    """
    if not facts:
        return []
    for fact in facts:
        kind = _types.get(fact.type)
        if kind is None or not kind.payload.issuperset(fact.payload):
            raise UndeclaredEvent(f"{fact.type} {sorted(fact.payload)}")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Events are recorded inside the action's transaction."
        )
    sql.fetch("SELECT pg_advisory_xact_lock(%s)", [EVENT_LOCK])
    rows = sql.fetch(
        _INSERT,
        [
            [f.type for f in facts],
            [_types[f.type].version for f in facts],
            [f.ticket_id for f in facts],
            [f.contact_id for f in facts],
            [str(f.actor) for f in facts],
            [f.cause_id for f in facts],
            [json.dumps(dict(f.payload)) for f in facts],
            [f.occurred_at or now for f in facts],
            [now] * len(facts),
        ],
    )
    ids = [row[0] for row in rows]
    transaction.on_commit(lambda: live.poke("events"))
    return ids


def record(
    type: str,
    *,
    actor: Actor,
    now: datetime,
    ticket_id: int | None = None,
    contact_id: int | None = None,
    payload: Mapping[str, Any] | None = None,
    cause_id: int | None = None,
) -> int:
    """Record one fact as the last statement of the running transaction; returns its id."""
    return record_many(
        [Fact(type, ticket_id, contact_id, actor, payload or {}, cause_id)], now=now
    )[0]
