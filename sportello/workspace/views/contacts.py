"""People, the newest talk first. Only those of tickets the agent may see."""

from __future__ import annotations

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from sportello.contacts.models import Contact, Identity
from sportello.contacts.queries import search
from sportello.workspace import desk
from sportello.workspace.access import AgentRequest, agent_page, seen

PAGE = 50


@agent_page()
def people(request: AgentRequest) -> HttpResponse:
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = search(_seen(request), q)
    segment = request.GET.get("segment", "").replace("\0", "").strip().lower()[:64]
    if segment:
        found = found.filter(segments__contains=[segment])
    mine = Q(tickets__in=seen(request))
    shown = found.select_related("organization").annotate(
        last=Max("tickets__last_message_at", filter=mine),
        count=Count("tickets", filter=mine, distinct=True),
        visits=Exists(Identity.objects.filter(contact=OuterRef("pk"), kind="visitor")),
    )
    context = {
        "section": "contacts",
        "q": q,
        "segment": segment,
        "people": shown.order_by("-last", "-pk")[:PAGE],
        "groups": desk.groups(request),
        "view": "",
    }
    return render(request, "workspace/contacts/page.html", context)


def _seen(request: AgentRequest) -> QuerySet[Contact]:
    return Contact.objects.filter(pk__in=seen(request).values("contact_id"))
