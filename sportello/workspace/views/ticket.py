"""One ticket: the page, its older messages, its live state, its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone

from sportello.tickets import actions
from sportello.tickets.models import ReadMark, Ticket
from sportello.tickets.reading.inbox import UnknownView, narrow
from sportello.tickets.reading.timeline import history as history_of
from sportello.tickets.reading.timeline import story
from sportello.workspace import desk, ticket_context
from sportello.workspace.access import (
    AgentRequest,
    agent_page,
    is_partial,
    may_answer,
    ticket_or_404,
)
from sportello.workspace.story.names import Names
from sportello.workspace.story.pieces import first_message, pieces
from sportello.workspace.story.sentences import line


@agent_page()
def page(request: AgentRequest, number: int) -> HttpResponse:
    """The desk with this ticket open; only the ticket for htmx."""
    ticket = ticket_or_404(request, number)
    view = view_of(request, ticket)
    if is_partial(request):
        context = ticket_context.with_composer(request, ticket) | {"view": view}
        return render(request, "workspace/ticket/opened.html", context)
    context = desk.desk_context(request, view, request.GET, selected=number)
    return render(
        request,
        "workspace/inbox/page.html",
        context | ticket_context.with_composer(request, ticket),
    )


def view_of(request: AgentRequest, ticket: Ticket) -> str:
    """The list beside it: the one the agent came from, else where the ticket belongs."""
    asked = request.GET.get("view", "")
    try:
        narrow(asked)
    except UnknownView:
        if ticket.assignee_id == request.agent.pk:
            return "mine"
        return (
            "unassigned"
            if ticket.assignee_id is None and ticket.status in {"new", "open"}
            else "all"
        )
    return asked


@agent_page()
def older(request: AgentRequest, number: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    before = _number(request.GET.get("before", ""))
    if before is None:
        return HttpResponseBadRequest()
    told = story(ticket, before=before)
    shown = pieces(told, ticket)
    for piece in shown:
        if piece.run:
            piece.run.last = False
    context = {
        "ticket": ticket, "pieces": shown, "has_older": told.has_older,
        "first_message": first_message(told), "can_answer": may_answer(request, ticket),
    }  # fmt: skip
    return render(request, "workspace/ticket/older.html", context)


@agent_page()
def live(request: AgentRequest, number: int) -> HttpResponse:
    """Head, story from message ``since`` on, side and row, as they are now."""
    return update(request, ticket_or_404(request, number))


def update(request: AgentRequest, ticket: Ticket, **more: Any) -> HttpResponse:
    """The pieces of the page that any change of a ticket may touch; never the composer."""
    since = _number(request.GET.get("since", "") or request.POST.get("since", ""))
    view = view_of(request, ticket)
    return render(
        request,
        "workspace/ticket/update.html",
        ticket_context.pane(request, ticket, since=since or None) | {"view": view} | more,
    )


@agent_page("POST")
def read(request: AgentRequest, number: int) -> HttpResponse:
    """He has seen it up to the newest message; costs nothing when he had before."""
    ticket = ticket_or_404(request, number)
    mark = ReadMark.objects.filter(ticket=ticket, agent=request.agent).first()
    if mark is None or mark.message_id < (ticket.last_inbound_id or 0):
        actions.mark_read(ticket=ticket, agent=request.agent, now=timezone.now())
    return HttpResponse(status=204)


@agent_page()
def history(request: AgentRequest, number: int) -> HttpResponse:
    events = history_of(ticket_or_404(request, number))
    names = Names.of(events)
    lines = [{"line": line(event, names), "at": event.occurred_at} for event in events]
    return render(request, "workspace/ticket/history.html", {"lines": lines})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
