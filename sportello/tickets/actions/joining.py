"""Merge and split: two tickets about one problem, one ticket about two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.contacts.models import Contact
from sportello.core.actors import Actor
from sportello.core.events import Fact, record_many
from sportello.tickets import events
from sportello.tickets.locking import check_answers, lock_many
from sportello.tickets.models import (
    CALL,
    Belonging,
    Direction,
    Draft,
    Follower,
    Joining,
    Message,
    Status,
    Thread,
    Ticket,
)
from sportello.tickets.preview import preview_of


class CannotMerge(ValueError):
    """These two tickets cannot become one; the message says why."""


def merge(*, ticket: Ticket, into: Ticket, actor: Actor, now: datetime) -> Ticket:
    """All that was said in `ticket` goes on in `into`; later answers to the old threads land there too."""
    if ticket.pk == into.pk:
        raise CannotMerge(_("A ticket cannot be merged into itself."))
    with transaction.atomic():
        locked = lock_many([ticket, into])
        ticket, into = locked[ticket.pk], locked[into.pk]
        check_answers(ticket, actor)
        check_answers(into, actor)
        if ticket.merged_into_id or into.merged_into_id:
            raise CannotMerge(_("One of them has been merged already."))
        if into.status == Status.CLOSED:
            raise CannotMerge(_("A closed ticket takes nothing in."))
        record = _bring(ticket, into)
        if ticket.waiting_since and into.status != Status.SOLVED:
            into.waiting_since = min(filter(None, [into.waiting_since, ticket.waiting_since]))
        recount(into, now=now)
        ticket.status, ticket.merged_into, ticket.waiting_since = Status.CLOSED, into, None
        ticket.solved_at, ticket.updated_at = ticket.solved_at or now, now
        ticket.save()
        Joining.objects.create(
            ticket=ticket, into=into, record=record, actor=str(actor), created_at=now
        )
        _settle(ticket, into, actor, now=now)
        payload = {"ticket": ticket.pk, "into": into.pk}
        record_many(
            [
                Fact(events.TICKET_MERGED, into.pk, into.contact_id, actor, payload),
                Fact(events.TICKET_MERGED, ticket.pk, ticket.contact_id, actor, payload),
            ],
            now=now,
        )
    return into


MOVED: tuple[type[Any], ...] = (Thread, Message, Draft)
OWN = ("status", "waiting_since", "solved_at")


def _bring(ticket: Ticket, into: Ticket) -> dict[str, Any]:
    """Move all that hangs on the ticket; returns what has to be known to take it back."""
    writing = set(into.drafts.values_list("agent_id", flat=True))
    moved: dict[str, list[int]] = {}
    for model in MOVED:
        rows: Any = model._default_manager.filter(ticket=ticket)
        if model is Draft:
            # Who writes on both keeps both: the other draft waits on the ticket it was written for.
            rows = rows.exclude(agent__in=writing)
        moved[model.__name__] = list(rows.values_list("pk", flat=True))
        rows.update(ticket=into)
    followed = set(into.followers.values_list("agent_id", flat=True))
    new = [f.agent_id for f in ticket.followers.all() if f.agent_id not in followed]
    Follower.objects.bulk_create([Follower(ticket=into, agent_id=agent_id) for agent_id in new])
    tags = [tag for tag in ticket.tags if tag not in into.tags]
    record = {
        "moved": moved,
        "followers": new,
        "tags": tags,
        "ticket": _plain({name: getattr(ticket, name) for name in OWN}),
        "waiting_since": _plain({"was": into.waiting_since})["was"],
    }
    into.tags = [*into.tags, *tags][:50]
    return record


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}


def _settle(ticket: Ticket, into: Ticket, actor: Actor, *, now: datetime) -> None:
    """A suggestion that these two are one is answered by it."""
    Belonging.objects.filter(ticket=ticket, to=into).update(
        state=Belonging.State.JOINED, decided_by=str(actor), decided_at=now
    )


def unmerge(*, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    """Take a merge back: what the ticket brought returns to it, with what was said on its threads since.

    Notes and answers on the survivor's own threads stay there.
    """
    with transaction.atomic():
        joining = Joining.objects.filter(ticket=ticket, undone_at=None).order_by("-pk").first()
        if joining is None:
            raise CannotMerge(_("This ticket is not merged."))
        survivor = _survivor(joining.into)
        locked = lock_many([joining.ticket, survivor])
        ticket, into = locked[joining.ticket_id], locked[survivor.pk]
        check_answers(ticket, actor)
        check_answers(into, actor)
        # Looked at again under the locks: two people may press the button at once.
        if not Joining.objects.filter(pk=joining.pk, undone_at=None).update(undone_at=now):
            raise CannotMerge(_("This ticket is not merged."))
        record = joining.record
        for model in MOVED:
            rows: Any = model._default_manager.filter(pk__in=record["moved"][model.__name__])
            rows.filter(ticket=into).update(ticket=ticket)
        Message.objects.filter(thread__in=record["moved"]["Thread"], ticket=into).update(
            ticket=ticket
        )
        into.followers.filter(agent__in=record["followers"]).delete()
        into.tags = [tag for tag in into.tags if tag not in record["tags"]]
        if into.waiting_since and into.waiting_since == _moment(record["ticket"]["waiting_since"]):
            into.waiting_since = _moment(record["waiting_since"])
        recount(into, now=now)
        ticket.merged_into = None
        ticket.status = record["ticket"]["status"]
        ticket.waiting_since = _moment(record["ticket"]["waiting_since"])
        ticket.solved_at = _moment(record["ticket"]["solved_at"])
        recount(ticket, now=now)
        _refused(ticket, into, actor, now=now)
        payload = {"ticket": ticket.pk, "into": into.pk}
        record_many(
            [
                Fact(events.TICKET_UNMERGED, ticket.pk, ticket.contact_id, actor, payload),
                Fact(events.TICKET_UNMERGED, into.pk, into.contact_id, actor, payload),
            ],
            now=now,
        )
    return ticket


def _survivor(ticket: Ticket) -> Ticket:
    """Where a ticket's story goes on: it may have been merged further."""
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def refuse(*, ticket: Ticket, to: Ticket, actor: Actor, now: datetime) -> None:
    """Another matter: the suggestion goes away and does not come back."""
    with transaction.atomic():
        ticket = lock_many([ticket])[ticket.pk]
        check_answers(ticket, actor)
        _refused(ticket, to, actor, now=now)
        payload = {"to": to.pk}
        record_many(
            [Fact(events.SUGGESTION_REFUSED, ticket.pk, ticket.contact_id, actor, payload)], now=now
        )


