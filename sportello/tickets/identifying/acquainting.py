"""Who it is that we answered in private: the vendor tells his other id with the sending, or with its echo."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from sportello.channels.contract import COMMENT, Address
from sportello.contacts.merging import merge
from sportello.contacts.models import Contact
from sportello.contacts.resolve import key_of, resolve
from sportello.core.actors import SYSTEM
from sportello.tickets.models import Delivery, Thread, Ticket


def acquaint(delivery: Delivery, person: Address, *, now: datetime) -> None:
    """The private thread gets its person, and both his ids are one contact: the vendor vouches for it."""
    thread_id = delivery.message.thread_id
    if delivery.recipient.get("kind") != COMMENT or not person.address or thread_id is None:
        return
    with transaction.atomic():
        ticket = Ticket.objects.select_related("contact").get(pk=delivery.message.ticket_id)
        known = resolve([person], now=now, owned_by={key_of(person): ticket.contact_id})
        identity = known[key_of(person)]
        if identity.contact_id != ticket.contact_id:
            older, newer = sorted((identity.contact_id, ticket.contact_id))
            merge(
                contact=Contact.objects.get(pk=newer),
                into=Contact.objects.get(pk=older),
                actor=SYSTEM,
                now=now,
            )
        Thread.objects.filter(pk=thread_id).update(identity_id=identity.identity_id)
