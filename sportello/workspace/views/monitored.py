"""What channels only watch: comments and reviews that became no ticket."""

from __future__ import annotations

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from sportello.tickets import actions
from sportello.tickets.inbound.monitoring import channels_of, watched
from sportello.tickets.models import Monitored
from sportello.workspace import desk
from sportello.workspace.access import AgentRequest, agent_page
from sportello.workspace.glyphs import glyphs

PAGE = 50


@agent_page()
def page(request: AgentRequest) -> HttpResponse:
    """Newest first, of the channels where he may answer; ``?channel=`` narrows."""
    own = {mouth.id: mouth for mouth in channels_of(request.agent)}
    counts = dict(
        Monitored.objects.filter(channel_id__in=own)
        .order_by()
        .values_list("channel_id")
        .annotate(n=Count("pk"))
    )
    chosen = _number(request.GET.get("channel", ""))
    shown = [chosen] if chosen in own else list(own)
    items = list(watched(shown, before=_number(request.GET.get("before", "")), most=PAGE + 1))
    looks = glyphs()
    context = {
        "section": "monitored",
        "groups": desk.groups(request),
        "view": "",
        "items": [(item, looks.get(item.mouth.id)) for item in items[:PAGE]],
        "older": items[PAGE - 1].row.pk if len(items) > PAGE else None,
        "channels": [(own[pk], counts.get(pk, 0)) for pk in own],
        "chosen": chosen,
        "total": sum(counts.values()),
    }
    return render(request, "workspace/monitored/page.html", context)


@agent_page("POST")
def open_one(request: AgentRequest, pk: int) -> HttpResponse:
    """Make a ticket of it; the applier does so within a moment."""
    own = [mouth.id for mouth in channels_of(request.agent)]
    row = get_object_or_404(Monitored, pk=pk, channel_id__in=own)
    try:
        actions.open_monitored(monitored=row, actor=request.actor, now=timezone.now())
    except actions.NotAllowed as error:
        raise Http404 from error
    return redirect("workspace:monitored")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
