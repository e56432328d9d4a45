"""Names behind ids, for the lines of a story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sportello.accounts.models import Agent, Team
from sportello.core.actors import Actor
from sportello.core.models import Event
from sportello.tickets.models import Ticket


@dataclass(slots=True)
class Names:
    """Names behind the ids of a page's events, fetched at once."""

    agents: dict[int, str] = field(default_factory=dict)
    teams: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Names:
        agents, teams, tickets = set[int](), set[int](), set[int]()
        for event in events:
            actor = Actor.parse(event.actor)
            agents |= {
                id
                for id in (
                    actor.agent_id,
                    event.payload.get("assignee"),
                    event.payload.get("agent"),
                )
                if id
            }
            teams |= {id for id in (event.payload.get("team"),) if id}
            tickets |= {
                event.payload[key]
                for key in ("into", "ticket", "follow_up_of", "to")
                if isinstance(event.payload.get(key), int)
            }
        return cls(
            agents=dict(Agent.objects.filter(pk__in=agents).values_list("pk", "name"))
            if agents
            else {},
            teams=dict(Team.objects.filter(pk__in=teams).values_list("pk", "name"))
            if teams
            else {},
            tickets=dict(Ticket.objects.filter(pk__in=tickets).values_list("pk", "number"))
            if tickets
            else {},
        )

    def actor(self, event: Event) -> str:
        actor = Actor.parse(event.actor)
        if actor.agent_id:
            return self.agents.get(actor.agent_id, _("An agent"))
        return {
            "contact": _("The customer"),
            "visitor": _("The customer"),
            "api": _("A program"),
        }.get(actor.kind, _("Sportello"))
