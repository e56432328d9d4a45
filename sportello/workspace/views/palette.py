"""Ctrl-K: tickets, people, saved replies and how many messages say it."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.automation.models import SavedReply
from sportello.contacts.models import Contact
from sportello.tickets.models import Ticket
from sportello.tickets.reading.inbox import Filters, inbox
from sportello.workspace.access import AgentRequest, agent_page, seen
from sportello.workspace.glyphs import called, glyphs

EACH = 6


@agent_page()
def find(request: AgentRequest) -> HttpResponse:
    """Groups of what fits ``q``; every one of them only what the agent may see."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    if len(q) < 2 and not q.isdigit():
        return JsonResponse({"groups": []})
    people = q.startswith("@")
    groups = (
        [_people(request, q.lstrip("@"))]
        if people
        else [_tickets(request, q), _replies(request, q), _people(request, q)]
    )
    return JsonResponse({"groups": [group for group in groups if group["items"]]})


def _tickets(request: AgentRequest, q: str) -> dict[str, object]:
    found = inbox(request.agent, "all", Filters(q=q), size=EACH).tickets
    items = [
        {
            "icon": "inbox",
            "text": ticket.subject or ticket.preview,
            "hint": f"{_named(ticket)}, n. {ticket.number}",
            "href": reverse("workspace:ticket", args=[ticket.number]),
            "ticket": ticket.number,
        }
        for ticket in found
    ]
    return {"title": _("Tickets"), "items": items}


def _named(ticket: Ticket) -> str:
    looks = glyphs()
    return called(ticket.contact, [looks[id] for id in ticket.channel_ids if id in looks])


def _replies(request: AgentRequest, q: str) -> dict[str, object]:
    if not request.rights.can_answer:
        return {"title": "", "items": []}
    found = SavedReply.objects.filter(title__icontains=q)[:EACH]
    items = [
        {"icon": "zap", "text": r.title, "hint": f"/{r.shortcut}", "reply": r.shortcut}
        for r in found
    ]
    return {"title": _("Saved replies"), "items": items}


def _people(request: AgentRequest, q: str) -> dict[str, object]:
    """Customers of tickets that he may see."""
    mine = seen(request).filter(contact__name__icontains=q).values("contact_id")[:200]
    found = (
        Contact.objects.filter(pk__in=mine).select_related("organization").order_by("name")[:EACH]
    )
    items = [
        {
            "icon": "user-round",
            "text": contact.name,
            "hint": contact.organization.name if contact.organization else "",
            "href": reverse("workspace:contact", args=[contact.pk]),
        }
        for contact in found
    ]
    return {"title": _("People"), "items": items}
