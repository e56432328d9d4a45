"""Verbs on a ticket's properties: who, what state, how urgent, which words, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent, Team
from sportello.accounts.queries import rights_of
from sportello.core.actors import Actor
from sportello.core.events import Fact, record, record_many
from sportello.core.fields import Unfit, fit
from sportello.core.plain import storable
from sportello.tickets import events
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import CustomField, Kind, Priority, Status, Ticket


class BadValue(ValueError):
    """A value that the property cannot take; the message says which are possible."""


class _Keep:
    """The type of `KEEP`."""


KEEP: Final = _Keep()
"""Leave this property as it is."""


def assign(
    *,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    assignee: Agent | _Keep | None = KEEP,
    team: Team | _Keep | None = KEEP,
) -> Ticket:
    """Give the ticket to an agent, a team, both or nobody (None)."""
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        was = {"was_assignee": ticket.assignee_id, "was_team": ticket.team_id}
        if not isinstance(assignee, _Keep):
            ticket.assignee = assignee
        if not isinstance(team, _Keep):
            ticket.team = team
        if (ticket.assignee_id, ticket.team_id) == (was["was_assignee"], was["was_team"]):
            return ticket
        if isinstance(assignee, Agent) and ticket.assignee_id != was["was_assignee"]:
            _check_takes(ticket, assignee, actor)
        ticket.updated_at = now
        ticket.save(update_fields=["assignee", "team", "updated_at"])
        payload = {"assignee": ticket.assignee_id, "team": ticket.team_id, **was}
        record(events.TICKET_ASSIGNED, ticket_id=ticket.pk, actor=actor, now=now, payload=payload)
    return ticket


def _check_takes(ticket: Ticket, assignee: Agent, actor: Actor) -> None:
    """People give a ticket only to whom may answer it there. Raises `BadValue`."""
    private = bool(ticket.team and ticket.team.is_private)
    if actor.agent_id is not None and not rights_of(assignee).answers(
        ticket.team_id, private, ticket.brand_id
    ):
        raise BadValue(f"{assignee.name} cannot see or answer this ticket.")


def set_status(*, ticket: Ticket, actor: Actor, now: datetime, status: str) -> Ticket:
    """Solve, reopen, put on hold… Closed tickets stay closed: an answer opens a follow-up."""
    if status not in Status.values:
        raise BadValue(_("Status is one of %(choices)s.") % {"choices": ", ".join(Status.values)})
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        facts = change_status(ticket, status, actor=actor, now=now)
        ticket.save(
            update_fields=["status", "solved_at", "waiting_since", "snoozed_until", "updated_at"]
        )
        record_many(facts, now=now)
    return ticket


def change_status(ticket: Ticket, status: str, *, actor: Actor, now: datetime) -> list[Fact]:
    """Change it on a locked ticket without saving; returns the fact, if it changed."""
    was = ticket.status
    if was == status:
        return []
    if was == Status.CLOSED:
        raise BadValue(_("A closed ticket cannot be changed; open a follow-up."))
    ticket.status, ticket.updated_at = status, now
    if status in {Status.SOLVED, Status.CLOSED}:
        ticket.solved_at = ticket.solved_at or now
        ticket.waiting_since = ticket.snoozed_until = None
    else:
        ticket.solved_at = None
    kind = events.TICKET_REOPENED if was == Status.SOLVED else events.STATUS_CHANGED
    payload: Mapping[str, Any] = (
        {"status": status} if kind == events.TICKET_REOPENED else {"status": status, "was": was}
    )
    return [Fact(kind, ticket.pk, ticket.contact_id, actor, payload)]


def _set(
    ticket: Ticket,
    field: str,
    value: Any,
    event: str,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Ticket:
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        was = getattr(ticket, field)
        if was == value:
            return ticket
        setattr(ticket, field, value)
        ticket.updated_at = now
        ticket.save(update_fields=[field, "updated_at"])
        full = {**payload, "was": was} if "was" in payload else payload
        record(event, ticket_id=ticket.pk, actor=actor, now=now, payload=full)
    return ticket


def set_priority(*, ticket: Ticket, actor: Actor, now: datetime, priority: str) -> Ticket:
    if priority not in Priority.values:
        raise BadValue(
            _("Priority is one of %(choices)s.") % {"choices": ", ".join(Priority.values)}
        )
    payload = {"priority": priority, "was": None}
    return _set(
        ticket, "priority", priority, events.PRIORITY_CHANGED, payload, actor=actor, now=now
    )


def set_kind(*, ticket: Ticket, actor: Actor, now: datetime, kind: str) -> Ticket:
    if kind not in Kind.values:
        raise BadValue(_("Type is one of %(choices)s.") % {"choices": ", ".join(Kind.values)})
    return _set(
        ticket, "kind", kind, events.KIND_CHANGED, {"kind": kind, "was": None}, actor=actor, now=now
    )


def rename(*, ticket: Ticket, actor: Actor, now: datetime, subject: str) -> Ticket:
    subject = " ".join(storable(subject).split())[:500]
    if not subject:
        raise BadValue(_("A ticket needs a subject."))
    return _set(ticket, "subject", subject, events.SUBJECT_CHANGED, {}, actor=actor, now=now)


def retag(
    *,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> Ticket:
    """Add and remove tags by name. Tags are lower case, without commas, at most 64 characters."""
    wanted = [tag for tag in (tag_name(name) for name in add) if tag]
    unwanted = {tag_name(name) for name in remove}
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        kept = [tag for tag in ticket.tags if tag not in unwanted]
        tags = kept + [tag for tag in dict.fromkeys(wanted) if tag not in kept]
        if tags == ticket.tags:
            return ticket
        added = [tag for tag in tags if tag not in ticket.tags]
        removed = [tag for tag in ticket.tags if tag not in tags]
        ticket.tags, ticket.updated_at = tags[:50], now
        ticket.save(update_fields=["tags", "updated_at"])
        record(
            events.TAGS_CHANGED,
            ticket_id=ticket.pk,
            actor=actor,
            now=now,
            payload={"added": added, "removed": removed},
        )
    return ticket


def tag_name(text: str) -> str:
    """The spelling under which a tag is kept."""
    return " ".join(text.replace(",", " ").replace("\x00", "").lower().split())[:64]


def set_field(*, ticket: Ticket, actor: Actor, now: datetime, key: str, value: Any) -> Ticket:
    """Set a custom field; None or "" empties it. Raises `BadValue` for unknown keys and unfit values."""
    field = CustomField.objects.filter(key=key).first()
    if field is None:
        raise BadValue(_("There is no field “%(key)s”.") % {"key": key})
    try:
        checked = None if value in (None, "") else fit(field, value)
    except Unfit as unfit:
        raise BadValue(str(unfit)) from unfit
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        custom = {k: v for k, v in ticket.custom.items() if k != key}
        if checked is not None:
            custom[key] = checked
        if custom == ticket.custom:
            return ticket
        ticket.custom, ticket.updated_at = custom, now
        ticket.save(update_fields=["custom", "updated_at"])
        record(
            events.FIELD_CHANGED, ticket_id=ticket.pk, actor=actor, now=now, payload={"key": key}
        )
    return ticket


def snooze(*, ticket: Ticket, actor: Actor, now: datetime, until: datetime) -> Ticket:
    """Out of sight until then, or until the customer writes."""
    if until <= now:
        raise BadValue(_("Snooze until a moment that is still to come."))
    payload = {"until": until.isoformat()}
    return _set(
        ticket, "snoozed_until", until, events.TICKET_SNOOZED, payload, actor=actor, now=now
    )


def wake(*, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    return _set(ticket, "snoozed_until", None, events.TICKET_WOKEN, {}, actor=actor, now=now)


def mark_spam(*, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    """Out of every list but “spam”. Nothing is deleted."""
    return _set(ticket, "is_spam", True, events.SPAM_MARKED, {}, actor=actor, now=now)


def unmark_spam(*, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    return _set(ticket, "is_spam", False, events.SPAM_UNMARKED, {}, actor=actor, now=now)


def end_chat(*, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    """The agent ends the chat: the visitor is told, the ticket is solved. Writing again reopens it."""
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        facts = []
        for thread in ticket.threads.filter(is_open=True).select_related("channel"):
            if thread.channel.code.capabilities.live:
                facts.append(
                    Fact(
                        events.CHAT_ENDED,
                        ticket.pk,
                        ticket.contact_id,
                        actor,
                        {"thread": thread.pk},
                    )
                )
        facts += change_status(ticket, Status.SOLVED, actor=actor, now=now)
        ticket.save(
            update_fields=["status", "solved_at", "waiting_since", "snoozed_until", "updated_at"]
        )
        record_many(facts, now=now)
    return ticket
