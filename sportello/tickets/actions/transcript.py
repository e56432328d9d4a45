"""The visitor asks for the talk by e-mail. Only a proven address gets the words; another one a link first."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from sportello.channels.models import Channel
from sportello.contacts.models import Identity, Proof
from sportello.contacts.resolve import normalise
from sportello.core.events import record_many
from sportello.tickets import jobs
from sportello.tickets.inbound import statuses
from sportello.tickets.locking import lock
from sportello.tickets.models import Delivery, Thread, Ticket


def send_transcript(
    *, ticket_id: int, channel_id: int, visitor: str, address: str, now: datetime
) -> bool:
    """Mail what was said on this chat; False when the address is none or the brand has no mailbox."""
    address = normalise("email", address)
    try:
        validate_email(address)
    except ValidationError:
        return False
    with transaction.atomic():
        ticket = lock(Ticket.objects.get(pk=ticket_id))
        words = ticket.messages.filter(
            Q(direction="in") | Q(direction="out", deliveries__channel_id=channel_id),
            thread__channel_id=channel_id,
            thread__identity__kind="visitor",
            thread__identity__address=visitor,
            is_held=False,
        ).exclude(deliveries__state__in=["held", "cancelled"])
        said = list(words.order_by("pk").distinct())
        mailbox = (
            Channel.objects.filter(brand_id=ticket.brand_id, provider="email", is_active=True)
            .order_by("pk")
            .first()
        )
        if not said or mailbox is None:
            return False
        identity = _identity(ticket, address)
        thread, _ = Thread.objects.get_or_create(
            ticket=ticket,
            channel=mailbox,
            identity=identity,
            defaults={"last_message_at": now, "created_at": now},
        )
        delivery = Delivery.objects.create(
            message=said[-1],
            channel=mailbox,
            recipient={"kind": "email", "address": address, "name": ticket.contact.name},
            options={
                "thread": thread.pk,
                "also": [m.pk for m in said[:-1]],
                "content": "neutral" if identity.proof == Proof.CLAIMED else "full",
            },
            due_at=now,
            created_at=now,
        )
        jobs.deliver_later(delivery)
        record_many([statuses.changed(delivery)], now=now)
    return True


def _identity(ticket: Ticket, address: str) -> Identity:
    """The contact's own identity of this address; typed for the first time it is only a claim."""
    known = Identity.objects.filter(contact_id=ticket.contact_id, kind="email", address=address)
    if not known.exists():
        Identity.objects.create(
            contact_id=ticket.contact_id,
            kind="email",
            address=address,
            display=address,
            proof=Proof.CLAIMED,
            how="chat",
        )
    return known.get()
