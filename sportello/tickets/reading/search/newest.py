"""The tickets whose newest messages say something, found without looking at the older messages that say it, too.

An index of words knows where a word stands, not when it was written: of seventy thousand messages it would fetch all
to find the newest thousand. Messages lie on disk nearly in the order of their ids, so a small index of which ids lie
where (`message_order`) leaves only the newest places. How far back a thousand reach is told by the first look.
"""

from __future__ import annotations

from typing import Any

from sportello.tickets.reading.search.rows import ids_of, rows_of

MOST = 1_000
"""Messages: more are not looked at, so that a common word costs no more than a rare one."""
FIRST = 50_000
"""How many of the newest messages are looked through first."""
SPARE = 1.5
"""How much further back is looked than the first look says: words are not spread evenly."""

# The bounds stand in the text: the plan hangs on how much lies between them.
_WITHIN = """
SELECT ticket_id FROM tickets_message
 WHERE search @@ {query} AND id > {after} {narrow} ORDER BY id DESC LIMIT {most}
"""
_OLDER = """
SELECT ticket_id FROM (
  SELECT id, ticket_id FROM tickets_message
   WHERE search @@ {query} {bound} {narrow} LIMIT 20000
) AS said ORDER BY id DESC LIMIT {most}
"""
"""Found by the index of words first: read backwards, a rare word would be looked for in every message."""


def newest(query: str, narrow: str, params: dict[str, Any]) -> set[int]:
    """Tickets of the newest messages that answer the query, and the further conditions on messages."""
    [(last,)] = rows_of("SELECT coalesce(max(id), 0) FROM tickets_message", {})
    until = max(0, last - FIRST)
    found = ids_of(_WITHIN.format(query=query, after=until, narrow=narrow, most=MOST), params)
    if until and len(found) < MOST:
        after = last - int(FIRST * MOST * SPARE / max(1, len(found)))
        bound = f"AND id > {after} AND id <= {until}" if after > 0 else ""
        found += ids_of(_OLDER.format(query=query, bound=bound, narrow=narrow, most=MOST), params)
    return set(found)
