"""The ledgers in the personal-data registry. They name nobody by themselves: erasing leaves them as proof."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from sportello.contacts.ledger import Consent, PrivacyRequest
from sportello.core.personal import Holding, register


def _move_consents(source: int, target: int) -> None:
    Consent.objects.filter(contact_id=source).update(contact_id=target)


def _export_consents(contact_id: int) -> list[dict[str, Any]]:
    return [
        {
            "purpose": c.purpose,
            "channel": c.channel_kind,
            "given": c.given,
            "source": c.source,
            "text_version": c.text_version,
            "wording": c.wording.text if c.wording else "",
            "at": c.at.isoformat(),
        }
        for c in Consent.objects.filter(contact_id=contact_id)
        .select_related("wording")
        .order_by("pk")
    ]


def _move_requests(source: int, target: int) -> None:
    PrivacyRequest.objects.filter(contact_id=source).update(contact_id=target)


def _export_requests(contact_id: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": r.kind,
            "asked_at": r.asked_at.isoformat(),
            "due_at": r.due_at.isoformat(),
            "done_at": r.done_at.isoformat() if r.done_at else None,
        }
        for r in PrivacyRequest.objects.filter(contact_id=contact_id).order_by("pk")
    ]


def _stays(contact_id: int) -> None:
    """Ids, dates and kinds: that he was asked, that he was answered."""


register(
    Holding(
        "contacts.Consent", _move_consents, _export_consents, _stays, title=gettext_noop("Consents")
    )
)
register(
    Holding(
        "contacts.PrivacyRequest",
        _move_requests,
        _export_requests,
        _stays,
        title=gettext_noop("Requests"),
    )
)
