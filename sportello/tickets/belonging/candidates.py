"""Other recent tickets of a message's contact, and what was said there. Two statements for a whole wave of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sportello.core import sql
from sportello.tickets.arrival import Place

DAYS = 60
"""A ticket on which nothing was said for longer is not looked at."""
NEWEST = 40
"""Tickets of one contact among which is chosen: a shared mailbox has thousands, and a list of forty is one page of an index."""
READ = 4
"""Of those the live ones before the solved, the latest spoken of first: people go on with what they wrote last, and each
that is read costs a quarter of a millisecond. A fifth is hardly ever meant."""


@dataclass(frozen=True, slots=True)
class Candidate:
    ticket_id: int
    number: int
    status: str
    solved_at: datetime | None
    last_message_at: datetime
    last_author: str
    contact_id: int
    subject: str
    talks_here: bool
    """It has an open thread on the very channel."""
    names: str
    """Of the contact and his organization: they stand under all that he writes, and tell nothing."""

    @property
    def place(self) -> Place:
        """No thread of it: the message opens one of its own there."""
        return Place(
            0, self.ticket_id, 0, self.contact_id, self.status, self.solved_at, self.last_message_at
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """One message whose ticket is looked for."""

    n: int
    contact_id: int
    brand_id: int
    channel_id: int
    except_ticket: int
    text: str


_CANDIDATES = """
SELECT w.n, t.id, t.number, t.status, t.solved_at, t.last_message_at, t.last_author, t.contact_id, t.subject,
  EXISTS (SELECT FROM tickets_thread th WHERE th.ticket_id = t.id AND th.channel_id = w.channel_id AND th.is_open),
  concat_ws(' ', c.name, o.name)
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
     AS w(n, contact_id, brand_id, channel_id, except_ticket)
CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT * FROM tickets_ticket WHERE contact_id = w.contact_id ORDER BY id DESC LIMIT %s
  ) newest
  WHERE brand_id = w.brand_id AND id <> w.except_ticket AND merged_into_id IS NULL AND NOT is_spam
    AND last_message_at > %s
  ORDER BY status IN ('solved', 'closed'), last_message_at DESC LIMIT %s
) t
JOIN contacts_contact c ON c.id = t.contact_id
LEFT JOIN contacts_organization o ON o.id = c.organization_id
"""

_SAID = """
SELECT t.id, m.direction, m.text
FROM unnest(%s::bigint[]) AS t(id)
CROSS JOIN LATERAL (
  (SELECT id, direction, left(text, 1500) AS text FROM tickets_message
   WHERE ticket_id = t.id AND direction <> 'note' AND NOT is_held ORDER BY id LIMIT 1)
  UNION
  (SELECT id, direction, left(text, 1500) FROM tickets_message
   WHERE ticket_id = t.id AND direction <> 'note' AND NOT is_held ORDER BY id DESC LIMIT 5)
) m
ORDER BY t.id, m.id
"""


def candidates(wanted: Sequence[Wanted], *, now: datetime) -> list[tuple[Wanted, list[Candidate]]]:
    """The other recent tickets of each message's contact, for those who have any."""
    if not wanted:
        return []
    rows = sql.fetch(
        _CANDIDATES,
        [
            *sql.columns([(w.n, w.contact_id, w.brand_id, w.channel_id, w.except_ticket) for w in wanted]),
            NEWEST,
            now - timedelta(days=DAYS),
            READ,
        ],
    )  # fmt: skip
    by_message: dict[int, list[Candidate]] = {}
    for n, *fields in rows:
        by_message.setdefault(n, []).append(Candidate(*fields))
    return [(w, by_message[w.n]) for w in wanted if w.n in by_message]


type Said = list[tuple[str, str]]
"""Direction and text of what was said in a ticket: its first words and the last five."""


def said_in(ticket_ids: Sequence[int]) -> dict[int, Said]:
    """By ticket. One statement, however many."""
    said: dict[int, Said] = {}
    if ticket_ids:
        for ticket_id, direction, text in sql.fetch(_SAID, [list(ticket_ids)]):
            said.setdefault(ticket_id, []).append((direction, text))
    return said
