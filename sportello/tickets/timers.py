"""What falls due: snoozed tickets wake, solved ones close, deliveries go on, answers follow who left."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from sportello.accounts.queries import company
from sportello.channels.models import Channel
from sportello.contacts.models import Identity, Proof
from sportello.core.actors import SYSTEM
from sportello.core.events import Fact, record_many
from sportello.core.sweeps import sweep
from sportello.tickets import events, jobs
from sportello.tickets.inbound import statuses
from sportello.tickets.locking import lock
from sportello.tickets.models import Delivery, DeliveryState, Status, Thread, Ticket

BATCH = 200
STALE_SENDING = timedelta(minutes=5)
OVERDUE = timedelta(seconds=30)


@sweep("wake")
def wake_snoozed(now: datetime) -> None:
    """Snoozed tickets come back when their time has come."""
    with transaction.atomic():
        due = Ticket.objects.select_for_update(no_key=True, skip_locked=True).filter(
            snoozed_until__lte=now
        )
        tickets = list(due.order_by("pk")[:BATCH])
        Ticket.objects.filter(pk__in=[t.pk for t in tickets]).update(
            snoozed_until=None, updated_at=now
        )
        record_many(
            [Fact(events.TICKET_WOKEN, t.pk, t.contact_id, SYSTEM) for t in tickets], now=now
        )


@sweep("close", every=600)
def close_solved(now: datetime) -> None:
    """Solved for long enough: closed. An answer opens a follow-up from then on."""
    limit = now - timedelta(days=company().close_after_days)
    with transaction.atomic():
        due = Ticket.objects.select_for_update(no_key=True, skip_locked=True).filter(
            status=Status.SOLVED, solved_at__lte=limit
        )
        tickets = list(due.order_by("pk")[:BATCH])
        Ticket.objects.filter(pk__in=[t.pk for t in tickets]).update(
            status=Status.CLOSED, updated_at=now
        )
        payload = {"status": "closed", "was": "solved"}
        record_many(
            [Fact(events.STATUS_CHANGED, t.pk, t.contact_id, SYSTEM, payload) for t in tickets],
            now=now,
        )


@sweep("deliveries", every=5)
def go_on_delivering(now: datetime) -> None:
    """A job may be lost with its worker: what is overdue gets a new one, what was being sent is unknown."""
    waiting = [DeliveryState.HELD, DeliveryState.QUEUED]
    for delivery in Delivery.objects.filter(state__in=waiting, due_at__lte=now - OVERDUE).order_by(
        "due_at"
    )[:BATCH]:
        with transaction.atomic():
            Delivery.objects.filter(pk=delivery.pk).update(due_at=now)
            jobs.deliver_later(delivery)
    with transaction.atomic():
        stale = list(
            Delivery.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .select_related("message")
            .filter(state=DeliveryState.SENDING, due_at__lte=now - STALE_SENDING)[:BATCH]
        )
        for delivery in stale:
            delivery.state = DeliveryState.UNKNOWN
            delivery.reason = "The sending was cut off: it may or may not have left."
            delivery.save(update_fields=["state", "reason"])
        record_many([statuses.changed(d) for d in stale], now=now)


@sweep("left", every=5)
def answer_who_left(now: datetime) -> None:
    """The visitor closed the page before he saw the answer: it goes to his e-mail address."""
    limit = now - timedelta(seconds=company().chat_gone_seconds)
    moved = Delivery.objects.filter(message=OuterRef("message"), channel__provider="email")
    unseen = (
        Delivery.objects.filter(
            channel__provider="webchat",
            state=DeliveryState.SENT,
            created_at__lte=limit,
            settled_at=None,
        )
        .exclude(Exists(moved))
        .select_related("message__ticket")
        .order_by("message__ticket_id", "pk")[:BATCH]
    )
    by_ticket: dict[int, list[Delivery]] = {}
    for delivery in unseen:
        by_ticket.setdefault(delivery.message.ticket_id, []).append(delivery)
    for deliveries in by_ticket.values():
        _mail_instead(deliveries, now=now)


def _mail_instead(deliveries: list[Delivery], *, now: datetime) -> None:
    """One mail for all that a visitor missed in a ticket."""
    newest = deliveries[-1]
    with transaction.atomic():
        ticket = lock(newest.message.ticket)
        identity = _mail_identity(ticket)
        channel = (
            Channel.objects.filter(brand_id=ticket.brand_id, provider="email", is_active=True)
            .order_by("pk")
            .first()
        )
        Delivery.objects.filter(pk__in=[d.pk for d in deliveries]).update(settled_at=now)
        if identity is None or channel is None:
            return
        thread, _ = Thread.objects.get_or_create(
            ticket=ticket,
            channel=channel,
            identity=identity,
            defaults={"last_message_at": now, "created_at": now},
        )
        neutral = identity.proof == Proof.CLAIMED
        mail = Delivery.objects.create(
            message=newest.message,
            channel=channel,
            recipient={"kind": "email", "address": identity.address, "name": ticket.contact.name},
            options={
                "thread": thread.pk,
                "also": [d.message_id for d in deliveries[:-1]],
                "content": "neutral" if neutral else "full",
            },
            due_at=now,
            created_at=now,
        )
        jobs.deliver_later(mail)
        record_many([statuses.changed(mail)], now=now)


def _mail_identity(ticket: Ticket) -> Identity | None:
    """The contact's best mail address: proved before seen before claimed."""
    rank = {Proof.VERIFIED: 0, Proof.NONE: 1, Proof.CLAIMED: 2}
    found = Identity.objects.filter(contact_id=ticket.contact_id, kind="email")
    return min(found, key=lambda i: (rank[Proof(i.proof)], i.pk), default=None)
