"""Export and erase: verbs that reach through every room that holds something of a contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from sportello.contacts import events
from sportello.contacts.models import Contact
from sportello.core import audit, personal
from sportello.core.actors import Actor
from sportello.core.events import record


def export(*, contact: Contact, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything that is held of this person, by model, ready for JSON."""
    with transaction.atomic():
        data = {holding.model: holding.export(contact.pk) for holding in personal.holdings()}
        audit.note(actor, "contact.exported", f"#{contact.pk}")
        record(events.CONTACT_EXPORTED, contact_id=contact.pk, actor=actor, now=now)
    return {"contact": contact.pk, "exported_at": now.isoformat(), "data": data}


def erase(*, contact: Contact, actor: Actor, now: datetime) -> None:
    """Remove the person and keep the counts: tickets and messages stay as empty rows."""
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=contact.pk)
        # Rooms above first: they find what is theirs by the addresses, which go last.
        for holding in reversed(personal.holdings()):
            holding.erase(contact.pk)
        audit.note(actor, "contact.erased", f"#{contact.pk}")
        record(events.CONTACT_ERASED, contact_id=contact.pk, actor=actor, now=now)
