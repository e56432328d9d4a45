"""``/tickets``: list, open, read, change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from ninja import Query, Router, Status
from pydantic import Field

from sportello.api import cursors, lookups, opening, show
from sportello.api.bodies import TicketIn, TicketPatch
from sportello.api.problems import Problem, invalid
from sportello.api.requests import ApiRequest
from sportello.api.schemas import Id, Moment, Number, Page, Paged
from sportello.api.shapes import TicketOut
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.actions.working import tag_name
from sportello.tickets.models import Status as TicketStatus
from sportello.tickets.models import Ticket
from sportello.tickets.reading import search

router = Router(tags=["tickets"])


class TicketFilter(Paged):
    status: Annotated[str, Field(max_length=60, description="One or several, with commas.")] = ""
    assignee: Annotated[str, Field(max_length=20, description="An agent's id, `me` or `none`.")] = (
        ""
    )
    team: Annotated[str, Field(max_length=20, description="A team's id or `none`.")] = ""
    channel: Annotated[str, Field(max_length=40, description="A channel's id.")] = ""
    tag: Annotated[str, Field(max_length=64)] = ""
    contact: Id | None = None
    q: Annotated[str, Field(max_length=200)] = ""
    spam: bool | None = None
    updated_since: Moment | None = None


@router.get("", response=Page[TicketOut], summary="List tickets")
def list_tickets(request: ApiRequest, filters: Query[TicketFilter]) -> Any:
    """Newest talk first; with `updated_since` in the order of their last change, for keeping up."""
    rows = _narrow(request, filters)
    by_change = filters.updated_since is not None
    column = "updated_at" if by_change else "last_message_at"
    rows = _after(rows, column, filters.cursor, forwards=by_change)
    order = ("updated_at", "pk") if by_change else ("-last_message_at", "-pk")
    page = list(rows.order_by(*order)[: filters.limit + 1])
    more, page = len(page) > filters.limit, page[: filters.limit]
    key = cursors.make(column, getattr(page[-1], column).isoformat(), page[-1].pk) if more else None
    return {"items": show.tickets(page), "next_cursor": key}


def _after(rows: QuerySet[Ticket], column: str, cursor: str, *, forwards: bool) -> QuerySet[Ticket]:
    if not cursor:
        return rows
    at, pk = cursors.read(column, cursor, 2)
    when, side = datetime.fromisoformat(at), "gt" if forwards else "lt"
    beyond = Q((f"{column}__{side}", when)) | Q((column, when), (f"pk__{side}", pk))
    # Said twice, so that the index is entered at the cursor.
    return rows.filter(Q((f"{column}__{side}e", when)), beyond)


def _narrow(request: ApiRequest, filters: TicketFilter) -> QuerySet[Ticket]:
    rows = lookups.tickets(request).filter(merged_into=None)
    if filters.status:
        rows = rows.filter(status__in=_statuses(filters.status))
    if filters.assignee:
        words = {"me": request.agent.pk, "none": None}
        assignee = _id_or("assignee", filters.assignee, words)
        rows = rows.filter(assignee_id=assignee) if assignee else rows.filter(assignee=None)
    if filters.team:
        team = _id_or("team", filters.team, {"none": None})
        rows = rows.filter(team_id=team) if team else rows.filter(team=None)
    if filters.channel:
        rows = rows.filter(channel_ids__contains=[lookups.channel(request, filters.channel).pk])
    if filters.tag:
        rows = rows.filter(tags__contains=[tag_name(filters.tag)])
    if filters.contact:
        rows = rows.filter(contact_id=filters.contact)
    if filters.spam is not None:
        rows = rows.filter(is_spam=filters.spam)
    if filters.updated_since:
        rows = rows.filter(updated_at__gte=filters.updated_since)
    if filters.q.strip():
        rows = rows.filter(search.find(filters.q).condition)
    return rows


def _statuses(text: str) -> list[str]:
    wanted = [part.strip() for part in text.split(",")]
    if any(status not in TicketStatus.values for status in wanted):
        raise invalid("status", f"Status is one of {', '.join(TicketStatus.values)}.")
    return wanted


def _id_or(field: str, text: str, words: dict[str, int | None]) -> int | None:
    if text in words:
        return words[text]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise invalid(field, f"An id or one of {', '.join(words)}.")
    return int(text)


@router.post("", response={201: TicketOut}, summary="Open a ticket")
def open_ticket(request: ApiRequest, payload: TicketIn) -> Any:
    """The text is what the customer said. With a channel, answers leave by it."""
    ticket = opening.open_for(request, payload)
    return Status(201, show.ticket(lookups.ticket(request, ticket.number)))


@router.get("/{number}", response=TicketOut, summary="Read a ticket")
def get_ticket(request: ApiRequest, number: Number) -> Any:
    return show.ticket(lookups.ticket(request, number))


@router.patch("/{number}", response=TicketOut, summary="Change a ticket")
def patch_ticket(request: ApiRequest, number: Number, payload: TicketPatch) -> Any:
    """Only what is named changes. `tags` replaces all of them; in `custom`, null empties a field."""
    ticket = lookups.answerable(request, number)
    given = payload.model_fields_set
    empty = [
        n
        for n in ("subject", "status", "priority", "type", "tags", "custom")
        if n in given and getattr(payload, n) is None
    ]
    if empty:
        raise Problem(422, errors=[{"field": n, "message": "This cannot be null."} for n in empty])
    _apply(request, ticket, payload, given)
    found = lookups.tickets(request).filter(pk=ticket.pk).first()
    # Handed to a team whose tickets he does not see: shown for this last time.
    shown = found or Ticket.objects.select_related("contact", "brand", "team", "assignee").get(
        pk=ticket.pk
    )
    return show.ticket(shown)


def _apply(request: ApiRequest, ticket: Ticket, payload: TicketPatch, given: set[str]) -> None:
    what: dict[str, Any] = {"ticket": ticket, "actor": request.actor, "now": now()}
    if payload.subject is not None:
        actions.rename(**what, subject=payload.subject)
    if payload.priority is not None:
        actions.set_priority(**what, priority=payload.priority)
    if payload.type is not None:
        actions.set_kind(**what, kind=payload.type)
    if payload.tags is not None:
        kept = {tag_name(name) for name in payload.tags}
        actions.retag(**what, add=payload.tags, remove=[t for t in ticket.tags if t not in kept])
    for key, value in (payload.custom or {}).items():
        actions.set_field(**what, key=key, value=value)
    if payload.status is not None:
        actions.set_status(**what, status=payload.status)
    changes: dict[str, Any] = {}
    if "assignee" in given:
        changes["assignee"] = (
            lookups.agent(request, payload.assignee.id) if payload.assignee else None
        )
    if "team" in given:
        changes["team"] = lookups.team(request, payload.team.id) if payload.team else None
    if changes:
        actions.assign(**what, **changes)