def _refused(ticket: Ticket, to: Ticket, actor: Actor, *, now: datetime) -> None:
    Belonging.objects.filter(ticket=ticket, to=to).update(
        state=Belonging.State.REFUSED, decided_by=str(actor), decided_at=now
    )


def recount(ticket: Ticket, *, now: datetime) -> None:
    """Recompute what lists show from the messages that are there, and save."""
    spoken = ticket.messages.exclude(direction=Direction.NOTE).filter(is_held=False)
    last = spoken.order_by("-created_at", "-pk").first()
    written = spoken.filter(direction=Direction.IN).exclude(nature=CALL)
    inbound = written.order_by("-pk").first()
    ticket.last_inbound_id = inbound.pk if inbound else None
    if last is not None:
        ticket.last_message_at, ticket.preview = last.created_at, preview_of(last.text)
        ticket.last_author = _author(last)
    order = ticket.threads.order_by("last_message_at", "pk").values_list("channel_id", flat=True)
    ticket.channel_ids = list(dict.fromkeys(reversed(list(order))))[::-1]
    ticket.updated_at = now
    ticket.save()


def _author(last: Message) -> str:
    """Who spoke last. On the telephone both did, and nobody waits."""
    said = last.direction == Direction.IN and last.nature != CALL
    return "contact" if said else "agent"


def split(
    *, ticket: Ticket, message: Message, actor: Actor, now: datetime, subject: str = ""
) -> Ticket:
    """One message of the customer becomes a ticket of its own."""
    with transaction.atomic():
        ticket = lock_many([ticket])[ticket.pk]
        check_answers(ticket, actor)
        message = Message.objects.select_related("identity__contact", "channel").get(
            pk=message.pk, ticket=ticket
        )
        if message.direction != Direction.IN or message.nature == CALL:
            raise CannotMerge(_("Only a message of the customer can be split off."))
        if ticket.messages.filter(direction=Direction.IN).count() < 2:
            raise CannotMerge(_("This is the only message of the ticket."))
        contact = message.identity.contact if message.identity else ticket.contact
        own = move_to_new_ticket(message, ticket, contact=contact, now=now, subject=subject)
        recount(ticket, now=now)
        payload = {"message": message.pk, "into": own.pk}
        record_many(
            [
                Fact(events.TICKET_SPLIT, ticket.pk, ticket.contact_id, actor, payload),
                Fact(
                    events.TICKET_OPENED,
                    own.pk,
                    own.contact_id,
                    actor,
                    {"channel": message.channel_id},
                ),
            ],
            now=now,
        )
    return own


def move_to_new_ticket(
    message: Message, ticket: Ticket, *, contact: Contact, now: datetime, subject: str = ""
) -> Ticket:
    """Inside the caller's transaction: a new ticket of `contact` with a thread of its own for `message`."""
    own = Ticket.objects.create(
        subject=subject.strip()[:500]
        or message.subject
        or preview_of(message.text)[:120]
        or ticket.subject,
        brand=ticket.brand,
        contact=contact,
        organization_id=contact.organization_id,
        team=ticket.team,
        language=ticket.language,
        created_at=message.created_at,
        updated_at=now,
        last_message_at=message.created_at,
        last_inbound_id=message.pk,
        waiting_since=message.created_at,
        preview=preview_of(message.text),
        channel_ids=[message.channel_id] if message.channel_id else [],
    )
    own.refresh_from_db()
    thread = None
    if message.channel is not None:
        thread = Thread.objects.create(
            ticket=own,
            channel=message.channel,
            identity=message.identity,
            last_message_at=message.created_at,
            created_at=now,
        )
    Message.objects.filter(pk=message.pk).update(ticket=own, thread=thread)
    return own
