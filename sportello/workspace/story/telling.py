"""Sentences that need more than the name of who did it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sportello.commerce.models import Deed, DeedState
from sportello.core.actors import Actor
from sportello.core.models import Event
from sportello.tickets.models import Priority, Status
from sportello.workspace.likely import why_same
from sportello.workspace.story.names import Names


def listed(told: object) -> list[str]:
    """A list of a fact's payload; empty when the fact is older than the list."""
    return [str(name) for name in told] if isinstance(told, list) else []


def bold(template: str, **values: Any) -> SafeString:
    """The sentence with its facts in bold; both sides escaped."""
    return format_html(
        template, **{key: format_html("<b>{}</b>", value) for key, value in values.items()}
    )


def assigned(event: Event, names: Names, who: str) -> SafeString:
    to, team = event.payload.get("assignee"), event.payload.get("team")
    person = names.agents.get(to or 0, "")
    if person and Actor.parse(event.actor).agent_id == to:
        return bold(_("{who} took it"), who=who)
    if person and team:
        return bold(
            _("Assigned to {person}, team {team}, by {who}"),
            person=person,
            team=names.teams.get(team, ""),
            who=who,
        )
    if person:
        return bold(_("Assigned to {person} by {who}"), person=person, who=who)
    if team and event.payload.get("was_team") != team:
        return bold(_("Passed to team {team} by {who}"), team=names.teams.get(team, ""), who=who)
    return bold(
        _("Taken off {was} by {who}"),
        was=names.agents.get(event.payload.get("was_assignee") or 0, _("its agent")),
        who=who,
    )


def choice(choices: Any, value: Any) -> str:
    return str(dict(choices.choices).get(value, value)).lower()


def status(event: Event, names: Names, who: str) -> SafeString:
    return bold(
        _("{who} set it to {status}"), who=who, status=choice(Status, event.payload.get("status"))
    )


def priority(event: Event, names: Names, who: str) -> SafeString:
    return bold(
        _("Priority {priority}, by {who}"),
        priority=choice(Priority, event.payload.get("priority")),
        who=who,
    )


def tags(event: Event, names: Names, who: str) -> SafeString:
    added, removed = event.payload.get("added") or [], event.payload.get("removed") or []
    if not isinstance(added, list) or not isinstance(removed, list):
        return bold(_("{who} changed the tags"), who=who)
    words = [f"+ {tag}" for tag in added] + [f"\N{MINUS SIGN} {tag}" for tag in removed]
    return bold(_("Tags {tags}, by {who}"), tags=", ".join(map(str, words)), who=who)


def snoozed(event: Event, names: Names, who: str) -> SafeString:
    until = parse_datetime(str(event.payload.get("until") or ""))
    now = timezone.now()
    return bold(
        _("{who} snoozed it until {until}"), who=who, until=_future(until, now) if until else "?"
    )


def _future(at: datetime, now: datetime) -> str:
    local = timezone.localtime(at)
    return (
        date_format(local, "H:i")
        if local.date() == timezone.localtime(now).date()
        else date_format(local, "D j M, H:i").lower()
    )


def merged(event: Event, names: Names, who: str) -> SafeString:
    into, other = event.payload.get("into"), event.payload.get("ticket")
    if (other and into == event.ticket_id) or not into:
        return bold(
            _("{who} merged n. {number} into this ticket"),
            who=who,
            number=names.tickets.get(other or 0, "?"),
        )
    return bold(
        _("{who} merged this ticket into n. {number}"), who=who, number=names.tickets.get(into, "?")
    )


def recognised(event: Event, names: Names, who: str) -> SafeString:
    return bold(
        _("Recognised as the same problem ({percent} %): {why}"),
        percent=event.payload.get("percent"),
        why=why_same(event.payload.get("reasons")),
    )


def suggested(event: Event, names: Names, who: str) -> SafeString:
    return bold(
        _("May belong to n. {number} ({percent} %)"),
        number=names.tickets.get(event.payload.get("to") or 0, "?"),
        percent=event.payload.get("percent"),
    )


def split(event: Event, names: Names, who: str) -> SafeString:
    return bold(
        _("{who} moved a message to n. {number}"),
        who=who,
        number=names.tickets.get(event.payload.get("into") or 0, "?"),
    )


def opened(event: Event, names: Names, who: str) -> SafeString:
    earlier = event.payload.get("follow_up_of")
    if earlier:
        return bold(_("Follow-up of n. {number}"), number=names.tickets.get(earlier, "?"))
    if Actor.parse(event.actor).agent_id is None:
        return bold(_("Ticket opened by the first message"), who=who)
    return bold(_("Ticket opened by {who}"), who=who)


def reopened(event: Event, names: Names, who: str) -> SafeString:
    if Actor.parse(event.actor).agent_id is None:
        return bold(_("Open again: the customer wrote"), who=who)
    return bold(_("{who} reopened it"), who=who)


def plain(sentence: Callable[[], str]) -> Callable[[Event, Names, str], SafeString]:
    return lambda event, names, who: bold(sentence(), who=who)


def act_asked(event: Event, names: Names, who: str) -> SafeString:
    act = choice(Deed.Kind, event.payload.get("act"))
    return bold(_("{who} asked the shop: {act}"), who=who, act=act)


def act_settled(event: Event, names: Names, who: str) -> SafeString:
    act = choice(Deed.Kind, event.payload.get("act"))
    state = choice(DeedState, event.payload.get("state"))
    return bold(_("The shop answered: {act}, {state}"), act=act, state=state)
