"""Verbs about what stands in public: hide it, show it again, answer its author in private."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.channels.contract import COMMENT
from sportello.channels.models import Channel
from sportello.channels.queries import Mouth
from sportello.core.actors import Actor
from sportello.core.events import Fact, record_many
from sportello.tickets import events, jobs
from sportello.tickets.actions.reading import mark_read
from sportello.tickets.actions.refusals import Empty, Unreachable
from sportello.tickets.actions.words import words_of
from sportello.tickets.actions.working import BadValue
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import (
    Delivery,
    Direction,
    Message,
    Moderation,
    Status,
    Thread,
    Ticket,
)
from sportello.tickets.preview import preview_of
from sportello.tickets.ways.in_public import can_hide, private_way


def hide(*, message: Message, actor: Actor, now: datetime, hidden: bool = True) -> Moderation:
    """Have the vendor hide a public item from strangers, or show it again. A job tells him.

    Raises `BadValue` where the channel cannot, `locking.NotAllowed`.
    """
    with transaction.atomic():
        ticket = lock(message.ticket)
        check_answers(ticket, actor)
        if not can_hide(message):
            raise BadValue(_("This cannot be hidden here."))
        row, _made = Moderation.objects.update_or_create(
            message=message,
            defaults={"hidden": hidden, "attempts": 0, "trouble": "", "due_at": now},
        )
        jobs.moderate_later(row)
        fact = events.MESSAGE_HIDDEN if hidden else events.MESSAGE_SHOWN
        payload = {"message": message.pk}
        record_many([Fact(fact, ticket.pk, ticket.contact_id, actor, payload)], now=now)
    return row


def answer_in_private(*, message: Message, text: str, actor: Actor, now: datetime) -> Message:
    """Answer the author of a public item where only he reads it; the ticket goes on there.

    Raises `Unreachable` when there is no such way (any more), `Empty`, `locking.NotAllowed`.
    """
    with transaction.atomic():
        ticket = lock(message.ticket)
        agent = check_answers(ticket, actor)
        message = Message.objects.select_related("identity", "channel").get(pk=message.pk)
        way = private_way(message, now=now)
        if way is None:
            raise Unreachable(_("The author cannot be answered in private (any more)."))
        words = words_of(text, "", rich=False)
        if not words.text:
            raise Empty(_("Write something."))
        most = way.provider.capabilities.max_text
        if most and len(words.text) > most:
            raise Unreachable(
                _("%(name)s takes at most %(count)s characters.")
                % {"name": way.name, "count": most}
            )
        thread = _private_thread(message, way, now=now)
        answer = _send(message, thread, words.text, agent, now=now)
        message.meta = {**message.meta, "private_answer": answer.pk}
        message.save(update_fields=["meta"])
        facts = _touch(ticket, answer, thread, actor, now=now)
        if agent is not None:
            mark_read(ticket=ticket, agent=agent, now=now)
        record_many(facts, now=now)
    return answer


def _private_thread(message: Message, way: Mouth, *, now: datetime) -> Thread:
    """Known by the same id there (or not yet): whoever answers goes on in this ticket."""
    own = message.identity
    same = own is not None and own.kind == way.provider.identity_kind
    return Thread.objects.create(
        ticket_id=message.ticket_id,
        channel_id=way.id,
        identity=own if same else None,
        last_message_at=now,
        created_at=now,
    )


def _send(
    message: Message, thread: Thread, text: str, agent: Agent | None, *, now: datetime
) -> Message:
    answer = Message.objects.create(
        ticket_id=message.ticket_id,
        thread=thread,
        channel_id=thread.channel_id,
        direction=Direction.OUT,
        nature="person" if agent else "automatic",
        agent=agent,
        author_name=agent.name if agent else "",
        text=text,
        meta={"in_private_to": message.pk},
        created_at=now,
    )
    item = str(message.external_id).partition("#")[0]
    delivery = Delivery.objects.create(
        message=answer,
        channel=Channel.objects.get(pk=thread.channel_id),
        recipient={"kind": COMMENT, "address": item, "name": message.author_name},
        due_at=now,
        created_at=now,
    )
    jobs.deliver_later(delivery)
    return answer


def _touch(
    ticket: Ticket, answer: Message, thread: Thread, actor: Actor, *, now: datetime
) -> list[Fact]:
    payload = {"message": answer.pk, "channel": thread.channel_id, "thread": thread.pk}
    ticket.last_message_at, ticket.last_author, ticket.preview = now, "agent", preview_of(answer.text)  # fmt: skip
    ticket.waiting_since = None
    others = [c for c in ticket.channel_ids if c != thread.channel_id]
    ticket.channel_ids = [*others, thread.channel_id]
    if ticket.status == Status.NEW:
        ticket.status = Status.OPEN
    ticket.updated_at = now
    ticket.save()
    return [Fact(events.MESSAGE_SENT, ticket.pk, ticket.contact_id, actor, payload)]
