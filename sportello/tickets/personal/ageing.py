"""Closed tickets grow old: their words and their person go, their numbers stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from sportello.channels import raw
from sportello.contacts import privacy
from sportello.contacts.models import Contact, Identity
from sportello.core import files, retention
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.core.models import StoredFile
from sportello.tickets.confidential import forms
from sportello.tickets.models import (
    Draft,
    Message,
    Participant,
    Proving,
    SecureForm,
    Status,
    Thread,
    Ticket,
)
from sportello.tickets.personal import erasing


def _old_tickets(before: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.filter(
        status=Status.CLOSED, anonymised_at=None, last_message_at__lt=before
    )


def _anonymise_tickets(before: datetime, most: int) -> int:
    due = list(_old_tickets(before).order_by("last_message_at").values_list("pk", flat=True)[:most])
    for pk in due:
        anonymise(pk)
    return len(due)


def anonymise(ticket_id: int) -> None:
    """Empty one ticket and take it off its person. Status, times, channels, tags and agents stay."""
    with transaction.atomic():
        rows = Ticket.objects.select_for_update(no_key=True, of=("self",))
        ticket = rows.filter(pk=ticket_id, anonymised_at=None).first()
        if ticket is None:
            return
        messages = Message.objects.filter(ticket=ticket)
        ids = list(messages.values_list("pk", flat=True))
        items = list(messages.exclude(spool=None).values_list("spool_id", flat=True))
        erasing.empty(ids)
        messages.update(identity=None)
        raw.drop(items)
        Thread.objects.filter(ticket=ticket).update(identity=None, external_ref="", is_open=False)
        Participant.objects.filter(thread__ticket=ticket).delete()
        Proving.objects.filter(ticket=ticket).delete()
        for form in SecureForm.objects.filter(ticket=ticket):
            forms.erase(form, now=now())
        erasing.erase_drafts(ticket_ids=[ticket.pk])
        nobody = Contact.objects.create()
        SecureForm.objects.filter(ticket=ticket).update(contact=nobody)
        Ticket.objects.filter(pk=ticket.pk).update(
            contact=nobody,
            organization=None,
            subject="",
            preview="",
            custom={},
            anonymised_at=Now(),
        )


def _old_people(before: datetime) -> QuerySet[Contact]:
    """People whom nothing holds here any more: no ticket, no sign of life."""
    tickets = Ticket.objects.filter(contact=OuterRef("pk"))
    known = Identity.objects.filter(contact=OuterRef("pk"))
    return Contact.objects.filter(Exists(known), ~Exists(tickets), created_at__lt=before)


def _erase_people(before: datetime, most: int) -> int:
    due = list(_old_people(before).order_by("pk")[:most])
    for contact in due:
        privacy.erase(contact=contact, actor=SYSTEM, now=now())
    return len(due)


retention.register(
    retention.Rule(
        "tickets",
        gettext_noop("Closed tickets"),
        gettext_noop(
            "Words, files and person of tickets without a message for so long. Counts stay."
        ),
        0,
        lambda before: _old_tickets(before).count(),
        _anonymise_tickets,
    )
)


def _unsent(before: datetime) -> QuerySet[StoredFile]:
    """Uploads of agents that no message took along and no draft holds."""
    held = Draft.objects.filter(file_keys__contains=[OuterRef("key")])
    lying = StoredFile.objects.filter(
        bound=False, owner__startswith="agent:", created_at__lt=before
    )
    return lying.exclude(Exists(held))


def _delete_unsent(before: datetime, most: int) -> int:
    due = list(_unsent(before).order_by("pk")[:most])
    for file in due:
        files.delete(file)
    return len(due)


retention.register(
    retention.Rule(
        "uploads",
        gettext_noop("Files never sent"),
        gettext_noop("What agents attached and then did not send. Files of a draft stay with it."),
        7,
        lambda before: _unsent(before).count(),
        _delete_unsent,
    )
)
retention.register(
    retention.Rule(
        "contacts",
        gettext_noop("Contacts without a ticket"),
        gettext_noop(
            "People added so long ago whose tickets are all anonymised, or who never had one."
        ),
        0,
        lambda before: _old_people(before).count(),
        _erase_people,
    )
)
