"""Marks on addresses that do not tell who somebody is: shared by several people, or passed to somebody else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from sportello.contacts import events
from sportello.contacts.actions import lock
from sportello.contacts.matching import number_of
from sportello.contacts.models import Doubt, Identity, Suggestion
from sportello.core import audit
from sportello.core.actors import Actor
from sportello.core.events import record


def mark(*, identity: Identity, doubt: str, actor: Actor, now: datetime) -> None:
    """Somebody knows that it does not tell one person: what was suggested for its sake alone goes away.

    Raises `ValueError` for a mark that there is not.
    """
    _set(identity, Doubt(doubt).value, actor=actor, now=now)


def clear(*, identity: Identity, actor: Actor, now: datetime) -> None:
    """It tells one person after all: suggestions may rest on it again, until it is noticed anew."""
    _set(identity, "", actor=actor, now=now)


def _set(identity: Identity, doubt: str, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        lock(identity.contact)
        before = Identity.objects.get(pk=identity.pk).doubt
        if before == doubt:
            return
        Identity.objects.filter(pk=identity.pk).update(doubt=doubt)
        if doubt:
            _take_back(identity)
        verb = "identity.marked" if doubt else "identity.cleared"
        subject = f"#{identity.contact_id} {identity.kind}"
        audit.note(actor, verb, subject, {"doubt": [before, doubt]})
        record(
            events.IDENTITY_DOUBTED if doubt else events.IDENTITY_CLEARED,
            contact_id=identity.contact_id,
            actor=actor,
            now=now,
            payload={"identity": identity.pk, "kind": identity.kind, "doubt": doubt or before},
        )


def _take_back(identity: Identity) -> None:
    """Reasons that rest on this address, and suggestions that have no other."""
    about = Q(first=identity.contact_id) | Q(second=identity.contact_id)
    values = {identity.address, number_of(identity)} - {""}
    for row in Suggestion.objects.filter(about, state=Suggestion.State.OPEN).order_by("pk"):
        reasons = [reason for reason in row.reasons if reason.get("value") not in values]
        if not reasons:
            row.delete()
        elif len(reasons) < len(row.reasons):
            row.reasons = reasons
            row.save(update_fields=["reasons"])
