"""A telephone call that an agent writes down: who called, how it went, what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sportello.accounts.models import Agent, Brand
from sportello.accounts.retention import policy
from sportello.channels.actions import create_channel
from sportello.channels.models import Channel
from sportello.contacts.models import Identity
from sportello.core.actors import Actor
from sportello.core.events import record
from sportello.core.plain import storable
from sportello.tickets import events
from sportello.tickets.actions.refusals import Empty
from sportello.tickets.actions.working import BadValue
from sportello.tickets.confidential.covering import Cover, keep_one
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import CALL, Direction, Message, Thread, Ticket
from sportello.tickets.preview import preview_of

KIND = "phone"
WAYS = {"in": Direction.IN, "out": Direction.OUT}
LONGEST = 24 * 60
"""Minutes."""


class Outcome(models.TextChoices):
    TALKED = "talked", gettext_lazy("talked")
    CALL_BACK = "call_back", gettext_lazy("to be called back")
    VOICEMAIL = "voicemail", gettext_lazy("left a message")
    NO_ANSWER = "no_answer", gettext_lazy("no answer")


def log_call(
    *,
    ticket: Ticket,
    text: str,
    actor: Actor,
    now: datetime,
    direction: str = "in",
    minutes: int = 0,
    outcome: str = Outcome.TALKED,
    identity: Identity | None = None,
) -> Message:
    """A call on the ticket's line of talk by telephone, in the agent's words: the customer does not read them.

    `direction` is ``in`` when the customer called; `identity` is the number, where it is known. Whoever has
    been talked to waits no more. Raises `Empty`, `BadValue`, `locking.NotAllowed`.
    """
    if direction not in WAYS or not 0 <= minutes <= LONGEST or outcome not in Outcome.values:
        raise BadValue(_("A call comes in or goes out, and lasts a day at most."))
    if identity is not None and identity.contact_id != ticket.contact_id:
        raise BadValue(_("This number is somebody else's."))
    words = storable(text).strip()
    if outcome == Outcome.TALKED and not words:
        raise Empty(_("Write what was said."))
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        channel = phone_of(ticket.brand, actor=actor, now=now)
        thread = _thread(ticket, channel, identity, now=now)
        agent = Agent.objects.filter(pk=actor.agent_id).first() if actor.agent_id else None
        cover = Cover(policy().covered_kinds)
        message = Message.objects.create(
            ticket=ticket,
            thread=thread,
            channel=channel,
            direction=WAYS[direction],
            nature=CALL,
            agent=agent,
            author_name=agent.name if agent else "",
            identity=identity,
            text=cover.text("text", words),
            meta={"call": {"direction": direction, "minutes": minutes, "outcome": outcome}},
            created_at=now,
        )
        keep_one(message.pk, cover, now=now)
        _remember(ticket, message, talked=outcome == Outcome.TALKED, now=now)
        record(
            events.CALL_LOGGED,
            ticket_id=ticket.pk,
            contact_id=ticket.contact_id,
            actor=actor,
            now=now,
            payload=_told(message, minutes, direction, outcome),
        )
    return message


def phone_of(brand: Brand, *, actor: Actor, now: datetime) -> Channel:
    """The brand's telephone: the first that is on; made when it has none, since everybody can be called."""
    known = Channel.objects.filter(brand=brand, provider=KIND).order_by("-is_active", "pk")
    found = known.first()
    if found is not None:
        return found
    with transaction.atomic():
        Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
        return known.first() or create_channel(
            provider=KIND, name=_("Telephone"), brand=brand, settings={}, actor=actor, now=now
        )


def _thread(
    ticket: Ticket, channel: Channel, identity: Identity | None, *, now: datetime
) -> Thread:
    """The ticket's talk with this number."""
    thread, created = Thread.objects.get_or_create(
        ticket=ticket,
        channel=channel,
        identity=identity,
        defaults={"last_message_at": now, "created_at": now},
    )
    if not created:
        Thread.objects.filter(pk=thread.pk).update(last_message_at=now)
    return thread


def _remember(ticket: Ticket, message: Message, *, talked: bool, now: datetime) -> None:
    """What lists show. A call that reached nobody leaves the customer waiting."""
    ticket.last_message_at = ticket.updated_at = now
    ticket.last_author = "agent"
    ticket.preview = preview_of(message.text) or str(Outcome(message.meta["call"]["outcome"]).label)
    others = [pk for pk in ticket.channel_ids if pk != message.channel_id]
    ticket.channel_ids = [*others, *filter(None, [message.channel_id])]
    if talked:
        ticket.waiting_since = None
    names = [
        "last_message_at",
        "updated_at",
        "last_author",
        "preview",
        "channel_ids",
        "waiting_since",
    ]
    ticket.save(update_fields=names)


def _told(message: Message, minutes: int, direction: str, outcome: str) -> dict[str, Any]:
    return {
        "message": message.pk,
        "thread": message.thread_id,
        "channel": message.channel_id,
        "direction": direction,
        "minutes": minutes,
        "outcome": str(outcome),
    }
