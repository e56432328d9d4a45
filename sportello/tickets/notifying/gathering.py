"""From facts to notices: who should hear of this, by his own wishes. Reads a batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sportello.accounts.models import Agent, Grant
from sportello.accounts.notices import Kind, Road, wanted
from sportello.core.actors import Actor
from sportello.core.clock import now
from sportello.core.consumers import consumer
from sportello.core.models import Event
from sportello.tickets import events as facts
from sportello.tickets.models import Follower, Notice, Ticket

PAUSE = timedelta(minutes=1)
"""From the fact to the mail: time to read it in the workspace, and for more to come."""
NEWS = timedelta(hours=1)
"""What is older is told to nobody: imports, and a log that is read anew."""

type Key = tuple[int, int]
"""Agent, ticket."""


@dataclass(slots=True)
class Told:
    """What one agent is to hear of one ticket."""

    kinds: set[Kind] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)


@consumer(
    "notices",
    facts.TICKET_OPENED,
    facts.TICKET_ASSIGNED,
    facts.MESSAGE_RECEIVED,
    facts.MESSAGE_HELD,
    facts.MESSAGE_SENT,
    facts.NOTE_ADDED,
)
def gather(events: Sequence[Event]) -> None:
    """Put down what agents are to hear; a sweep looks a minute later whether they still need to."""
    at = now()
    fresh = [e for e in events if e.ticket_id and e.recorded_at > at - NEWS < e.occurred_at]
    told = _told(fresh)
    if told:
        _keep(_as_wished(told), at=at)


def _told(events: Sequence[Event]) -> dict[Key, Told]:
    """Everybody a fact concerns but who did it."""
    about = {e.ticket_id for e in events if e.ticket_id}
    tickets = {
        row["pk"]: row
        for row in Ticket.objects.filter(pk__in=about, is_spam=False).values(
            "pk", "assignee_id", "team_id"
        )
    }
    followers: dict[int, list[int]] = defaultdict(list)
    for ticket_id, agent_id in Follower.objects.filter(ticket__in=tickets).values_list(
        "ticket_id", "agent_id"
    ):
        followers[ticket_id].append(agent_id)
    teams = _members(
        tickets[e.ticket_id]["team_id"]
        for e in events
        if e.type == facts.TICKET_OPENED and e.ticket_id in tickets
    )
    told: dict[Key, Told] = defaultdict(Told)
    for event in events:
        ticket = tickets.get(event.ticket_id or 0)
        if ticket is None:
            continue
        members = teams.get(ticket["team_id"], [])
        for agent_id, kind in _heard(
            event, ticket["assignee_id"], followers[ticket["pk"]], members
        ):
            if Actor.parse(event.actor).agent_id == agent_id:
                continue
            one = told[agent_id, ticket["pk"]]
            one.kinds.add(kind)
            if event.payload.get("message"):
                one.messages.add(int(event.payload["message"]))
    return told


def _heard(
    event: Event, assignee: int | None, followers: Iterable[int], members: Iterable[int]
) -> Iterator[tuple[int, Kind]]:
    if event.type == facts.TICKET_ASSIGNED:
        if event.payload.get("assignee"):
            yield int(event.payload["assignee"]), Kind.ASSIGNED
        return
    if event.type == facts.TICKET_OPENED:
        if assignee is None:
            yield from ((member, Kind.OPENED) for member in members)
        return
    named = {int(agent) for agent in event.payload.get("mentions") or ()}
    yield from ((agent, Kind.MENTION) for agent in named)
    if event.payload.get("nature", "person") != "person":
        return
    if assignee and event.type in {facts.MESSAGE_RECEIVED, facts.MESSAGE_HELD}:
        yield assignee, Kind.ANSWER
    yield from ((agent, Kind.FOLLOWED) for agent in followers if agent not in {*named, assignee})


def _members(teams: Iterable[int | None]) -> dict[int, list[int]]:
    """Who belongs to these teams by name; who may see every public team is in none."""
    wanted_teams = {team for team in teams if team}
    found: dict[int, list[int]] = defaultdict(list)
    if wanted_teams:
        rows = Grant.objects.filter(team__in=wanted_teams).values_list("team_id", "agent_id")
        for team_id, agent_id in rows.distinct():
            found[team_id or 0].append(agent_id)
    return found


def _as_wished(told: dict[Key, Told]) -> dict[Key, Told]:
    agents = Agent.objects.filter(pk__in={agent for agent, _ in told}, is_active=True)
    wishes = {a.pk: wanted(a.preferences, Road.MAIL) for a in agents.only("pk", "preferences")}
    for (agent_id, _ticket), one in told.items():
        one.kinds &= wishes.get(agent_id, frozenset())
    return {key: one for key, one in told.items() if one.kinds}


def _keep(told: dict[Key, Told], *, at: datetime) -> None:
    """Join what waits already for the same agent and ticket, else put down anew."""
    waiting = {
        (n.agent_id, n.ticket_id): n
        for n in Notice.objects.select_for_update(no_key=True)
        .filter(
            agent__in={agent for agent, _ in told},
            ticket__in={ticket for _, ticket in told},
            due_at__isnull=False,
            attempts=0,
        )
        .order_by("pk")
    }
    new = []
    for (agent_id, ticket_id), one in told.items():
        notice = waiting.get((agent_id, ticket_id))
        if notice is None:
            new.append(
                Notice(
                    agent_id=agent_id,
                    ticket_id=ticket_id,
                    kinds=sorted(one.kinds),
                    first_message_id=min(one.messages, default=None),
                    created_at=at,
                    due_at=at + PAUSE,
                )
            )
            continue
        notice.kinds = sorted({*notice.kinds, *one.kinds})
        known = {notice.first_message_id} - {None} | one.messages
        notice.first_message_id = min((m for m in known if m), default=None)
        notice.save(update_fields=["kinds", "first_message_id"])
    Notice.objects.bulk_create(new)
