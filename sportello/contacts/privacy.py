"""Merge, export and erase: verbs that reach through every room that holds something of a contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.contacts import events
from sportello.contacts.models import Contact
from sportello.core import audit, personal
from sportello.core.actors import Actor
from sportello.core.events import record


class CannotMergeContacts(ValueError):
    """These two cannot become one; the message says why."""


class HeldElsewhere(RuntimeError):
    """A model that nobody registered in `core.personal` still points at the contact."""


def merge(*, contact: Contact, into: Contact, actor: Actor, now: datetime) -> Contact:
    """All that is `contact`'s becomes `into`'s; what `into` lacks is filled in. Nothing is lost."""
    if contact.pk == into.pk:
        raise CannotMergeContacts(_("A contact cannot be merged into itself."))
    with transaction.atomic():
        # Whole locks: nobody may attach anything to a row that is about to go.
        rows = (
            Contact.objects.select_for_update().filter(pk__in=[contact.pk, into.pk]).order_by("pk")
        )
        found = {row.pk: row for row in rows}
        if len(found) < 2:
            raise CannotMergeContacts(_("One of them is gone."))
        contact, into = found[contact.pk], found[into.pk]
        for holding in personal.holdings():
            holding.move(contact.pk, into.pk)
        _fill(into, contact)
        _check_empty(contact)
        payload = {"contact": contact.pk, "into": into.pk}
        contact.delete()
        record(events.CONTACT_MERGED, contact_id=into.pk, actor=actor, now=now, payload=payload)
    return into


def _fill(into: Contact, other: Contact) -> None:
    into.name = into.name or other.name
    into.language = into.language or other.language
    into.organization_id = into.organization_id or other.organization_id
    into.notes = "\n\n".join(filter(None, [into.notes, other.notes]))
    into.custom = {**other.custom, **into.custom}
    into.blocked = into.blocked or other.blocked
    into.save()


def _check_empty(contact: Contact) -> None:
    """Deleting cascades: better to fail than to lose what nobody moved."""
    for relation in Contact._meta.related_objects:
        rows: Any = relation.related_model
        if rows._base_manager.filter(**{relation.field.name: contact.pk}).exists():
            raise HeldElsewhere(rows._meta.label)


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
