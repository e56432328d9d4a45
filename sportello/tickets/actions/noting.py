"""Notes among colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.accounts.retention import policy
from sportello.core import richtext
from sportello.core.actors import Actor
from sportello.core.events import record
from sportello.tickets import events
from sportello.tickets.actions.refusals import Empty
from sportello.tickets.actions.words import attach, own_files, words_of
from sportello.tickets.confidential.covering import Cover, keep_one
from sportello.tickets.locking import check_sees, lock, sees
from sportello.tickets.models import Direction, Draft, Follower, Mention, Message, Ticket


def note(
    *,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    text: str,
    html: str = "",
    mentions: Sequence[int] = (),
    files: Sequence[str] = (),
) -> Message:
    """An internal note. Mentioned colleagues who may see the ticket are told and follow it."""
    with transaction.atomic():
        ticket = lock(ticket)
        check_sees(ticket, actor)
        words = words_of(text, html, rich=True)
        stored = own_files(files, actor)
        if not words.text and not stored:
            raise Empty(_("Write something or attach a file."))
        agent = Agent.objects.filter(pk=actor.agent_id).first() if actor.agent_id else None
        cover = Cover(policy().covered_kinds)
        message = Message.objects.create(
            ticket=ticket,
            direction=Direction.NOTE,
            nature="person" if agent else "automatic",
            agent=agent,
            author_name=agent.name if agent else "",
            text=cover.text("text", words.text),
            html=cover.html(words.html, words.text),
            html_version=richtext.CLEANER_VERSION if words.html else 0,
            created_at=now,
        )
        keep_one(message.pk, cover, now=now)
        attach(message, stored)
        named = Agent.objects.filter(pk__in=list(mentions), is_active=True)
        told = [colleague for colleague in named if sees(ticket, colleague.pk)]
        Mention.objects.bulk_create(
            [Mention(message=message, ticket=ticket, agent=a) for a in told]
        )
        Follower.objects.bulk_create(
            [Follower(ticket=ticket, agent=a) for a in told], ignore_conflicts=True
        )
        ticket.updated_at = now
        ticket.save(update_fields=["updated_at"])
        if agent is not None:
            Draft.objects.filter(ticket=ticket, agent=agent, is_note=True).delete()
        payload = {"message": message.pk, "mentions": [a.pk for a in told]}
        record(events.NOTE_ADDED, ticket_id=ticket.pk, actor=actor, now=now, payload=payload)
    return message
