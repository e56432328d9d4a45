"""What the widget keeps of people: which browser was theirs, the last page, files that were never sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from sportello.contacts.models import Identity
from sportello.core import files
from sportello.core.models import StoredFile
from sportello.core.personal import Holding, register
from sportello.core.sweeps import sweep
from sportello.widget.models import Visitor

SILENT_DAYS = 30
"""A visitor who never wrote is forgotten after so long without a visit."""
UNSENT = timedelta(days=2)
BATCH = 500


def _browsers_of(contact_id: int) -> QuerySet[Visitor]:
    known = Identity.objects.filter(contact_id=contact_id, kind="visitor")
    return Visitor.objects.filter(uuid__in=list(known.values_list("address", flat=True)))


def _move(source: int, target: int) -> None:
    """A visitor hangs on an identity, and that moves."""


def _export(contact_id: int) -> list[dict[str, Any]]:
    return [
        {
            "visitor": str(v.uuid),
            "page": v.page,
            "language": v.language,
            "created_at": v.created_at.isoformat(),
            "last_seen_at": v.last_seen_at.isoformat(),
        }
        for v in _browsers_of(contact_id).order_by("pk")
    ]


def _erase(contact_id: int) -> None:
    """Forget the browsers: whoever comes back on one starts as somebody new."""
    visitors = _browsers_of(contact_id)
    _drop(StoredFile.objects.filter(owner__in=[f"visitor:{v.uuid}" for v in visitors], bound=False))
    visitors.delete()


def _drop(unsent: QuerySet[StoredFile]) -> None:
    for file in unsent[:BATCH]:
        files.delete(file)


@sweep("visitors", every=600)
def forget_the_silent(now: datetime) -> None:
    """Visitors who opened the chat and never wrote, and uploads that no message took along."""
    silent = Visitor.objects.filter(
        identity=None, last_seen_at__lt=now - timedelta(days=SILENT_DAYS)
    )
    spoke = Identity.objects.filter(kind="visitor").values_list("address", flat=True)
    gone = [v.pk for v in silent[:BATCH] if not spoke.filter(address=str(v.uuid)).exists()]
    Visitor.objects.filter(pk__in=gone).delete()
    _drop(
        StoredFile.objects.filter(
            owner__startswith="visitor:", bound=False, created_at__lt=now - UNSENT
        )
    )


register(Holding("widget.Visitor", _move, _export, _erase))
