"""The list of tickets: pages, rows for live updates, counts."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sportello.tickets.reading import inbox
from sportello.workspace import desk
from sportello.workspace.access import AgentRequest, agent_page, is_partial, seen
from sportello.workspace.rows import rows


@agent_page()
def home(request: AgentRequest) -> HttpResponse:
    return redirect("workspace:inbox", "mine")


@agent_page()
def view(request: AgentRequest, view: str) -> HttpResponse:
    """A page of the desk, or further rows of the list for htmx."""
    try:
        if is_partial(request):
            return render(
                request, "workspace/inbox/rows.html", desk.list_context(request, view, request.GET)
            )
        return render(
            request, "workspace/inbox/page.html", desk.desk_context(request, view, request.GET)
        )
    except inbox.UnknownView as error:
        raise Http404 from error
    except inbox.BadCursor:
        return HttpResponseBadRequest()


@agent_page()
def fresh_rows(request: AgentRequest, view: str) -> HttpResponse:
    """The rows of named tickets as they are now. Those that left the view are named in a header."""
    numbers = [
        int(n)
        for n in request.GET.get("numbers", "").split(",")[:100]
        if n.isascii() and n.isdigit() and len(n) < 19
    ]
    ids = {t.pk: t.number for t in seen(request).filter(number__in=numbers).only("pk", "number")}
    try:
        held = inbox.holds(
            request.agent, view, inbox.Filters.read(request.GET), list(ids), among=seen(request)
        )
    except inbox.UnknownView as error:
        raise Http404 from error
    held.sort(key=lambda ticket: (ticket.last_message_at, ticket.pk), reverse=True)
    current = request.GET.get("open", "")
    selected = (
        int(current) if current.isascii() and current.isdigit() and len(current) < 19 else None
    )
    found = rows(held, request.agent, now=timezone.now(), selected=selected)
    response = render(request, "workspace/inbox/rows.html", {"rows": found, "view": view})
    response["X-Gone"] = ",".join(str(n) for n in sorted(set(numbers) - {t.number for t in held}))
    return response


@agent_page()
def counts(request: AgentRequest, view: str) -> HttpResponse:
    """The views at the left, with their counts."""
    return render(
        request, "workspace/shell/view_links.html", {"groups": desk.groups(request), "view": view}
    )


@agent_page()
def sort(request: AgentRequest, view: str) -> HttpResponse:
    active = inbox.Filters.read(request.GET).active
    chosen = active.pop("sort", "newest")
    return render(
        request,
        "workspace/inbox/sort.html",
        {"view": view, "active": active, "sorts": desk.sorts(), "chosen": chosen},
    )


@agent_page()
def next_ticket(request: AgentRequest) -> HttpResponse:
    """The oldest ticket that waits and has no owner: what Space takes."""
    page = inbox.inbox(request.agent, "unassigned", inbox.Filters(sort="oldest"), size=1)
    return JsonResponse({"number": page.tickets[0].number if page.tickets else None})
