"""What an event of the log says in a ticket's story: one human line, with names instead of ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent, Team
from sportello.commerce.models import Deed, DeedState
from sportello.core.actors import Actor
from sportello.core.models import Event
from sportello.tickets.confidential.words import field_names
from sportello.tickets.models import DeliveryState, Kind, Priority, Status, Ticket
from sportello.workspace.likely import why_same


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


@dataclass(frozen=True, slots=True)
class Line:
    icon: str
    text: SafeString


def _names(told: object) -> list[str]:
    """A list of a fact's payload; empty when the fact is older than the list."""
    return [str(name) for name in told] if isinstance(told, list) else []


def _b(template: str, **values: Any) -> SafeString:
    """The sentence with its facts in bold; both sides escaped."""
    return format_html(
        template, **{key: format_html("<b>{}</b>", value) for key, value in values.items()}
    )


def _assigned(event: Event, names: Names, who: str) -> SafeString:
    to, team = event.payload.get("assignee"), event.payload.get("team")
    person = names.agents.get(to or 0, "")
    if person and Actor.parse(event.actor).agent_id == to:
        return _b(_("{who} took it"), who=who)
    if person and team:
        return _b(
            _("Assigned to {person}, team {team}, by {who}"),
            person=person,
            team=names.teams.get(team, ""),
            who=who,
        )
    if person:
        return _b(_("Assigned to {person} by {who}"), person=person, who=who)
    if team and event.payload.get("was_team") != team:
        return _b(_("Passed to team {team} by {who}"), team=names.teams.get(team, ""), who=who)
    return _b(
        _("Taken off {was} by {who}"),
        was=names.agents.get(event.payload.get("was_assignee") or 0, _("its agent")),
        who=who,
    )


def _choice(choices: Any, value: Any) -> str:
    return str(dict(choices.choices).get(value, value)).lower()


def _status(event: Event, names: Names, who: str) -> SafeString:
    return _b(
        _("{who} set it to {status}"), who=who, status=_choice(Status, event.payload.get("status"))
    )


def _priority(event: Event, names: Names, who: str) -> SafeString:
    return _b(
        _("Priority {priority}, by {who}"),
        priority=_choice(Priority, event.payload.get("priority")),
        who=who,
    )


def _tags(event: Event, names: Names, who: str) -> SafeString:
    added, removed = event.payload.get("added") or [], event.payload.get("removed") or []
    if not isinstance(added, list) or not isinstance(removed, list):
        return _b(_("{who} changed the tags"), who=who)
    words = [f"+ {tag}" for tag in added] + [f"\N{MINUS SIGN} {tag}" for tag in removed]
    return _b(_("Tags {tags}, by {who}"), tags=", ".join(map(str, words)), who=who)


def _snoozed(event: Event, names: Names, who: str) -> SafeString:
    until = parse_datetime(str(event.payload.get("until") or ""))
    now = timezone.now()
    return _b(
        _("{who} snoozed it until {until}"), who=who, until=_future(until, now) if until else "?"
    )


def _future(at: datetime, now: datetime) -> str:
    local = timezone.localtime(at)
    return (
        date_format(local, "H:i")
        if local.date() == timezone.localtime(now).date()
        else date_format(local, "D j M, H:i").lower()
    )


def _merged(event: Event, names: Names, who: str) -> SafeString:
    into, other = event.payload.get("into"), event.payload.get("ticket")
    if (other and into == event.ticket_id) or not into:
        return _b(
            _("{who} merged n. {number} into this ticket"),
            who=who,
            number=names.tickets.get(other or 0, "?"),
        )
    return _b(
        _("{who} merged this ticket into n. {number}"), who=who, number=names.tickets.get(into, "?")
    )


def _recognised(event: Event, names: Names, who: str) -> SafeString:
    return _b(
        _("Recognised as the same problem ({percent} %): {why}"),
        percent=event.payload.get("percent"),
        why=why_same(event.payload.get("reasons")),
    )


def _suggested(event: Event, names: Names, who: str) -> SafeString:
    return _b(
        _("May belong to n. {number} ({percent} %)"),
        number=names.tickets.get(event.payload.get("to") or 0, "?"),
        percent=event.payload.get("percent"),
    )


def _split(event: Event, names: Names, who: str) -> SafeString:
    return _b(
        _("{who} moved a message to n. {number}"),
        who=who,
        number=names.tickets.get(event.payload.get("into") or 0, "?"),
    )


def _opened(event: Event, names: Names, who: str) -> SafeString:
    earlier = event.payload.get("follow_up_of")
    if earlier:
        return _b(_("Follow-up of n. {number}"), number=names.tickets.get(earlier, "?"))
    if Actor.parse(event.actor).agent_id is None:
        return _b(_("Ticket opened by the first message"), who=who)
    return _b(_("Ticket opened by {who}"), who=who)


def _reopened(event: Event, names: Names, who: str) -> SafeString:
    if Actor.parse(event.actor).agent_id is None:
        return _b(_("Open again: the customer wrote"), who=who)
    return _b(_("{who} reopened it"), who=who)


def _plain(sentence: Callable[[], str]) -> Callable[[Event, Names, str], SafeString]:
    return lambda event, names, who: _b(sentence(), who=who)


