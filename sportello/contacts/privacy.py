"""Export and erase: verbs that reach through every room that holds something of a contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from sportello.contacts import events, requests
from sportello.contacts.ledger import RequestKind
from sportello.contacts.models import Contact
from sportello.core import audit, personal
from sportello.core.actors import Actor
from sportello.core.events import record


def export(
    *, contact: Contact, actor: Actor, now: datetime, with_confidential: bool = False
) -> dict[str, Any]:
    """Everything that is held of this person, by model, ready for JSON.

    Covered values and answers to secure forms only `with_confidential`: the caller has asked for the right.
    """
    with transaction.atomic():
        data = {
            holding.model: holding.export(contact.pk)
            for holding in personal.holdings()
            if with_confidential or not holding.confidential
        }
        note_export(contact=contact, actor=actor, now=now, with_confidential=with_confidential)
    return {"contact": contact.pk, "exported_at": now.isoformat(), "data": data}


def note_export(*, contact: Contact, actor: Actor, now: datetime, with_confidential: bool) -> None:
    """Written down before anything leaves."""
    changes = {"confidential": [None, True]} if with_confidential else {}
    audit.note(actor, "contact.exported", f"#{contact.pk}", changes)
    requests.close_open(contact_id=contact.pk, kind=RequestKind.EXPORT, actor=actor, now=now)
    record(events.CONTACT_EXPORTED, contact_id=contact.pk, actor=actor, now=now)


def erase(*, contact: Contact, actor: Actor, now: datetime) -> None:
    """Remove the person and keep the counts: tickets and messages stay as empty rows."""
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=contact.pk)
        # Rooms above first: they find what is theirs by the addresses, which go last.
        for holding in reversed(personal.holdings()):
            holding.erase(contact.pk)
        audit.note(actor, "contact.erased", f"#{contact.pk}")
        requests.close_open(contact_id=contact.pk, kind=RequestKind.ERASURE, actor=actor, now=now)
        record(events.CONTACT_ERASED, contact_id=contact.pk, actor=actor, now=now)
