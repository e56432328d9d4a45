"""``/wordings``: the texts that people agree to, for whoever shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import Field

from sportello.api.requests import ApiRequest
from sportello.api.routers.consents import PurposeName
from sportello.api.schemas import In, Out, Page
from sportello.contacts import wordings
from sportello.contacts.ledger import Wording
from sportello.core.clock import now

router = Router(tags=["contacts"])


class WordingFilter(In):
    purpose: PurposeName | None = None
    language: Annotated[str, Field(max_length=8)] = ""


class WordingOut(Out):
    purpose: str
    language: str
    version: str
    """What `text_version` of a consent names."""
    text: str
    valid_from: datetime
    current: bool
    """The one to show now, of its purpose and language."""


@router.get("", response=Page[WordingOut], summary="List the texts that people agree to")
def list_wordings(request: ApiRequest, filters: Query[WordingFilter]) -> Any:
    """Every version, by purpose and language, the newest first. A version never changes."""
    at = now()
    rows = wordings.every()
    if filters.purpose:
        rows = rows.filter(purpose=filters.purpose)
    if filters.language:
        rows = rows.filter(language=filters.language)
    shown: set[tuple[str, str]] = set()
    return {"items": [_shown(row, at, shown) for row in rows], "next_cursor": None}


def _shown(row: Wording, at: datetime, shown: set[tuple[str, str]]) -> dict[str, Any]:
    key = (row.purpose, row.language)
    current = row.valid_from <= at and key not in shown
    if current:
        shown.add(key)
    return {
        "purpose": row.purpose,
        "language": row.language,
        "version": row.version,
        "text": row.text,
        "valid_from": row.valid_from,
        "current": current,
    }
