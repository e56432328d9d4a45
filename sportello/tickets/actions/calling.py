"""A telephone call that an agent writes down: what was said, which way, how long."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.retention import policy
from sportello.contacts.models import Identity
from sportello.core.actors import Actor
from sportello.core.events import record
from sportello.core.plain import storable
from sportello.tickets import events
from sportello.tickets.actions.refusals import Empty
from sportello.tickets.actions.working import BadValue
from sportello.tickets.confidential.covering import Cover, keep_one
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import Direction, Message, Ticket
from sportello.tickets.preview import preview_of

NATURE = "call"
WAYS = ("in", "out")
LONGEST = 24 * 60
"""Minutes."""


def log_call(
    *,
    ticket: Ticket,
    text: str,
    actor: Actor,
    now: datetime,
    direction: str = "in",
    minutes: int = 0,
    identity: Identity | None = None,
) -> Message:
    """What was said on the telephone, in the agent's words: colleagues read it, the customer does not.

    `direction` is ``in`` when the customer called; `identity` is the number, where it is known.
    He has been talked to: nobody waits any more. Raises `Empty`, `BadValue`, `locking.NotAllowed`.
    """
    if direction not in WAYS or not 0 <= minutes <= LONGEST:
        raise BadValue(_("A call comes in or goes out, and lasts a day at most."))
    if identity is not None and identity.contact_id != ticket.contact_id:
        raise BadValue(_("This number is somebody else's."))
    with transaction.atomic():
        ticket = lock(ticket)
        check_answers(ticket, actor)
        words = storable(text).strip()
        if not words:
            raise Empty(_("Write what was said."))
        agent = Agent.objects.filter(pk=actor.agent_id).first() if actor.agent_id else None
        cover = Cover(policy().covered_kinds)
        message = Message.objects.create(
            ticket=ticket,
            direction=Direction.NOTE,
            nature=NATURE,
            agent=agent,
            author_name=agent.name if agent else "",
            identity=identity,
            text=cover.text("text", words),
            meta={"call": {"direction": direction, "minutes": minutes}},
            created_at=now,
        )
        keep_one(message.pk, cover, now=now)
        ticket.last_message_at = ticket.updated_at = now
        ticket.last_author, ticket.preview = "agent", preview_of(message.text)
        ticket.waiting_since = None
        ticket.save(
            update_fields=[
                "last_message_at",
                "updated_at",
                "last_author",
                "preview",
                "waiting_since",
            ]
        )
        payload = {"message": message.pk, "direction": direction, "minutes": minutes}
        record(
            events.CALL_LOGGED,
            ticket_id=ticket.pk,
            contact_id=ticket.contact_id,
            actor=actor,
            now=now,
            payload=payload,
        )
    return message
