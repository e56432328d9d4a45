"""Touchpoints in the registries of personal data and of retention."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, UUIDField
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from sportello.contacts.models import Identity
from sportello.contacts.trail import Touchpoint
from sportello.core import retention
from sportello.core.personal import Holding, register

DAYS = 365


def _move(source: int, target: int) -> None:
    Touchpoint.objects.filter(contact_id=source).update(contact_id=target)


def _theirs(contact_id: int) -> QuerySet[Touchpoint]:
    """Also of his browsers, should they not have been told apart from strangers yet."""
    browsers = Identity.objects.filter(contact_id=contact_id, kind="visitor").exclude(
        proof="claimed"
    )
    uuids = browsers.annotate(uuid=Cast("address", UUIDField())).values("uuid")
    return Touchpoint.objects.filter(Q(contact_id=contact_id) | Q(contact=None, visitor__in=uuids))


def _export(contact_id: int) -> list[dict[str, Any]]:
    return [
        {"kind": t.kind, "subject": t.subject, "meta": t.meta, "at": t.at.isoformat()}
        for t in _theirs(contact_id).order_by("pk")
    ]


def _erase(contact_id: int) -> None:
    """That something happened, and when, stays; what it was and in which browser goes."""
    _theirs(contact_id).update(subject="", meta={}, visitor=None, key=None)


def _old(before: datetime) -> QuerySet[Touchpoint]:
    return Touchpoint.objects.filter(at__lt=before)


def _clear(before: datetime, most: int) -> int:
    ids = list(_old(before).order_by("at").values_list("pk", flat=True)[:most])
    Touchpoint.objects.filter(pk__in=ids).delete()
    return len(ids)


register(
    Holding(
        "contacts.Touchpoint", _move, _export, _erase, title=gettext_noop("What you did online")
    )
)
retention.register(
    retention.Rule(
        "touchpoints",
        gettext_noop("Touchpoints"),
        gettext_noop(
            "Pages viewed, articles read, searches, log-ins: what people did without an agent."
        ),
        DAYS,
        lambda before: _old(before).count(),
        _clear,
    )
)
