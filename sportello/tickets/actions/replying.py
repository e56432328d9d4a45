"""Reply: the answer, its delivery and what it does to the ticket, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.channels.models import Channel
from sportello.contacts.models import Identity
from sportello.core import richtext
from sportello.core.actors import Actor
from sportello.core.events import Fact, record_many
from sportello.core.models import StoredFile
from sportello.tickets import events, jobs, tokens
from sportello.tickets.actions.locking import check_answers, lock
from sportello.tickets.actions.opening import identity_for
from sportello.tickets.actions.reading import mark_read
from sportello.tickets.actions.refusals import Crossed, Empty, Unreachable
from sportello.tickets.actions.words import Words, attach, own_files, words_of
from sportello.tickets.actions.working import change_status
from sportello.tickets.appending import preview_of
from sportello.tickets.models import (
    Delivery,
    DeliveryState,
    Direction,
    Draft,
    Message,
    Status,
    Thread,
    Ticket,
)


def reply(
    *,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    text: str = "",
    html: str = "",
    channel: Channel | None = None,
    files: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    undo_seconds: int | None = None,
    then: str | None = None,
    seen_message_id: int | None = None,
) -> Message:
    """Answer the customer. One transaction; the sending follows as a job.

    `files` are keys of uploads that belong to the actor. `undo_seconds` holds the answer back so long
    (default: none); `then` is the status once it has left. `seen_message_id` is the newest message the
    writer saw: when a colleague has answered since, raises `Crossed` and sends nothing.
    Raises `Unreachable`, `Empty`, `locking.NotAllowed`.
    """
    with transaction.atomic():
        ticket = lock(ticket)
        agent = check_answers(ticket, actor)
        if seen_message_id is not None:
            _check_crossing(ticket, agent, seen_message_id)
        thread = thread_for(ticket, channel, now=now)
        if thread.identity and thread.identity.opted_out_at:
            raise Unreachable(_("This person asked not to be written to on this channel (STOP)."))
        capabilities = thread.channel.code.capabilities
        words = words_of(text, html, rich=capabilities.html)
        stored = own_files(files, actor)
        if not words.text and not stored:
            raise Empty(_("Write something or attach a file."))
        _check_fits(words, stored, thread.channel)
        held = undo_seconds or 0
        if not capabilities.undo_send or capabilities.live:
            held = 0
        message = _append(ticket, thread, agent, words, stored, cc=cc, now=now)
        delivery = _deliver(message, thread, cc=cc, bcc=bcc, held=held, then=then, now=now)
        facts = _after_reply(
            ticket, message, thread, agent, then=None if held else then, actor=actor, now=now
        )
        if held:
            until = (now + timedelta(seconds=held)).isoformat()
            facts[0] = Fact(
                facts[0].type,
                ticket.pk,
                ticket.contact_id,
                actor,
                {**facts[0].payload, "undo_until": until},
            )
        if agent is not None:
            Draft.objects.filter(ticket=ticket, agent=agent).delete()
            mark_read(ticket=ticket, agent=agent, now=now)
        if delivery.state != DeliveryState.SENT:
            jobs.deliver_later(delivery, at=delivery.due_at if held else None)
        record_many(facts, now=now)
    return message


def _check_crossing(ticket: Ticket, agent: Agent | None, seen_message_id: int) -> None:
    newer = ticket.messages.filter(pk__gt=seen_message_id, direction=Direction.OUT)
    if agent is not None:
        newer = newer.exclude(agent=agent)
    crossing = newer.select_related("agent").order_by("-pk").first()
    if crossing is not None:
        raise Crossed(crossing)


def _check_fits(words: Words, files: Sequence[StoredFile], channel: Channel) -> None:
    limits = channel.code.capabilities
    if limits.max_text and len(words.text) > limits.max_text:
        raise Unreachable(
            _("%(name)s takes at most %(count)s characters.")
            % {"name": channel.name, "count": limits.max_text}
        )
    if files and not limits.files:
        raise Unreachable(_("%(name)s takes no files.") % {"name": channel.name})
    size = sum(file.blob.size for file in files)
    if limits.max_file_bytes and size > limits.max_file_bytes:
        raise Unreachable(
            _("%(name)s takes files up to %(size)s MB.")
            % {"name": channel.name, "size": limits.max_file_bytes // 1000000}
        )


def thread_for(ticket: Ticket, channel: Channel | None, *, now: datetime) -> Thread:
    """The thread on which an answer leaves: the newest one, or a new one on another channel."""
    threads = ticket.threads.select_related("channel", "identity").order_by(
        "-last_message_at", "-pk"
    )
    if channel is not None:
        threads = threads.filter(channel=channel)
    for thread in threads:
        if (
            thread.channel.is_active
            and thread.channel.code.capabilities.outbound
            and thread.identity
        ):
            return thread
    if channel is None:
        channel = _any_channel(ticket)
    if channel is None:
        raise Unreachable(_("This contact has no address on any channel that is on."))
    if not channel.is_active:
        raise Unreachable(_("%(name)s is off.") % {"name": channel.name})
    identity = identity_for(ticket.contact_id, channel)
    if identity is None:
        raise Unreachable(_("This contact has no address for %(name)s.") % {"name": channel.name})
    return Thread.objects.create(
        ticket=ticket, channel=channel, identity=identity, last_message_at=now, created_at=now
    )


def _any_channel(ticket: Ticket) -> Channel | None:
    kinds = set(
        Identity.objects.filter(contact_id=ticket.contact_id).values_list("kind", flat=True)
    )
    for channel in Channel.objects.filter(is_active=True, brand_id=ticket.brand_id).order_by("pk"):
        if (
            channel.code.capabilities.outbound
            and not channel.code.capabilities.live
            and channel.code.identity_kind in kinds
        ):
            return channel
    return None


def _append(
    ticket: Ticket,
    thread: Thread,
    agent: Agent | None,
    words: Words,
    files: Sequence[StoredFile],
    *,
    cc: Sequence[str],
    now: datetime,
) -> Message:
    meta: dict[str, Any] = {"cc": [{"address": a, "name": ""} for a in cc]} if cc else {}
    identity = thread.identity
    if identity is not None:
        meta["to"] = [{"address": identity.address, "name": identity.display}]
    message = Message.objects.create(
        ticket=ticket,
        thread=thread,
        channel=thread.channel,
        direction=Direction.OUT,
        nature="person" if agent else "automatic",
        agent=agent,
        author_name=agent.name if agent else "",
        text=words.text,
        html=words.html,
        html_version=richtext.CLEANER_VERSION if words.html else 0,
        external_id=_mail_id(thread),
        meta=meta,
        created_at=now,
    )
    attach(message, files)
    return message


def _mail_id(thread: Thread) -> str | None:
    if thread.channel.provider != "email":
        return None
    domain = str(thread.channel.settings["address"]).rpartition("@")[2]
    return tokens.message_id(thread.pk, domain)


def _deliver(
    message: Message,
    thread: Thread,
    *,
    cc: Sequence[str],
    bcc: Sequence[str],
    held: int,
    then: str | None,
    now: datetime,
) -> Delivery:
    identity = thread.identity
    if identity is None:
        raise Unreachable(_("The address of this thread is gone."))
    live = thread.channel.code.capabilities.live
    state = DeliveryState.HELD if held else DeliveryState.SENT if live else DeliveryState.QUEUED
    options: dict[str, Any] = {}
    if cc:
        options["cc"] = list(cc)
    if bcc:
        options["bcc"] = list(bcc)
    if then and held:
        options["then"] = then
    return Delivery.objects.create(
        message=message,
        channel=thread.channel,
        recipient={"kind": identity.kind, "address": identity.address, "name": identity.display},
        state=state,
        external_id=str(message.pk) if live else "",
        options=options,
        due_at=now + timedelta(seconds=held),
        created_at=now,
    )


def _after_reply(
    ticket: Ticket,
    message: Message,
    thread: Thread,
    agent: Agent | None,
    *,
    then: str | None,
    actor: Actor,
    now: datetime,
) -> list[Fact]:
    payload = {"message": message.pk, "channel": thread.channel_id, "thread": thread.pk}
    facts = [Fact(events.MESSAGE_SENT, ticket.pk, ticket.contact_id, actor, payload)]
    ticket.last_message_at, ticket.last_author = now, "agent"
    ticket.preview = preview_of(message.text)
    ticket.waiting_since = ticket.snoozed_until = None
    ticket.channel_ids = [c for c in ticket.channel_ids if c != thread.channel_id] + [
        thread.channel_id
    ]
    ticket.updated_at = now
    if agent is not None and ticket.assignee_id is None:
        was = {"was_assignee": None, "was_team": ticket.team_id}
        ticket.assignee = agent
        facts.append(
            Fact(
                events.TICKET_ASSIGNED,
                ticket.pk,
                ticket.contact_id,
                actor,
                {"assignee": agent.pk, "team": ticket.team_id, **was},
            )
        )
    status = then or (
        Status.OPEN if ticket.status in {Status.NEW, Status.SOLVED} else ticket.status
    )
    if ticket.status != Status.CLOSED:
        facts += change_status(ticket, status, actor=actor, now=now)
    ticket.save()
    Thread.objects.filter(pk=thread.pk).update(last_message_at=now)
    return facts
