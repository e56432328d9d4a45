"""Reply: the answer, its delivery and what it does to the ticket, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.channels.contract import TemplateUse
from sportello.channels.models import Channel
from sportello.contacts.models import Proof
from sportello.core import richtext
from sportello.core.actors import Actor
from sportello.core.events import Fact, record_many
from sportello.tickets import events, jobs, tokens
from sportello.tickets.actions import wording
from sportello.tickets.actions.reading import mark_read
from sportello.tickets.actions.refusals import Crossed, Unreachable
from sportello.tickets.actions.threads import check_permitted, check_window, thread_for
from sportello.tickets.actions.wording import Answer
from sportello.tickets.actions.words import attach, own_files, words_of
from sportello.tickets.actions.working import change_status
from sportello.tickets.locking import check_answers, lock
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
from sportello.tickets.preview import preview_of
from sportello.tickets.ways import switching


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
    bridge: bool | str = False,
    template: TemplateUse | None = None,
    choices: Sequence[str] = (),
    instead_of: int | None = None,
) -> Message:
    """Answer the customer. One transaction; the sending follows as a job.

    `bridge` puts a sentence above the words when the answer goes on by another channel than the one the
    customer wrote on last: the house's, or the one given. `template` is an approved text instead of words,
    the only thing that may go when the reply window has shut. `choices` are titles of buttons.
    `instead_of` is an answer that did not arrive. `files` are keys of uploads that belong to the actor.
    `undo_seconds` holds the answer back so long (default: none); `then` is the status once it has left.
    `seen_message_id` is the newest message the writer saw: when a colleague has answered since, raises
    `Crossed` and sends nothing.
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
        switch = switching.Talk.of(ticket, now=now).to(thread.channel_id)
        if switch:
            check_permitted(thread)
        if template is not None:
            answer = wording.approved(template, thread.channel)
        else:
            check_window(thread, person=agent is not None, now=now)
            words = words_of(text, html, rich=thread.channel.code.capabilities.html)
            answer = wording.free(words, own_files(files, actor), choices)
            if switch:
                answer = wording.bridged(answer, bridge, ticket, thread.channel)
        wording.check_fits(answer, thread.channel)
        held = _held(thread.channel, undo_seconds)
        meta = dict(answer.meta)
        if instead_of is not None and _failed(ticket, instead_of):
            meta["instead_of"] = instead_of
        options = _options(thread, answer, cc=cc, bcc=bcc, then=then if held else None)
        if switch:
            meta["switch"] = switch.reason.value
            options["switch"] = {"from": switch.was, "reason": switch.reason.value}
        message = _append(ticket, thread, agent, answer, cc=cc, meta=meta, now=now)
        delivery = _deliver(message, thread, options=options, held=held, now=now)
        facts = _after_reply(
            ticket, message, thread, agent, then=None if held else then, actor=actor, now=now
        )
        if held:
            facts[0] = _undoable(facts[0], until=now + timedelta(seconds=held))
        elif switch:
            facts.append(switching.fact_of(delivery, actor))
        if agent is not None:
            Draft.objects.filter(ticket=ticket, agent=agent).delete()
            mark_read(ticket=ticket, agent=agent, now=now)
        if delivery.state != DeliveryState.SENT:
            jobs.deliver_later(delivery, at=delivery.due_at if held else None)
        record_many(facts, now=now)
    return message


def _held(channel: Channel, undo_seconds: int | None) -> int:
    """Seconds for which the answer can be taken back."""
    capabilities = channel.code.capabilities
    return 0 if capabilities.live or not capabilities.undo_send else undo_seconds or 0


def _undoable(fact: Fact, *, until: datetime) -> Fact:
    return replace(fact, payload={**fact.payload, "undo_until": until.isoformat()})


def _check_crossing(ticket: Ticket, agent: Agent | None, seen_message_id: int) -> None:
    newer = ticket.messages.filter(pk__gt=seen_message_id, direction=Direction.OUT)
    if agent is not None:
        newer = newer.exclude(agent=agent)
    crossing = newer.select_related("agent").order_by("-pk").first()
    if crossing is not None:
        raise Crossed(crossing)


def _failed(ticket: Ticket, message_id: int) -> bool:
    """Whether that is an answer on this ticket which did not arrive."""
    return Delivery.objects.filter(
        message=message_id, message__ticket=ticket, state=DeliveryState.FAILED
    ).exists()


def _append(
    ticket: Ticket,
    thread: Thread,
    agent: Agent | None,
    answer: Answer,
    *,
    cc: Sequence[str],
    meta: dict[str, Any],
    now: datetime,
) -> Message:
    words = answer.words
    if cc:
        meta["cc"] = [{"address": a, "name": ""} for a in cc]
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
    attach(message, answer.files)
    return message


def _mail_id(thread: Thread) -> str | None:
    if thread.channel.provider != "email":
        return None
    domain = str(thread.channel.settings["address"]).rpartition("@")[2]
    return tokens.message_id(thread.pk, domain)


def _options(
    thread: Thread, answer: Answer, *, cc: Sequence[str], bcc: Sequence[str], then: str | None
) -> dict[str, Any]:
    """What the sending needs beside the message. To a claimed address no word goes before it is proved."""
    options: dict[str, Any] = {}
    if cc:
        options["cc"] = list(cc)
    if bcc:
        options["bcc"] = list(bcc)
    if then:
        options["then"] = then
    if answer.template is not None:
        options["template"] = wording.kept(answer.template)
    elif thread.identity is not None and thread.identity.proof == Proof.CLAIMED:
        options["content"] = "neutral"
    return options


def _deliver(
    message: Message, thread: Thread, *, options: dict[str, Any], held: int, now: datetime
) -> Delivery:
    identity = thread.identity
    if identity is None:
        raise Unreachable(_("The address of this thread is gone."))
    live = thread.channel.code.capabilities.live
    state = DeliveryState.HELD if held else DeliveryState.SENT if live else DeliveryState.QUEUED
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
