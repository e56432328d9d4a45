"""What this room holds of a person: facts from outside, and answers kept to be repeated."""

from __future__ import annotations

from typing import Any

from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat

from sportello.api.idempotency import body_of
from sportello.api.models import ExternalFact, IdempotencyKey
from sportello.contacts.models import Contact, Identity
from sportello.core.personal import Holding, register


def _move_facts(source: int, target: int) -> None:
    ExternalFact.objects.filter(contact_id=source).update(contact_id=target)


def _export_facts(contact_id: int) -> list[dict[str, Any]]:
    rows = ExternalFact.objects.filter(contact_id=contact_id).order_by("pk")
    return [
        {"type": f.type, "data": f.data, "occurred_at": f.occurred_at.isoformat()} for f in rows
    ]


def _erase_facts(contact_id: int) -> None:
    """That something happened stays; what and under which number goes."""
    rows = ExternalFact.objects.filter(contact_id=contact_id)
    rows.update(data={}, external_id=Concat(Value("erased:"), Cast("pk", TextField())))


def _stays(source: int, target: int) -> None:
    """Kept for a day, by key: nothing points at a person."""


def _nothing(contact_id: int) -> list[dict[str, Any]]:
    return []


def _erase_answers(contact_id: int) -> None:
    """Answers that speak of him by name or address are not repeated any more."""
    words = set(Identity.objects.filter(contact_id=contact_id).values_list("address", flat=True))
    words |= set(Contact.objects.filter(pk=contact_id).values_list("name", flat=True))
    for kept in IdempotencyKey.objects.exclude(body=""):
        text = body_of(kept).casefold()
        if any(word.casefold() in text for word in filter(None, words)):
            IdempotencyKey.objects.filter(pk=kept.pk).update(body="")


register(Holding("api.ExternalFact", _move_facts, _export_facts, _erase_facts))
register(Holding("api.IdempotencyKey", _stays, _nothing, _erase_answers))
