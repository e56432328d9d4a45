"""The set-based writes of intake: tickets, threads, messages, files. A statement a batch, not a row.

All run inside the caller's transaction; rows come as columns for ``unnest``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sportello.core import richtext, sql
from sportello.core.plain import storable
from sportello.core.sql import columns
from sportello.tickets.arrival import Arrival, Place, meta_of


def title_of(arrival: Arrival) -> str:
    """The subject, or the first words of who wrote without one."""
    words = storable(arrival.inbound.subject).strip() or storable(arrival.inbound.text).strip()
    first = words.splitlines()[0].strip() if words else ""
    return first if len(first) <= 120 or arrival.inbound.subject else first[:117].rstrip() + "…"


_LOCK = "SELECT id, status FROM tickets_ticket WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def lock_tickets(ids: Sequence[int]) -> dict[int, str]:
    """Lock in order of id; returns the statuses as they are under the lock."""
    if not ids:
        return {}
    return {row[0]: row[1] for row in sql.fetch(_LOCK, [sorted(set(ids))])}


_OPEN = """
INSERT INTO tickets_ticket (subject, status, brand_id, contact_id, organization_id, team_id, tags, language, created_at,
                            updated_at, last_message_at, last_author, preview, waiting_since, channel_ids, follow_up_of_id)
SELECT t.subject, 'new', t.brand_id, t.contact_id, c.organization_id, t.team_id,
       CASE WHEN t.tag = '' THEN '{}'::varchar[] ELSE ARRAY[t.tag]::varchar[] END, t.language,
       t.at, %s, t.at, 'contact', t.preview, CASE WHEN t.tag = '' THEN t.at END, ARRAY[t.channel_id], t.follow_up_of
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[],
            %s::text[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
     AS t(subject, brand_id, contact_id, team_id, tag, language, at, preview, channel_id, follow_up_of, n)
JOIN contacts_contact c ON c.id = t.contact_id
ORDER BY t.n
RETURNING id
"""


type NewTicket = tuple[str, int, int, int | None, str, str, datetime, str, int, int | None]
"""subject, brand, contact, team, tag, language, at, preview, channel, follow-up of"""


def open_tickets(rows: Sequence[NewTicket], *, now: datetime) -> list[int]:
    if not rows:
        return []
    return [row[0] for row in sql.fetch(_OPEN, [now, *columns(rows)])]


_THREADS = """
INSERT INTO tickets_thread (ticket_id, channel_id, identity_id, external_ref, is_public, last_message_at, created_at)
SELECT ticket_id, channel_id, identity_id, external_ref, is_public, at, at
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bool[], %s::timestamptz[]) WITH ORDINALITY
     AS t(ticket_id, channel_id, identity_id, external_ref, is_public, at, n)
ORDER BY n
RETURNING id
"""


def open_threads(rows: Sequence[tuple[int, int, int, str, bool, datetime]]) -> list[int]:
    """Rows: ticket, channel, identity, external reference, whether in public, at."""
    if not rows:
        return []
    return [row[0] for row in sql.fetch(_THREADS, columns(rows))]


_KNOWN = """
WITH w AS (
  SELECT * FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[])
    AS t(n, channel_id, external_id, suffixed, fingerprint)
), found AS (
  SELECT w.n, m.fingerprint = '' OR m.fingerprint = w.fingerprint AS same
  FROM w JOIN tickets_message m ON m.channel_id = w.channel_id AND m.external_id = w.external_id
  UNION ALL
  SELECT w.n, true
  FROM w JOIN tickets_message m ON m.channel_id = w.channel_id AND m.external_id = w.suffixed
)
SELECT n, bool_or(same) FROM found GROUP BY n
"""


def external_id_of(arrival: Arrival) -> str:
    return storable(arrival.inbound.external_id)[:998]


def suffixed_id_of(arrival: Arrival) -> str:
    """Under this id a message is kept whose own id another message bears already."""
    return f"{external_id_of(arrival)}#{arrival.inbound.fingerprint[:16]}"


def known_messages(arrivals: Sequence[Arrival]) -> dict[int, bool]:
    """Position → True for what is here already, False where the id is taken by a *different* message."""
    rows = [
        (n, a.mouth.id, external_id_of(a), suffixed_id_of(a), a.inbound.fingerprint)
        for n, a in enumerate(arrivals)
    ]
    if not rows:
        return {}
    return {row[0]: row[1] for row in sql.fetch(_KNOWN, columns(rows))}


_MESSAGES = """
INSERT INTO tickets_message (ticket_id, thread_id, channel_id, direction, nature, identity_id, author_name, subject, text,
                             quoted, html, html_version, remote_images, meta, external_id, fingerprint, spool_id,
                             is_held, sent_at, created_at)
SELECT ticket_id, thread_id, channel_id, 'in', nature, identity_id, author_name, subject, text,
       quoted, html, html_version, remote_images, meta, external_id, fingerprint, spool_id, is_held, sent_at, created_at
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::text[], %s::smallint[], %s::int[], %s::jsonb[], %s::text[], %s::text[], %s::bigint[],
            %s::bool[], %s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY
     AS t(ticket_id, thread_id, channel_id, nature, identity_id, author_name, subject, text, quoted, html, html_version,
          remote_images, meta, external_id, fingerprint, spool_id, is_held, sent_at, created_at, n)
