"""Messages that name no thread: do they belong to another ticket of the same contact?

One set-based look for the contacts of a wave; only those who have other tickets cost more. Judged by
`belonging`, decided by the company's two thresholds: go on there, suggest it, or open a new ticket.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sportello.accounts.queries import company
from sportello.channels.contract import Nature
from sportello.contacts.addresses import GIVEN_BY_CHANNELS
from sportello.contacts.resolve import Known
from sportello.core import evidence, sql
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact, record_many
from sportello.core.evidence import evidence as source
from sportello.language import likeness
from sportello.language.likeness import Weights
from sportello.language.references import references
from sportello.tickets import events
from sportello.tickets.arrival import Arrival, Guess, Place, Placing
from sportello.tickets.belonging import signs
from sportello.tickets.models import Belonging, Ticket

DAYS = 60
"""A ticket on which nothing was said for longer is not looked at."""
NEWEST = 40
"""Of one contact: a shared mailbox may have thousands."""
LOOKED_AT = 4
"""Of those, how many are read."""
CLEARLY = 15
"""Percent by which the likeliest must be ahead of the next to be continued without asking."""
REFRESH = 3_600.0
"""Seconds for which the installation's word frequencies are kept."""


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
"""

_FREQUENCIES = """
SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'tickets_message' AND attname = 'search'
"""


@source(signs.SOURCE)
def _numbers(texts: Sequence[str]) -> list[frozenset[str]]:
    return [references(text) for text in texts]


def recognise(
    arrivals: Sequence[Arrival], senders: Sequence[Known], placings: list[Placing], *, now: datetime
) -> None:
    """Fill in, for messages that would open a ticket, where they may belong instead."""
    wanted = [
        Wanted(n, sender.contact_id, a.mouth.brand_id, a.mouth.id, 0, f"{a.inbound.subject}\n{a.inbound.text}")
        for n, (a, sender, placing) in enumerate(zip(arrivals, senders, placings, strict=True))
        if placing == Placing() and a.inbound.nature is Nature.PERSON
    ]  # fmt: skip
    for one, found in candidates(wanted, now=now):
        placings[one.n] = _placed(arrivals[one.n], found, guess(one, found, now=now), now=now)


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
            LOOKED_AT,
        ],
    )  # fmt: skip
    by_message: dict[int, list[Candidate]] = {}
    for n, *fields in rows:
        by_message.setdefault(n, []).append(Candidate(*fields))
    return [(w, by_message[w.n]) for w in wanted if w.n in by_message]


def guess(one: Wanted, found: Sequence[Candidate], *, now: datetime) -> tuple[Guess, bool] | None:
    """The likeliest ticket, and whether it is ahead of all others clearly."""
    said: dict[int, list[tuple[str, str]]] = {}
    for ticket_id, direction, text in sql.fetch(_SAID, [[c.ticket_id for c in found]]):
        said.setdefault(ticket_id, []).append((direction, text))
    texts = [one.text]
    for candidate in found:
        lines = said.get(candidate.ticket_id, [])
        texts.append("\n".join([candidate.subject, *(text for _, text in lines)]))
    named = evidence.named_in(texts)
    names = likeness.stems(found[0].names)
    message = signs.Words(texts[0], named[0], names)
    judged = sorted(
        (
            (_judge(message, c, signs.Words(texts[n], named[n], names), said, now), -n, c)
            for n, c in enumerate(found, start=1)
        ),
        key=lambda row: (row[0].percent, row[1]),
        reverse=True,
    )
    best, _, candidate = judged[0]
    ahead = len(judged) == 1 or best.percent - judged[1][0].percent >= CLEARLY
    return Guess(candidate.ticket_id, best.percent, best.reasons), ahead


def _judge(
    message: signs.Words,
    candidate: Candidate,
    words: signs.Words,
    said: dict[int, list[tuple[str, str]]],
    now: datetime,
) -> signs.Judgement:
    own = [text for direction, text in said.get(candidate.ticket_id, []) if direction == "in"]
    story = signs.Story(
        number=candidate.number,
        words=words,
        own=signs.Words("\n".join([candidate.subject, *own])),
        hours=max(0.0, (now - candidate.last_message_at).total_seconds() / 3600),
        asked=candidate.last_author == "agent",
    )
    return signs.judge(message, story, weights())


def _placed(
    arrival: Arrival,
    found: Sequence[Candidate],
    judged: tuple[Guess, bool] | None,
    *,
    now: datetime,
) -> Placing:
    settings = company()
    by_id = {c.ticket_id: c for c in found}
    if _may_go_on(arrival):
        talk = next(
            (c for c in found if c.talks_here and c.status not in {"solved", "closed"}), None
        )
        if (
            talk is not None
            and arrival.mouth.provider.conversational
            and not arrival.inbound.thread_ref
        ):
            return Placing(talk.place)
    if judged is None or judged[0].percent < settings.suggest_percent:
        return Placing()
    best, ahead = judged
    if best.percent < settings.continue_percent or not ahead or not _may_go_on(arrival):
        return Placing(guess=best)
    place = by_id[best.ticket_id].place
    if place.goes_on(now=now, reopen_days=settings.reopen_days):
        return Placing(place, guess=best)
    return Placing(follow_up_of=best.ticket_id)


_SUGGEST = """
INSERT INTO tickets_belonging (ticket_id, to_id, percent, reasons, created_at)
SELECT ticket_id, to_id, percent, string_to_array(reasons, ' '), %s
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::text[]) AS t(ticket_id, to_id, percent, reasons)
ON CONFLICT DO NOTHING
"""


def note_guesses(
    senders: Sequence[Known],
    placings: Sequence[Placing],
    tickets: Sequence[int],
    messages: Sequence[int],
    *,
    now: datetime,
) -> list[Fact]:
    """Keep what is suggested; returns the facts: gone on in a ticket, or perhaps belonging to one."""
    facts: list[Fact] = []
    suggested: list[tuple[int, int, int, str]] = []
    for sender, placing, ticket_id, message_id in zip(
        senders, placings, tickets, messages, strict=True
    ):
        if placing.guess is None:
            continue
        best, who = placing.guess, Actor.contact(sender.contact_id)
        told = {"percent": best.percent, "reasons": list(best.reasons)}
        if placing.place is not None:
            payload = told | {"message": message_id}
            facts.append(
                Fact(events.MESSAGE_RECOGNISED, ticket_id, sender.contact_id, who, payload)
            )
        else:
            suggested.append((ticket_id, best.ticket_id, best.percent, " ".join(best.reasons)))
            payload = told | {"to": best.ticket_id}
            facts.append(Fact(events.TICKET_SUGGESTED, ticket_id, sender.contact_id, who, payload))
    if suggested:
        sql.fetch(_SUGGEST, [now, *sql.columns(suggested)])
    return facts


def look_again(ticket: Ticket, *, now: datetime) -> None:
    """A ticket that somebody opened by hand, or whose contact has just become another's: suggest, never move.

    Inside the caller's transaction.
    """
    spoken = ticket.messages.filter(direction="in", is_held=False).order_by("pk")
    first = spoken.first()
    if first is None or ticket.merged_into_id or Belonging.objects.filter(ticket=ticket).exists():
        return
    text = f"{ticket.subject}\n{first.text}"
    one = Wanted(0, ticket.contact_id, ticket.brand_id, first.channel_id or 0, ticket.pk, text)
    for wanted, found in candidates([one], now=now):
        # Of two that opened together, the younger belongs to the older.
        earlier = [c for c in found if c.ticket_id < ticket.pk]
        judged = guess(wanted, earlier, now=now) if earlier else None
        if judged is None or judged[0].percent < company().suggest_percent:
            continue
        best = judged[0]
        row, created = Belonging.objects.get_or_create(
            ticket=ticket,
            to_id=best.ticket_id,
            defaults={"percent": best.percent, "reasons": list(best.reasons), "created_at": now},
        )
        if created:
            payload = {"percent": row.percent, "reasons": row.reasons, "to": best.ticket_id}
            record_many(
                [Fact(events.TICKET_SUGGESTED, ticket.pk, ticket.contact_id, SYSTEM, payload)],
                now=now,
            )


def _may_go_on(arrival: Arrival) -> bool:
    """A sender whom nobody vouches for, or words that strangers read, are never put into a ticket unasked."""
    sender = arrival.inbound.sender
    proved = sender.verified or sender.kind in GIVEN_BY_CHANNELS
    return proved and not arrival.inbound.is_public


_weights: tuple[float, Weights] | None = None


def weights() -> Weights:
    """How much a word tells here: the planner's own statistics know how many messages hold it."""
    global _weights
    if _weights is None or time.monotonic() - _weights[0] > REFRESH:
        rows = sql.fetch(_FREQUENCIES)
        shares = dict(zip(rows[0][0], rows[0][1], strict=False)) if rows and rows[0][0] else {}
        _weights = time.monotonic(), Weights(shares)
    return _weights[1]
