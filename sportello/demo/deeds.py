"""Short spellings of what agents do in the demo stories, all by the verbs of tickets."""

from __future__ import annotations

from datetime import datetime

from sportello.core.actors import Actor
from sportello.demo.script import Deed
from sportello.demo.stage import Stage
from sportello.tickets import actions
from sportello.tickets.models import Status, Ticket


def assign(who: str = "", team: str = "") -> Deed:
    """To an agent by first name, who takes it on, to a team by slug, or both."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        if who and Ticket.objects.filter(pk=ticket.pk, status=Status.NEW).exists():
            actions.set_status(ticket=ticket, actor=actor, now=now, status=Status.OPEN)
        actions.assign(
            ticket=ticket,
            actor=actor,
            now=now,
            assignee=stage.agents[who] if who else actions.KEEP,
            team=stage.teams[team] if team else actions.KEEP,
        )

    return run


def tags(*names: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.retag(
        ticket=ticket, actor=actor, now=now, add=names
    )


def priority(level: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.set_priority(
        ticket=ticket, actor=actor, now=now, priority=level
    )


def kind(name: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.set_kind(
        ticket=ticket, actor=actor, now=now, kind=name
    )


def status(name: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.set_status(
        ticket=ticket, actor=actor, now=now, status=name
    )


def fields(**values: str) -> Deed:
    """``ordine``, ``modello``, ``matricola``."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
        return [
            actions.set_field(ticket=ticket, actor=actor, now=now, key=key, value=value)
            for key, value in values.items()
        ]

    return run


def snooze(until: datetime) -> Deed:
    return lambda stage, ticket, actor, now: actions.snooze(
        ticket=ticket, actor=actor, now=now, until=until
    )


def merge_into(key: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.merge(
        ticket=ticket, into=stage.ticket(key), actor=actor, now=now
    )


def spam(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
    return actions.mark_spam(ticket=ticket, actor=actor, now=now)


def end_chat(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> object:
    return actions.end_chat(ticket=ticket, actor=actor, now=now)


def follow(who: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.follow(
        ticket=ticket, agent=stage.agents[who], actor=actor, now=now
    )


def read_by(*names: str) -> Deed:
    """These agents have read it so far."""

    def run(stage: Stage, ticket: Ticket, actor: Actor, now: datetime) -> None:
        ticket.refresh_from_db()
        for name in names:
            actions.mark_read(ticket=ticket, agent=stage.agents[name], now=now)

    return run


def draft(who: str, text: str) -> Deed:
    return lambda stage, ticket, actor, now: actions.save_draft(
        ticket=ticket, agent=stage.agents[who], now=now, text=text
    )
