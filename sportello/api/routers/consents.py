"""``/contacts/{id}/consents`` and ``/contacts/{id}/requests``: what people agreed to, what they asked for by law."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Status
from pydantic import Field

from sportello.api import cursors, lookups
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Id, In, Moment, Out, Page, Paged
from sportello.contacts import consents, requests, wordings
from sportello.contacts.ledger import Consent, PrivacyRequest
from sportello.contacts.models import Contact
from sportello.core.clock import now
from sportello.tickets import people

router = Router(tags=["contacts"])

type PurposeName = Literal["service", "marketing", "recording", "profiling"]
type RequestName = Literal["export", "erasure", "correction", "objection"]
type KindName = Annotated[str, Field(pattern=r"^([a-z][a-z_]{0,23})?$")]


class ConsentOut(Out):
    id: int
    purpose: str
    channel: str
    """Kind of address; empty for every channel."""
    given: bool
    source: str
    text_version: str
    wording: str
    """The text itself, where it is kept here."""
    at: datetime


class ConsentIn(In):
    purpose: PurposeName
    given: bool
    channel: KindName = ""
    source: Literal["form", "chat", "portal", "import", "api"] = "api"
    text_version: Annotated[
        str,
        Field(
            max_length=64, description="One of `/wordings`, or the name of a text kept elsewhere."
        ),
    ] = ""
    language: Annotated[
        str, Field(max_length=8, description="In which it was read; the contact's if empty.")
    ] = ""


class RequestOut(Out):
    id: int
    kind: str
    asked_at: datetime
    due_at: datetime
    done_at: datetime | None


class RequestIn(In):
    kind: RequestName
    asked_at: Moment | None = None


@router.get("/{id}/consents", response=Page[ConsentOut], summary="Read a contact's consents")
def list_consents(request: ApiRequest, id: Id, page: Query[Paged]) -> Any:
    """All that was said, newest first: for each purpose and channel the newest one counts."""
    rows = consents.history(lookups.contact(request, id))
    if page.cursor:
        rows = rows.filter(pk__lt=cursors.read(f"consents.{id}", page.cursor, 1)[0])
    found = list(rows[: page.limit + 1])
    more, found = len(found) > page.limit, found[: page.limit]
    key = cursors.make(f"consents.{id}", found[-1].pk) if more else None
    return {"items": [_consent(c) for c in found], "next_cursor": key}


@router.post("/{id}/consents", response={201: ConsentOut}, summary="Note a consent")
def note_consent(request: ApiRequest, id: Id, payload: ConsentIn) -> Any:
    """A yes or a no. Nothing is changed or removed afterwards: say it anew instead."""
    contact = _changeable(request, id)
    language = payload.language or contact.language
    said = consents.note_consent(
        contact=contact,
        purpose=payload.purpose,
        given=payload.given,
        channel_kind=payload.channel,
        source=payload.source,
        text_version=payload.text_version,
        wording=wordings.find(payload.purpose, payload.text_version, language),
        actor=request.actor,
        now=now(),
    )
    return Status(201, _consent(said))


@router.get("/{id}/requests", response=Page[RequestOut], summary="Read a contact's data requests")
def list_requests(request: ApiRequest, id: Id) -> Any:
    rows = requests.requests_of(lookups.contact(request, id))
    return {"items": [_request(r) for r in rows[:100]], "next_cursor": None}


@router.post("/{id}/requests", response={201: RequestOut}, summary="Write down a data request")
def note_request(request: ApiRequest, id: Id, payload: RequestIn) -> Any:
    """Due thirty days after it was asked. Export and erasure close what asked for them."""
    row = requests.note_request(
        contact=_changeable(request, id),
        kind=payload.kind,
        asked_at=payload.asked_at,
        actor=request.actor,
        now=now(),
    )
    return Status(201, _request(row))


def _changeable(request: ApiRequest, contact_id: int) -> Contact:
    contact = lookups.contact(request, contact_id)
    require(people.may_change(request.agent, contact))
    return contact


def _consent(row: Consent) -> dict[str, Any]:
    return {
        "id": row.pk,
        "purpose": row.purpose,
        "channel": row.channel_kind,
        "given": row.given,
        "source": row.source,
        "text_version": row.text_version,
        "wording": row.wording.text if row.wording else "",
        "at": row.at,
    }


def _request(row: PrivacyRequest) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "done_at": row.done_at,
    }