ORDER BY n
RETURNING id
"""


def message_row(
    arrival: Arrival,
    *,
    ticket_id: int,
    thread_id: int,
    identity_id: int,
    external_id: str,
    is_held: bool,
) -> tuple[Any, ...]:
    inbound = arrival.inbound
    return (
        ticket_id,
        thread_id,
        arrival.mouth.id,
        inbound.nature.value,
        identity_id,
        storable(inbound.sender.name)[:200],
        storable(inbound.subject),
        storable(inbound.text),
        storable(inbound.quoted),
        arrival.html,
        richtext.CLEANER_VERSION if arrival.html else 0,
        arrival.remote_images,
        json.dumps(meta_of(inbound)).replace("\\u0000", ""),
        external_id,
        inbound.fingerprint[:64],
        arrival.spool_id,
        is_held,
        inbound.sent_at,
        arrival.received_at,
    )


def append_messages(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    if not rows:
        return []
    return [row[0] for row in sql.fetch(_MESSAGES, columns(rows))]


_TOUCH_TICKETS = """
UPDATE tickets_ticket t SET
  status = CASE WHEN u.person AND status IN ('pending', 'on_hold', 'solved') THEN 'open' ELSE status END,
  solved_at = CASE WHEN u.person THEN NULL ELSE solved_at END,
  snoozed_until = CASE WHEN u.person THEN NULL ELSE snoozed_until END,
  waiting_since = CASE WHEN u.person THEN coalesce(waiting_since, u.at) ELSE waiting_since END,
  last_message_at = greatest(last_message_at, u.at),
  last_inbound_id = CASE WHEN u.person OR last_inbound_id IS NULL
    THEN greatest(last_inbound_id, u.message_id) ELSE last_inbound_id END,
  last_author = CASE WHEN u.person THEN 'contact' ELSE last_author END,
  preview = CASE WHEN u.person THEN u.preview ELSE t.preview END,
  channel_ids = array_append(array_remove(t.channel_ids, u.channel_id), u.channel_id),
  updated_at = %s
FROM (
  SELECT DISTINCT ON (ticket_id) ticket_id, message_id, at, preview, channel_id, person
  FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bool[])
    AS t(ticket_id, message_id, at, preview, channel_id, person)
  ORDER BY ticket_id, person DESC, message_id DESC
) u
WHERE t.id = u.ticket_id
"""


_TOUCH_THREADS = """
UPDATE tickets_thread SET last_message_at = u.at, is_open = true,
  window_until = CASE WHEN u.seconds > 0 THEN u.at + make_interval(secs => u.seconds) END
FROM (
  SELECT id, max(at) AS at, max(seconds) AS seconds
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[]) AS t(id, at, seconds) GROUP BY id
) u
WHERE tickets_thread.id = u.id
"""


def touch_tickets(
    rows: Sequence[tuple[int, int, datetime, str, int, bool]], *, now: datetime
) -> None:
    """Rows: ticket, message, at, preview, channel, whether a person wrote. Reopens what waited."""
    if rows:
        sql.fetch(_TOUCH_TICKETS, [now, *columns(rows)])


def touch_threads(rows: Sequence[tuple[int, datetime, int]]) -> None:
    """Rows: thread, at, seconds for which the channel lets us answer freely (0: for ever)."""
    if rows:
        sql.fetch(_TOUCH_THREADS, columns(rows))


_LATEST_AUTOMATIC = """
SELECT w.n, th.id, t.id, th.channel_id, t.contact_id, t.status, t.solved_at, t.last_message_at
FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS w(n, channel_id, identity_id)
CROSS JOIN LATERAL (
  SELECT * FROM tickets_thread
  WHERE channel_id = w.channel_id AND identity_id = w.identity_id AND is_open AND created_at > %s
  ORDER BY id DESC LIMIT 1
) th
JOIN tickets_ticket t ON t.id = th.ticket_id
WHERE t.status <> 'closed'
"""


def latest_automatic(
    rows: Sequence[tuple[int, int, int]], *, since: datetime
) -> list[tuple[int, Place]]:
    """Rows: position, channel, identity. The thread that a machine's mails of the last day went to."""
    return [
        (row[0], Place(*row[1:])) for row in sql.fetch(_LATEST_AUTOMATIC, [*columns(rows), since])
    ]


_PARTICIPANTS = """
INSERT INTO tickets_participant (thread_id, address, name, added_by, is_active)
SELECT DISTINCT ON (thread_id, address) thread_id, address, name, added_by, is_active
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bool[])
  AS t(thread_id, address, name, added_by, is_active)
ON CONFLICT DO NOTHING
"""


def note_participants(rows: Sequence[tuple[int, str, str, str, bool]]) -> None:
    """Rows: thread, address, name, how he came in, whether that was proved."""
    if rows:
        sql.fetch(_PARTICIPANTS, columns(rows))