def _act_asked(event: Event, names: Names, who: str) -> SafeString:
    act = _choice(Deed.Kind, event.payload.get("act"))
    return _b(_("{who} asked the shop: {act}"), who=who, act=act)


def _act_settled(event: Event, names: Names, who: str) -> SafeString:
    act = _choice(Deed.Kind, event.payload.get("act"))
    state = _choice(DeedState, event.payload.get("state"))
    return _b(_("The shop answered: {act}, {state}"), act=act, state=state)


SENTENCES: dict[str, tuple[str, Callable[[Event, Names, str], SafeString]]] = {
    "ticket_opened": ("inbox", _opened),
    "ticket_reopened": ("rotate-ccw", _reopened),
    "held_accepted": ("check", _plain(lambda: _("{who} accepted the held message"))),
    "held_refused": ("ban", _plain(lambda: _("{who} set the held message apart"))),
    "message_undone": ("undo-2", _plain(lambda: _("{who} took an answer back before it left"))),
    "ticket_assigned": ("user-round", _assigned),
    "status_changed": ("circle-check", _status),
    "priority_changed": ("flag", _priority),
    "kind_changed": (
        "info",
        lambda e, n, w: _b(
            _("Type {kind}, by {who}"), kind=_choice(Kind, e.payload.get("kind")), who=w
        ),
    ),
    "subject_changed": ("pencil", _plain(lambda: _("{who} changed the subject"))),
    "tags_changed": ("tag", _tags),
    "field_changed": (
        "pencil",
        lambda e, n, w: _b(_("{who} changed the field {key}"), who=w, key=e.payload.get("key", "")),
    ),
    "ticket_snoozed": ("alarm-clock", _snoozed),
    "ticket_woken": ("bell", _plain(lambda: _("Back from snooze"))),
    "ticket_merged": ("merge", _merged),
    "ticket_split": ("split", _split),
    "ticket_unmerged": ("undo-2", _plain(lambda: _("{who} took the merge back"))),
    "message_recognised": ("merge", _recognised),
    "ticket_suggested": ("merge", _suggested),
    "ticket_suggestion_refused": (
        "split",
        _plain(lambda: _("{who} said that it is another matter")),
    ),
    "spam_marked": ("octagon-alert", _plain(lambda: _("{who} marked it as spam"))),
    "spam_unmarked": ("undo-2", _plain(lambda: _("{who} said that it is not spam"))),
    "participant_changed": ("users", _plain(lambda: _("{who} changed who gets copies"))),
    "identity_verified": ("badge-check", _plain(lambda: _("The customer proved an address"))),
    "identity_asked": ("mail", _plain(lambda: _("{who} asked to confirm an address"))),
    "identity_doubted": (
        "users",
        _plain(lambda: _("{who} noticed that an address does not tell one person")),
    ),
    "identity_cleared": (
        "badge-check",
        _plain(lambda: _("{who} said that an address is one person's after all")),
    ),
    "secure_form_sent": (
        "shield-check",
        lambda e, n, w: _b(
            _("{who} asked for {fields} on a protected page"),
            who=w,
            fields=field_names(_names(e.payload.get("fields"))),
        ),
    ),
    "secure_form_answered": (
        "shield-check",
        lambda e, n, w: _b(
            _("{who} gave {fields} on the protected page"),
            who=w,
            fields=field_names(_names(e.payload.get("fields"))),
        ),
    ),
    "secure_form_withdrawn": ("undo-2", _plain(lambda: _("{who} closed the protected page"))),
    "secure_form_read": (
        "eye",
        _plain(lambda: _("{who} read what was given on the protected page")),
    ),
    "original_revealed": ("eye", _plain(lambda: _("{who} looked at covered data"))),
    "chat_ended": ("message-square", _plain(lambda: _("{who} ended the chat"))),
    "message_edited": ("pencil", _plain(lambda: _("{who} edited a message"))),
    "message_withdrawn": ("undo-2", _plain(lambda: _("{who} withdrew a message"))),
    "moderation_settled": (
        "eye-off",
        _plain(lambda: _("The channel answered about hiding a message")),
    ),
    "message_hidden": ("eye-off", _plain(lambda: _("{who} hid a message from strangers"))),
    "message_shown": ("eye", _plain(lambda: _("{who} showed a hidden message again"))),
    "followers_changed": ("bell", _plain(lambda: _("{who} follows this ticket"))),
    "message_received": ("mail", _plain(lambda: _("{who} wrote"))),
    "message_sent": ("send", _plain(lambda: _("{who} answered"))),
    "note_added": ("lock", _plain(lambda: _("{who} added a note"))),
    "message_held": ("hand", _plain(lambda: _("A message from an unknown address is held"))),
    "order_act_asked": ("package", _act_asked),
    "order_act_settled": ("package", _act_settled),
    "delivery_changed": (
        "check-check",
        lambda e, n, w: _b(
            _("Delivery: {state}"), state=_choice(DeliveryState, e.payload.get("state", ""))
        ),
    ),
}


def line(event: Event, names: Names) -> Line:
    """The event as one line. A type that nobody wrote a sentence for shows its plain name."""
    icon, sentence = SENTENCES.get(
        event.type, ("info", lambda e, n, w: _b("{type}", type=e.type.replace("_", " ")))
    )
    return Line(icon, sentence(event, names, names.actor(event)))
