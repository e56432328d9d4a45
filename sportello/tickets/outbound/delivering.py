"""Deliver: bring one outbound message to the customer and keep the outcome.

The state is saved before the vendor is asked and after; whoever dies in between leaves ``sending``,
which becomes ``unknown`` and is never sent again without a person's yes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from sportello.channels.contract import Failed, Outcome, Sent, Unknown, said
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact, record_many
from sportello.core.net import Net
from sportello.core.scanning import Infected, NotScanned
from sportello.tickets import jobs
from sportello.tickets.actions.working import change_status
from sportello.tickets.identifying.acquainting import acquaint
from sportello.tickets.inbound import statuses
from sportello.tickets.locking import lock
from sportello.tickets.models import Delivery, DeliveryState
from sportello.tickets.outbound.rendering import render
from sportello.tickets.outbox import keep_in_outbox
from sportello.tickets.ways import reshaping, switching

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=2)

log = structlog.get_logger(__name__)


def deliver(delivery_id: int, *, now: datetime) -> None:
    """Send it if it is due. Doing it twice is harmless: only one caller finds it waiting."""
    delivery = _begin(delivery_id, now=now)
    if delivery is None:
        return
    outcome = _send(delivery)
    _settle(delivery, outcome, now=now)
    if isinstance(outcome, Sent) and outcome.recipient:
        acquaint(delivery, outcome.recipient, now=now)


def _begin(delivery_id: int, *, now: datetime) -> Delivery | None:
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("message__ticket", "message__thread__identity", "channel__brand")
            .filter(
                pk=delivery_id,
                state__in=[DeliveryState.HELD, DeliveryState.QUEUED],
                due_at__lte=now,
            )
            .first()
        )
        if delivery is None:
            return None
        was_held = delivery.state == DeliveryState.HELD
        delivery.state, delivery.attempts = DeliveryState.SENDING, delivery.attempts + 1
        delivery.due_at = now
        delivery.save(update_fields=["state", "attempts", "due_at"])
        if was_held:
            record_many(_leave(delivery, now=now), now=now)
    return delivery


def _leave(delivery: Delivery, *, now: datetime) -> list[Fact]:
    """The time to undo has run out: the ending that the agent chose takes effect."""
    facts = [statuses.changed(delivery)]
    if "switch" in delivery.options:
        facts.append(switching.fact_of(delivery, _writer(delivery)))
    then = delivery.options.get("then")
    if then:
        ticket = lock(delivery.message.ticket)
        if ticket.last_author == "agent" and ticket.status != "closed":
            facts += change_status(ticket, then, actor=SYSTEM, now=now)
            ticket.save(
                update_fields=[
                    "status",
                    "solved_at",
                    "waiting_since",
                    "snoozed_until",
                    "updated_at",
                ]
            )
    return facts


def _writer(delivery: Delivery) -> Actor:
    agent_id = delivery.message.agent_id
    return Actor.agent(agent_id) if agent_id else SYSTEM


def _send(delivery: Delivery) -> Outcome:
    channel = delivery.channel
    if not channel.is_active:
        return Failed(reason="The channel is off.", permanent=True)
    try:
        outbound = render(delivery)
        limits = channel.code.capabilities
        fitted = tuple(reshaping.fit(file, limits) for file in outbound.files)
        outbound = replace(outbound, files=fitted)
    except reshaping.DoesNotFit as error:
        return Failed(reason=str(error), permanent=True)
    except Infected as error:
        words = said("The virus scanner found {finding} in a file of it.", finding=str(error))
        return Failed(reason=words, permanent=True)
    except NotScanned:
        words = said("A file of it could not be scanned for viruses yet.")
        return Failed(reason=words, permanent=False)
    except Exception as error:
        log.exception("delivery.not_rendered", delivery=delivery.pk)
        return Failed(
            reason=f"It could not be written out ({type(error).__name__}).", permanent=True
        )
    try:
        return keep_in_outbox(channel, outbound) or channel.code.send(
            outbound, channel.settings, Net.from_environ()
        )
    except Exception as error:
        log.exception("delivery.raised", delivery=delivery.pk)
        return Unknown(reason=f"{type(error).__name__}: the channel did not say what became of it.")


def _settle(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(no_key=True, of=("self",))
            .select_related("message")
            .get(pk=delivery.pk)
        )
        if row.state != DeliveryState.SENDING:
            return
        match outcome:
            case Sent():
                row.state, row.reason = DeliveryState(outcome.status.value), ""
                row.external_id, row.settled_at = outcome.external_id, now
            case Failed(permanent=False) if row.attempts < MAX_ATTEMPTS:
                row.state, row.reason = DeliveryState.QUEUED, outcome.reason[:1000]
                row.due_at = now + (outcome.retry_after or pause_after(row.attempts))
                jobs.deliver_later(row, at=row.due_at)
            case Failed():
                row.state, row.reason, row.settled_at = (
                    DeliveryState.FAILED,
                    outcome.reason[:1000],
                    now,
                )
            case Unknown():
                row.state, row.reason = DeliveryState.UNKNOWN, outcome.reason[:1000]
        row.save()
        record_many([statuses.changed(row)], now=now)


def pause_after(attempts: int) -> timedelta:
    """Exponential back-off: 20 s, 40 s, 80 s… up to two hours."""
    factor: int = 2 ** max(attempts - 1, 0)
    return min(FIRST_PAUSE * factor, LONGEST_PAUSE)
