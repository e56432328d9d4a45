"""What lies under covers and in secure forms is personal, too: moved, exported and erased with its person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop

from sportello.core.clock import now
from sportello.core.models import StoredFile
from sportello.core.personal import Holding, register
from sportello.tickets.confidential import forms, revealing
from sportello.tickets.models import SealedOriginal, SecureForm
from sportello.tickets.personal.erasing import messages_of


def _stays(source: int, target: int) -> None:
    """Hangs on a message, and goes where that goes."""


def _export_originals(contact_id: int) -> list[dict[str, Any]]:
    rows = SealedOriginal.objects.filter(message__in=messages_of(contact_id), erased_at=None)
    found = []
    for sealed in rows.exclude(message__direction="note").select_related("message").order_by("pk"):
        shown = revealing.opened(sealed, sealed.message)
        values = [{"kind": kind, "value": value} for kind, value in shown.values]
        found.append({"message": sealed.pk, "text": shown.text, "values": values})
    return found


def _erased_with_its_message(contact_id: int) -> None:
    """`personal.erasing` empties the message and removes what was covered in it."""


def _move_forms(source: int, target: int) -> None:
    SecureForm.objects.filter(contact_id=source).update(contact_id=target)


def _export_forms(contact_id: int) -> list[dict[str, Any]]:
    found = []
    for form in SecureForm.objects.filter(contact_id=contact_id).order_by("pk"):
        answers = forms.opened(form)
        found.append(
            {
                "ticket": form.ticket.number,
                "asked_for": form.fields,
                "asked_at": form.created_at.isoformat(),
                "answered_at": form.answered_at.isoformat() if form.answered_at else None,
                "answers": answers.texts,
                "files": list(answers.files.values()),
            }
        )
    return found


def _files(contact_id: int) -> Iterator[tuple[str, bytes]]:
    for form in SecureForm.objects.filter(contact_id=contact_id).order_by("pk"):
        for key, name in forms.opened(form).files.items():
            stored = StoredFile.objects.filter(key=key).first()
            if stored is not None:
                yield f"secure-forms/{form.pk}-{name}", forms.bytes_of(stored)


def _erase_forms(contact_id: int) -> None:
    for form in SecureForm.objects.filter(contact_id=contact_id, erased_at=None):
        forms.erase(form, now=now())


register(
    Holding(
        "tickets.SealedOriginal",
        _stays,
        _export_originals,
        _erased_with_its_message,
        title=gettext_noop("Covered values"),
        confidential=True,
    )
)
register(
    Holding(
        "tickets.SecureForm",
        _move_forms,
        _export_forms,
        _erase_forms,
        title=gettext_noop("Secure forms"),
        confidential=True,
        files=_files,
    )
)
