"""Merge and split: two tickets about one problem, one ticket about two."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.contacts.models import Contact
from sportello.core.actors import Actor
from sportello.core.events import Fact, record_many
from sportello.tickets import events
from sportello.tickets.actions.locking import check_answers, lock_many
from sportello.tickets.appending import preview_of
from sportello.tickets.models import Direction, Draft, Follower, Message, Status, Thread, Ticket


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
        Thread.objects.filter(ticket=ticket).update(ticket=into)
        Message.objects.filter(ticket=ticket).update(ticket=into)
        Draft.objects.filter(ticket=ticket).delete()
        for follower in Follower.objects.filter(ticket=ticket):
            Follower.objects.get_or_create(ticket=into, agent_id=follower.agent_id)
        into.tags = list(dict.fromkeys([*into.tags, *ticket.tags]))[:50]
        if ticket.waiting_since and into.status != Status.SOLVED:
            into.waiting_since = min(filter(None, [into.waiting_since, ticket.waiting_since]))
        recount(into, now=now)
        ticket.status, ticket.merged_into, ticket.waiting_since = Status.CLOSED, into, None
        ticket.solved_at, ticket.updated_at = ticket.solved_at or now, now
        ticket.save()
        payload = {"ticket": ticket.pk, "into": into.pk}
        record_many(
            [
                Fact(events.TICKET_MERGED, into.pk, into.contact_id, actor, payload),
                Fact(events.TICKET_MERGED, ticket.pk, ticket.contact_id, actor, payload),
            ],
            now=now,
        )
    return into


def recount(ticket: Ticket, *, now: datetime) -> None:
    """Recompute what lists show from the messages that are there, and save."""
    spoken = ticket.messages.exclude(direction=Direction.NOTE).filter(is_held=False)
    last = spoken.order_by("-created_at", "-pk").first()
    inbound = spoken.filter(direction=Direction.IN).order_by("-pk").first()
    ticket.last_inbound_id = inbound.pk if inbound else None
    if last is not None:
        ticket.last_message_at, ticket.preview = last.created_at, preview_of(last.text)
        ticket.last_author = "contact" if last.direction == Direction.IN else "agent"
    order = ticket.threads.order_by("last_message_at", "pk").values_list("channel_id", flat=True)
    ticket.channel_ids = list(dict.fromkeys(reversed(list(order))))[::-1]
    ticket.updated_at = now
    ticket.save()


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
        if message.direction != Direction.IN:
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
