"""The log of changes: filtered by what and who, in keyset pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from sportello.core.models import AuditEntry
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.pages import page

PAGE = 50


def areas() -> dict[str, str]:
    """The first word of an action → what people call it."""
    return {
        "agent": _("People"),
        "invitation": _("Invitations"),
        "token": _("API tokens"),
        "company": _("Company"),
        "brand": _("Brands"),
        "team": _("Teams"),
        "hours": _("Hours"),
        "channel": _("Channels"),
        "saved_reply": _("Saved replies"),
        "tag": _("Tags"),
        "field": _("Custom fields"),
        "parked": _("Parked items"),
        "covered": _("Covered data"),
        "contact": _("Contacts"),
        "privacy": _("Privacy"),
    }


@administrators()
def audit(request: AgentRequest) -> HttpResponse:
    rows = AuditEntry.objects.order_by("-id")
    area, who, before = (request.GET.get(name, "") for name in ("area", "who", "before"))
    if area in areas():
        rows = rows.filter(action__startswith=f"{area}.")
    if who.strip():
        rows = rows.filter(actor_name__icontains=who.strip()[:100])
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    context = {
        "rows": found[:PAGE],
        "older": older,
        "areas": areas().items(),
        "area": area,
        "who": who,
    }
    return page(request, "audit", "audit", context)
