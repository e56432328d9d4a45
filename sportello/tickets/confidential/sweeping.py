"""What is covered or was given in confidence goes after the company's days."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from sportello.channels import raw
from sportello.core import retention
from sportello.core.clock import now
from sportello.tickets.confidential import forms
from sportello.tickets.models import Message, SealedOriginal, SecureForm


def _old_originals(before: datetime) -> QuerySet[SealedOriginal]:
    return SealedOriginal.objects.filter(created_at__lt=before, erased_at=None)


def erase_originals(before: datetime, most: int) -> int:
    """Values older than that, and the raw input that would still show them."""
    with transaction.atomic():
        rows = _old_originals(before).select_for_update(skip_locked=True).order_by("created_at")
        ids = list(rows.values_list("pk", flat=True)[:most])
        items = Message.objects.filter(pk__in=ids).exclude(spool=None)
        raw.drop(list(items.values_list("spool_id", flat=True)))
        SealedOriginal.objects.filter(pk__in=ids).update(body=b"", erased_at=Now())
    return len(ids)


retention.register(
    retention.Rule(
        "covered",
        gettext_noop("Covered values"),
        gettext_noop("What stands under the dots of messages, and the raw input that shows it."),
        30,
        lambda before: _old_originals(before).count(),
        erase_originals,
    )
)


def _old_answers(before: datetime) -> QuerySet[SecureForm]:
    return SecureForm.objects.filter(answered_at__lt=before, erased_at=None)


def _erase_answers(before: datetime, most: int) -> int:
    old = list(_old_answers(before).order_by("answered_at")[:most])
    for form in old:
        with transaction.atomic():
            forms.erase(form, now=now())
    return len(old)


retention.register(
    retention.Rule(
        "secure_forms",
        gettext_noop("Answers to secure forms"),
        gettext_noop("What customers gave on the protected page, with its files."),
        30,
        lambda before: _old_answers(before).count(),
        _erase_answers,
    )
)
