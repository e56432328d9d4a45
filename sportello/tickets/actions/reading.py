"""Verbs of one agent's own relation to a ticket: read, follow, draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from sportello.accounts.models import Agent
from sportello.channels.contract import TemplateUse
from sportello.channels.models import Channel
from sportello.core.actors import Actor
from sportello.core.events import record
from sportello.core.plain import storable
from sportello.tickets import events
from sportello.tickets.actions.wording import kept, titles_of
from sportello.tickets.models import Draft, Follower, Mention, ReadMark, Ticket


def mark_read(*, ticket: Ticket, agent: Agent, now: datetime) -> None:
    """This agent has read up to the newest message. No colleague's mark moves."""
    ReadMark.objects.update_or_create(
        ticket=ticket, agent=agent, defaults={"message_id": ticket.last_inbound_id or 0}
    )
    read_mentions(ticket=ticket, agent=agent, now=now)


def mark_unread(*, ticket: Ticket, agent: Agent, now: datetime) -> None:
    ReadMark.objects.filter(ticket=ticket, agent=agent).delete()


def read_mentions(*, ticket: Ticket, agent: Agent, now: datetime) -> None:
    Mention.objects.filter(ticket=ticket, agent=agent, read_at=None).update(read_at=now)


def follow(*, ticket: Ticket, agent: Agent, actor: Actor, now: datetime) -> None:
    """Tell this agent what happens here."""
    with transaction.atomic():
        _, created = Follower.objects.get_or_create(ticket=ticket, agent=agent)
        if created:
            payload = {"agent": agent.pk, "following": True}
            record(
                events.FOLLOWERS_CHANGED, ticket_id=ticket.pk, actor=actor, now=now, payload=payload
            )


def unfollow(*, ticket: Ticket, agent: Agent, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        gone, _ = Follower.objects.filter(ticket=ticket, agent=agent).delete()
        if gone:
            payload = {"agent": agent.pk, "following": False}
            record(
                events.FOLLOWERS_CHANGED, ticket_id=ticket.pk, actor=actor, now=now, payload=payload
            )


def save_draft(
    *,
    ticket: Ticket,
    agent: Agent,
    now: datetime,
    text: str = "",
    html: str = "",
    is_note: bool = False,
    channel: Channel | None = None,
    cc: str = "",
    bcc: str = "",
    file_keys: Sequence[str] = (),
    choices: Sequence[str] = (),
    template: TemplateUse | None = None,
    instead_of: int | None = None,
) -> Draft | None:
    """Keep what the agent is writing; an empty draft is discarded."""
    if not (text.strip() or file_keys or template):
        discard_draft(ticket=ticket, agent=agent)
        return None
    draft, _ = Draft.objects.update_or_create(
        ticket=ticket,
        agent=agent,
        defaults={
            "text": storable(text),
            "html": storable(html),
            "is_note": is_note,
            "channel": channel,
            "cc": cc[:2000],
            "bcc": bcc[:2000],
            "file_keys": list(file_keys)[:50],
            "choices": titles_of(choices),
            "template": kept(template),
            "instead_of": instead_of,
        },
    )
    return draft


def discard_draft(*, ticket: Ticket, agent: Agent) -> None:
    Draft.objects.filter(ticket=ticket, agent=agent).delete()
