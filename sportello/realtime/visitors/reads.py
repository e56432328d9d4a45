"""What a visitor's socket reads, in SQL. Every statement is bound to the visitor's uuid *and* the channel:
notes, other channels, held and taken-back messages, and other people's words cannot be selected.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row, dict_row

from sportello.core.pool import pool

USUAL_FOR = 30.0
"""Seconds for which it is known how long people wait at a channel."""

_TALK = """
  FROM tickets_thread th
  JOIN contacts_identity i ON i.id = th.identity_id AND i.kind = 'visitor' AND i.address = %(visitor)s
  JOIN tickets_ticket t ON t.id = th.ticket_id
 WHERE th.channel_id = %(channel)s
"""

_STATE = f"""
SELECT t.id AS ticket_id, t.number, t.status, t.solved_at, t.waiting_since, a.id AS agent_id, a.name AS agent_name,
       t.team_id,
       coalesce((SELECT max(r.message_id) FROM tickets_readmark r WHERE r.ticket_id = t.id), 0) AS read_upto,
       EXISTS (SELECT FROM tickets_message m
                WHERE m.thread_id = th.id AND m.direction = 'out' AND m.agent_id IS NOT NULL) AS answered
  FROM (SELECT th.id, th.ticket_id {_TALK} ORDER BY th.last_message_at DESC, th.id DESC LIMIT 1) th
  JOIN tickets_ticket t ON t.id = th.ticket_id
  LEFT JOIN accounts_agent a ON a.id = t.assignee_id
"""  # noqa: S608 - constant fragments only

_MESSAGES = f"""
SELECT m.id, m.direction, m.nature, m.text, m.author_name, m.external_id, m.created_at,
       CASE WHEN m.direction = 'out' THEN m.meta -> 'choices' END AS choices,
       a.name AS agent_name, coalesce(f.files, '[]'::jsonb) AS files
  FROM tickets_message m
  JOIN (SELECT th.id, th.channel_id {_TALK}) th ON m.thread_id = th.id AND m.channel_id = th.channel_id
  LEFT JOIN accounts_agent a ON a.id = m.agent_id
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('name', x.name, 'type', x.content_type, 'size', x.size, 'key', s.key)
                     ORDER BY x.id) AS files
      FROM tickets_attachment x JOIN core_storedfile s ON s.id = x.file_id WHERE x.message_id = m.id
  ) f ON true
 WHERE m.id > %(after)s AND NOT m.is_held
   AND (m.direction = 'in'
        OR (m.direction = 'out' AND EXISTS (
              SELECT FROM tickets_delivery d
               WHERE d.message_id = m.id AND d.channel_id = m.channel_id AND d.state NOT IN ('held', 'cancelled'))))
 ORDER BY m.id DESC LIMIT %(limit)s
"""  # noqa: S608 - constant fragments only

_UNSEEN = f"""
SELECT DISTINCT m.id
  FROM tickets_message m
  JOIN (SELECT th.id, th.channel_id {_TALK}) th ON m.thread_id = th.id AND m.channel_id = th.channel_id
  JOIN tickets_delivery d ON d.message_id = m.id AND d.channel_id = m.channel_id
 WHERE m.direction = 'out' AND m.id <= %(upto)s AND d.state = ANY(%(states)s)
 ORDER BY m.id LIMIT 500
"""  # noqa: S608 - constant fragments only

_AHEAD = """
SELECT count(*) FILTER (WHERE t.waiting_since < %(since)s OR (t.waiting_since = %(since)s AND t.id < %(ticket)s))
  FROM tickets_ticket t
 WHERE t.status IN ('new', 'open') AND t.assignee_id IS NULL AND NOT t.is_spam
   AND t.waiting_since > %(since)s - interval '1 day'
   AND EXISTS (SELECT FROM tickets_thread th WHERE th.ticket_id = t.id AND th.channel_id = %(channel)s AND th.is_open)
"""

_USUAL_WAIT = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY waited), count(*) FROM (
  SELECT extract(epoch FROM
           (SELECT min(o.created_at) FROM tickets_message o WHERE o.thread_id = th.id AND o.direction = 'out')
           - th.created_at) AS waited
    FROM tickets_thread th WHERE th.channel_id = %(channel)s ORDER BY th.id DESC LIMIT 30
) recent WHERE waited IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class State:
    """Where the visitor's newest talk stands."""

    ticket_id: int
    number: int
    status: str
    solved_at: datetime | None
    waiting_since: datetime | None
    agent_id: int | None
    agent_name: str | None
    team_id: int | None
    read_upto: int
    answered: bool

    @property
    def ended(self) -> bool:
        return self.status in {"solved", "closed"}

    @property
    def queued(self) -> bool:
        """Nobody has taken it and nobody has answered."""
        return (
            not self.ended
            and self.agent_id is None
            and not self.answered
            and self.waiting_since is not None
        )


async def state(*, channel: int, visitor: str) -> State | None:
    async with pool().connection() as conn, conn.cursor(row_factory=class_row(State)) as cursor:
        await cursor.execute(_STATE, {"channel": channel, "visitor": visitor})
        return await cursor.fetchone()


async def messages(
    *, channel: int, visitor: str, after: int, limit: int = 50
) -> list[dict[str, Any]]:
    """The newest `limit` messages after the id `after`, oldest first."""
    async with pool().connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        values = {"channel": channel, "visitor": visitor, "after": after, "limit": limit}
        await cursor.execute(_MESSAGES, values)
        return list(reversed(await cursor.fetchall()))


async def unseen(*, channel: int, visitor: str, upto: int, read: bool) -> list[str]:
    """Ids of our messages up to `upto` of which we do not yet know that they arrived (or were read)."""
    states = ["queued", "sending", "unknown", "sent", *(["delivered"] if read else [])]
    async with pool().connection() as conn:
        cursor = await conn.execute(
            _UNSEEN, {"channel": channel, "visitor": visitor, "upto": upto, "states": states}
        )
        return [str(row[0]) for row in await cursor.fetchall()]


async def place(*, channel: int, at: State, usual_minutes: float) -> dict[str, int]:
    """Position in the queue, from 1, and the minutes that position usually waits."""
    async with pool().connection() as conn:
        values = {"channel": channel, "since": at.waiting_since, "ticket": at.ticket_id}
        ahead = await (await conn.execute(_AHEAD, values)).fetchone()
        measured = await _usual_wait(conn, channel)
    position = (ahead[0] if ahead else 0) + 1
    minutes = usual_minutes if measured is None else measured
    return {
        "position": position,
        "minutes": max(1, min(240, round(minutes * (1 + (position - 1) / 2)))),
    }


_usual: dict[int, tuple[float, float | None]] = {}
"""Channel → (when it was asked, minutes that people waited there lately)."""


async def _usual_wait(conn: AsyncConnection[TupleRow], channel: int) -> float | None:
    known = _usual.get(channel)
    if known is None or time.monotonic() - known[0] > USUAL_FOR:
        row = await (await conn.execute(_USUAL_WAIT, {"channel": channel})).fetchone()
        minutes = float(row[0]) / 60 if row and row[1] >= 5 else None
        known = _usual[channel] = time.monotonic(), minutes
    return known[1]


async def own_files(*, visitor: str, keys: list[str]) -> list[dict[str, Any]]:
    """Name and type of the visitor's own uploads among `keys`, in that order."""
    async with pool().connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT key, name, content_type AS type FROM core_storedfile WHERE key = ANY(%s) AND owner = %s",
            (keys, f"visitor:{visitor}"),
        )
        found = {row["key"]: row for row in await cursor.fetchall()}
    return [found[key] for key in keys if key in found]
