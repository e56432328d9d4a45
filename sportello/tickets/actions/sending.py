"""What can still be done to an answer that is on its way, or failed to be."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.core import files
from sportello.core.actors import Actor
from sportello.core.events import record, record_many
from sportello.core.models import StoredFile
from sportello.tickets import events, jobs
from sportello.tickets.actions.refusals import TooLate, Unreachable
from sportello.tickets.inbound import statuses
from sportello.tickets.locking import check_answers, lock
from sportello.tickets.models import CALL, Delivery, DeliveryState, Direction, Draft, Message
from sportello.tickets.preview import preview_of
from sportello.tickets.ways.reachable import next_best, reachable


def undo_send(*, message: Message, actor: Actor, now: datetime) -> Draft | None:
    """Take an answer back while it is held; what was written becomes the draft again.

    Raises `TooLate` once it is on its way.
    """
    with transaction.atomic():
        ticket = lock(message.ticket)
        agent = check_answers(ticket, actor)
        if agent is not None and message.agent_id != agent.pk:
            raise TooLate(_("Only who wrote it can take it back."))
        delivery = message.deliveries.select_for_update(no_key=True).order_by("pk").first()
        if delivery is None or delivery.state != DeliveryState.HELD:
            raise TooLate(_("It has left already."))
        draft = _as_draft(message, delivery, agent)
        message_id = message.pk
        message.delete()
        last = ticket.messages.exclude(direction=Direction.NOTE).order_by("-pk").first()
        if last is not None:
            ticket.preview, ticket.last_message_at = preview_of(last.text), last.created_at
            theirs = last.direction == Direction.IN and last.nature != CALL
            ticket.last_author = "contact" if theirs else "agent"
            if theirs:
                ticket.waiting_since = last.created_at
        ticket.updated_at = now
        ticket.save()
        record(
            events.MESSAGE_UNDONE,
            ticket_id=ticket.pk,
            actor=actor,
            now=now,
            payload={"message": message_id},
        )
    return draft


def _as_draft(message: Message, delivery: Delivery, agent: Agent | None) -> Draft | None:
    attached = [a.file for a in message.attachments.select_related("file")]
    StoredFile.objects.filter(pk__in=[f.pk for f in attached]).update(bound=False)
    if agent is None:
        return None
    draft, _made = Draft.objects.update_or_create(
        ticket_id=message.ticket_id,
        agent=agent,
        defaults={
            "is_note": False,
            "channel": message.channel,
            "text": "" if "template" in delivery.options else message.text,
            "html": message.html,
            "cc": ", ".join(delivery.options.get("cc", [])),
            "bcc": ", ".join(delivery.options.get("bcc", [])),
            "file_keys": [f.key for f in attached],
            "choices": message.meta.get("choices", []),
            "template": delivery.options.get("template"),
            "instead_of": message.meta.get("instead_of"),
        },
    )
    return draft


def elsewhere(*, message: Message, actor: Actor, now: datetime) -> Draft:
    """An answer that did not arrive becomes the agent's draft for the next best channel.

    Raises `TooLate` when it did arrive, `Unreachable` when there is no other way.
    """
    with transaction.atomic():
        ticket = lock(message.ticket)
        agent = check_answers(ticket, actor)
        deliveries = list(message.deliveries.all())
        if agent is None or not any(d.state == DeliveryState.FAILED for d in deliveries):
            raise TooLate(_("It has arrived, or is still on its way."))
        way = next_best(reachable(ticket, now=now), {d.channel_id for d in deliveries})
        if way is None:
            raise Unreachable(_("There is no other way to this customer."))
        attached = message.attachments.select_related("file").order_by("pk")
        shared = [files.share(a.file, owner=str(actor)) for a in attached]
        draft, _made = Draft.objects.update_or_create(
            ticket=ticket,
            agent=agent,
            defaults={
                "is_note": False,
                "channel_id": way.mouth.id,
                "text": message.text,
                "html": message.html,
                "cc": "",
                "bcc": "",
                "file_keys": [f.key for f in shared],
                "choices": message.meta.get("choices", []),
                "template": None,
                "instead_of": message.pk,
            },
        )
    return draft


def retry_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Send again what failed or was never confirmed, because a person says so."""
    with transaction.atomic():
        ticket = lock(delivery.message.ticket)
        check_answers(ticket, actor)
        row = Delivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
        if row.state not in {DeliveryState.FAILED, DeliveryState.UNKNOWN}:
            raise TooLate(_("It is on its way."))
        row.state, row.reason, row.due_at, row.attempts = DeliveryState.QUEUED, "", now, 0
        row.save(update_fields=["state", "reason", "due_at", "attempts"])
        jobs.deliver_later(row)
        record_many([statuses.changed(row)], now=now)
    return row
