"""What people ask under the GDPR: written down when asked, due in thirty days, done by export or erasure."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from sportello.contacts.actions import lock
from sportello.contacts.ledger import PrivacyRequest, RequestKind
from sportello.contacts.models import Contact
from sportello.core import audit
from sportello.core.actors import Actor

DUE_IN = timedelta(days=30)


def open_requests() -> QuerySet[PrivacyRequest]:
    """Not done yet, the most urgent first."""
    rows = PrivacyRequest.objects.filter(done_at=None)
    return rows.select_related("contact").order_by("due_at", "pk")


def requests_of(contact: Contact) -> QuerySet[PrivacyRequest]:
    return PrivacyRequest.objects.filter(contact=contact).order_by("-asked_at", "-pk")


def note_request(
    *, contact: Contact, kind: str, actor: Actor, now: datetime, asked_at: datetime | None = None
) -> PrivacyRequest:
    """He has asked; the clock runs from the day he did. Raises `ValueError` for a kind that there is not."""
    with transaction.atomic():
        contact = lock(contact)
        asked = min(asked_at or now, now)
        row = PrivacyRequest.objects.create(
            contact=contact,
            kind=RequestKind(kind),
            asked_at=asked,
            due_at=asked + DUE_IN,
            noted_by=str(actor),
        )
        audit.note(actor, "privacy.requested", f"#{contact.pk}", {"kind": [None, row.kind]})
    return row


def close_request(*, request: PrivacyRequest, actor: Actor, now: datetime) -> None:
    """Answered. Doing it twice changes nothing."""
    with transaction.atomic():
        rows = PrivacyRequest.objects.filter(pk=request.pk, done_at=None)
        if rows.update(done_at=now, done_by=str(actor)):
            changes = {"kind": [None, request.kind]}
            audit.note(actor, "privacy.answered", f"#{request.contact_id}", changes)


def close_open(*, contact_id: int, kind: str, actor: Actor, now: datetime) -> None:
    """Export and erasure close what was asked."""
    rows = PrivacyRequest.objects.filter(contact_id=contact_id, kind=kind, done_at=None)
    rows.update(done_at=now, done_by=str(actor))
