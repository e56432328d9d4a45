"""Which ticket does a message belong to? By a secret token, by the sender's own thread, by an open talk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sportello.contacts.resolve import Key, Known, key_of, normalise
from sportello.core import sql
from sportello.tickets.arrival import Arrival, Place, Placing

_COLUMNS = "th.id, t.id, th.channel_id, t.contact_id, t.status, t.solved_at, t.last_message_at"

_BY_THREAD = f"""
SELECT {_COLUMNS} FROM tickets_thread th JOIN tickets_ticket t ON t.id = th.ticket_id WHERE th.id = ANY(%s)
"""  # noqa: S608

_BY_REFERENCE = f"""
SELECT w.n, {_COLUMNS}
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY
     AS w(n, channel_id, identity_id, reference, nearness)
JOIN tickets_message m ON m.channel_id = w.channel_id AND m.external_id = w.reference AND m.identity_id = w.identity_id
JOIN tickets_thread th ON th.id = m.thread_id
JOIN tickets_ticket t ON t.id = th.ticket_id
WHERE NOT m.is_held
ORDER BY w.nearness
"""  # noqa: S608

_BY_TALK = f"""
SELECT w.n, {_COLUMNS}
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) AS w(n, channel_id, identity_id, ref)
CROSS JOIN LATERAL (
  SELECT * FROM tickets_thread
  WHERE channel_id = w.channel_id AND identity_id = w.identity_id AND is_open AND external_ref = w.ref
  ORDER BY id DESC LIMIT 1
) th
JOIN tickets_ticket t ON t.id = th.ticket_id
"""  # noqa: S608

_BY_SHARED = f"""
SELECT w.n, {_COLUMNS}
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) AS w(n, channel_id, identity_id, ref)
CROSS JOIN LATERAL (
  SELECT * FROM tickets_thread
  WHERE channel_id = w.channel_id AND external_ref = w.ref AND external_ref <> '' AND is_open
  ORDER BY id DESC LIMIT 1
) th
JOIN tickets_ticket t ON t.id = th.ticket_id
"""  # noqa: S608

_WHO_MAY = """
SELECT th.id, i.kind, i.address, i.id, i.contact_id, i.proof
FROM tickets_thread th
JOIN tickets_ticket t ON t.id = th.ticket_id
JOIN contacts_identity i ON i.contact_id = t.contact_id OR i.id = th.identity_id
WHERE th.id = ANY(%s)
"""

_PARTICIPANTS = """
SELECT thread_id, address FROM tickets_participant WHERE thread_id = ANY(%s) AND is_active
"""


@dataclass(slots=True)
class Named:
    """The thread that a genuine token names, and who may go on there."""

    place: Place
    own: dict[Key, Known]
    """Addresses of the requester, claimed ones included."""
    participants: set[str]

    def knows(self, key: Key) -> bool:
        return key in self.own or (key[0] == "email" and key[1] in self.participants)


def named_by_tokens(arrivals: Iterable[Arrival]) -> dict[int, Named]:
    """Thread id → what its token opens, for all genuine tokens of a batch."""
    thread_ids = sorted({a.claim.thread_id for a in arrivals if a.claim})
    if not thread_ids:
        return {}
    named = {row[0]: Named(Place(*row), {}, set()) for row in sql.fetch(_BY_THREAD, [thread_ids])}
    for thread_id, kind, address, identity_id, contact_id, proof in sql.fetch(
        _WHO_MAY, [thread_ids]
    ):
        named[thread_id].own[kind, address] = Known(identity_id, contact_id, proof)
    for thread_id, address in sql.fetch(_PARTICIPANTS, [thread_ids]):
        named[thread_id].participants.add(normalise("email", address))
    return named


def place_all(
    arrivals: Sequence[Arrival],
    senders: Sequence[Known],
    named: dict[int, Named],
    *,
    now: datetime,
    reopen_days: int,
) -> list[Placing]:
    """Decide for each message of a wave. Reads only; the tickets are locked afterwards."""
    own = _by_reference(arrivals, senders)
    talks = _by_talk(arrivals, senders)
    placings: list[Placing] = []
    for n, arrival in enumerate(arrivals):
        claim = named.get(arrival.claim.thread_id) if arrival.claim else None
        if claim is not None and not _takes_part(arrival, claim):
            placings.append(Placing(claim.place, held=True))
            continue
        place = claim.place if claim else own.get(n) or talks.get(n)
        if place is None:
            placings.append(Placing())
        elif place.goes_on(now=now, reopen_days=reopen_days):
            placings.append(Placing(place))
        else:
            placings.append(Placing(follow_up_of=place.ticket_id))
    return placings


def _takes_part(arrival: Arrival, named: Named) -> bool:
    """With an agent's token nobody does: what was not sent as the agent's own answer is held."""
    is_agents = arrival.claim is not None and arrival.claim.agent_id is not None
    return not is_agents and named.knows(key_of(arrival.inbound.sender))


def _by_reference(arrivals: Sequence[Arrival], senders: Sequence[Known]) -> dict[int, Place]:
    """The same sender's own earlier mail, nearest reference first. Empty ids never match."""
    wanted = [
        (n, a.mouth.id, sender.identity_id, reference)
        for n, (a, sender) in enumerate(zip(arrivals, senders, strict=True))
        for reference in a.inbound.references[:50]
        if reference
    ]
    found = _query(_BY_REFERENCE, wanted)
    nearest: dict[int, Place] = {}
    for n, place in found:
        nearest.setdefault(n, place)
    return nearest


def _by_talk(arrivals: Sequence[Arrival], senders: Sequence[Known]) -> dict[int, Place]:
    """On conversational channels: the sender's open thread, or the one the vendor names, whoever began it."""
    own: list[tuple[int, int, int, str]] = []
    shared: list[tuple[int, int, int, str]] = []
    for n, (a, sender) in enumerate(zip(arrivals, senders, strict=True)):
        row = (n, a.mouth.id, sender.identity_id, a.inbound.thread_ref)
        if a.is_shared:
            shared.append(row)
        elif a.mouth.provider.conversational or a.inbound.thread_ref:
            own.append(row)
    return dict(_query(_BY_TALK, own) + _query(_BY_SHARED, shared))


def _query(statement: str, rows: list[tuple[int, int, int, str]]) -> list[tuple[int, Place]]:
    if not rows:
        return []
    return [(row[0], Place(*row[1:])) for row in sql.fetch(statement, sql.columns(rows))]
