"""People: who they are, where they are reached, what they asked. Only those of tickets the agent may see."""

from __future__ import annotations

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from sportello.contacts.models import Contact, Identity
from sportello.tickets import people as people_of
from sportello.workspace import desk, likely, purchases
from sportello.workspace.access import AgentRequest, agent_page, seen
from sportello.workspace.glyphs import called, identity_glyph
from sportello.workspace.rows import rows

PAGE = 50


@agent_page()
def people(request: AgentRequest) -> HttpResponse:
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = _seen(request)
    if q:
        named = Q(name__icontains=q) | Q(organization__name__icontains=q)
        found = found.filter(
            named
            | Q(pk__in=Contact.objects.filter(identities__address__icontains=q).values("pk")[:500])
        )
    mine = Q(tickets__in=seen(request))
    shown = found.select_related("organization").annotate(
        last=Max("tickets__last_message_at", filter=mine),
        count=Count("tickets", filter=mine, distinct=True),
        visits=Exists(Identity.objects.filter(contact=OuterRef("pk"), kind="visitor")),
    )
    context = {
        "section": "contacts",
        "q": q,
        "people": shown.order_by("-last", "-pk")[:PAGE],
        "groups": desk.groups(request),
        "view": "",
    }
    return render(request, "workspace/contacts/page.html", context)


@agent_page()
def person(request: AgentRequest, contact_id: int) -> HttpResponse:
    contact = _seen(request).select_related("organization").filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    tickets = (
        seen(request)
        .filter(contact=contact, merged_into=None)
        .select_related("contact__organization", "assignee")
    )
    newest = list(tickets.order_by("-last_message_at", "-id")[:100])
    identities = list(contact.identities.order_by("id"))
    looks = [identity_glyph(i.kind) for i in identities]
    ids = [{"identity": i, "glyph": look} for i, look in zip(identities, looks, strict=True)]
    context = {
        "section": "contacts", "contact": contact, "ids": ids, "groups": desk.groups(request), "view": "",
        "called": called(contact, looks), "bought": purchases.card(contact.pk, request.rights, most=PAGE),
        "rows": rows(newest, request.agent, now=timezone.now()),
        "likely": likely.likely_people(request, contact), "merges": likely.merges_of(contact),
        "can_answer": request.rights.can_answer, "may_merge": people_of.reaches_all(request.agent, contact),
    }  # fmt: skip
    return render(request, "workspace/contacts/person.html", context)


def _seen(request: AgentRequest) -> QuerySet[Contact]:
    return Contact.objects.filter(pk__in=seen(request).values("contact_id"))
