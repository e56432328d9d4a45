"""``/events``: facts from outside come in, the log goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q
from ninja import Query, Router, Status
from pydantic import Field

from sportello.api import facts, lookups, opening
from sportello.api.bodies import ContactRef
from sportello.api.problems import Problem, invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import BIGGEST, Data, Id, In, Limit, Moment, Out, Page, Ref
from sportello.api.shapes import EventOut
from sportello.automation.webhooks import outside
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets.queries import visible_to

router = Router(tags=["events"])


class EventFilter(In):
    after: Annotated[int, Field(ge=0, le=BIGGEST)] = 0
    limit: Limit = 50
    cursor: Annotated[str, Field(max_length=20)] = ""
    type: Annotated[str, Field(max_length=64)] = ""


class EventIn(In):
    id: Annotated[
        str, Field(min_length=1, max_length=200, description="Yours: the same id is kept once.")
    ]
    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
    contact: ContactRef | Id | None = None
    organization: Ref | Id | None = None
    data: Data = {}
    occurred_at: Moment | None = None


class FactOut(Out):
    id: str
    type: str
    contact: int | None
    event: int | None
    occurred_at: datetime


@router.post("", response={200: FactOut, 201: FactOut}, summary="Report a fact from outside")
def report(request: ApiRequest, payload: EventIn) -> Any:
    """An order, a log-in, a device. 200 when it was known already."""
    require(request.rights.can_answer)
    at = now()
    contact = payload.contact
    ref = ContactRef(id=contact) if isinstance(contact, int) else contact
    organization = payload.organization
    wanted = organization.id if isinstance(organization, Ref) else organization
    fact, is_new = facts.report(
        facts.Report(
            external_id=payload.id,
            type=payload.type,
            contact=opening.person(request, ref) if ref else None,
            organization=lookups.organization(wanted) if wanted else None,
            data=payload.data,
            occurred_at=payload.occurred_at or at,
        ),
        agent=request.agent,
        now=at,
    )
    body = {"id": fact.external_id, "type": fact.type, "contact": fact.contact_id}
    return Status(
        201 if is_new else 200, body | {"event": fact.event_id, "occurred_at": fact.occurred_at}
    )


@router.get("", response=Page[EventOut], summary="Read the log")
def list_events(request: ApiRequest, filters: Query[EventFilter]) -> Any:
    """In order, from `after` on. Facts of tickets that you may see; the others for administrators."""
    rows = Event.objects.filter(pk__gt=_start(filters))
    if filters.type:
        rows = rows.filter(type=filters.type)
    if not request.rights.is_administrator:
        rows = rows.filter(Q(ticket_id__in=visible_to(request.agent).values("pk")))
    found = list(rows.order_by("pk")[: filters.limit + 1])
    more, found = len(found) > filters.limit, found[: filters.limit]
    items = outside.facts(found)
    return {"items": items, "next_cursor": str(found[-1].pk) if more else None}


def _start(filters: EventFilter) -> int:
    if not filters.cursor:
        return filters.after
    if filters.after:
        raise invalid("cursor", "Either after or cursor.")
    if not (filters.cursor.isascii() and filters.cursor.isdigit() and len(filters.cursor) < 19):
        raise Problem(400, "This is not a cursor of this list.")
    return int(filters.cursor)
