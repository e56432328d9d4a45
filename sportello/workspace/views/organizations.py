"""Organizations: their people, their tickets, the domains that tell who belongs, and what was agreed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from sportello.contacts import organizations
from sportello.contacts.actions import one_line
from sportello.contacts.models import Contact, Membership, Organization, ProfileField
from sportello.core.fields import Unfit
from sportello.tickets import people
from sportello.tickets.reading.inbox import LIVE
from sportello.workspace import desk, filling
from sportello.workspace.access import AgentRequest, agent_page, seen
from sportello.workspace.rows import rows

PAGE = 50


@agent_page()
def every(request: AgentRequest) -> HttpResponse:
    """Those that he may see, by name."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = people.organizations_visible_to(request.agent)
    if q:
        found = found.filter(Q(name__icontains=q) | Q(domains__contains=[q.lower().lstrip("@")]))
    context = {"q": q, "organizations": found.order_by("name", "pk")[:PAGE], **_frame(request)}
    return render(request, "workspace/organizations/list.html", context)


@agent_page("GET", "POST")
def one(request: AgentRequest, organization_id: int) -> HttpResponse:
    found = people.organizations_visible_to(request.agent).filter(pk=organization_id).first()
    if found is None:
        raise Http404
    problem, errors = "", dict[str, str]()
    if request.method == "POST":
        if not request.rights.can_answer:
            raise PermissionDenied
        try:
            _save(request, found)
            return redirect("workspace:organization", found.pk)
        except organizations.BadDomain as refusal:
            problem = str(refusal)
        except Unfit as unfit:
            errors = unfit.errors
        found.refresh_from_db()
    typed = request.POST if problem or errors else None
    context = {
        "organization": found,
        "problem": problem,
        "draft": _draft(found, typed),
        **_page(request, found),
        **filling.page(ProfileField.Of.ORGANIZATION, found.custom, typed, errors),
        **_frame(request),
    }
    status = 422 if problem or errors else 200
    return render(request, "workspace/organizations/page.html", context, status=status)


def _save(request: AgentRequest, organization: Organization) -> None:
    form = request.POST
    values = {
        "name": one_line(form.get("name", "")) or organization.name,
        "domains": form.get("domains", "").replace(",", " ").split(),
        "notes": form.get("notes", "").replace("\0", "")[:20_000],
        "custom": filling.given(form),
    }
    organizations.save_organization(
        organization=organization, values=values, actor=request.actor, now=timezone.now()
    )


def _draft(organization: Organization, typed: QueryDict | None) -> dict[str, str]:
    """What stands in the form: what was typed last, else what is known."""
    known = {
        "name": organization.name,
        "domains": ", ".join(organization.domains),
        "notes": organization.notes,
    }
    return known if typed is None else known | {n: str(typed[n]) for n in known if n in typed}


def _page(request: AgentRequest, organization: Organization) -> dict[str, Any]:
    members = Membership.objects.filter(organization=organization).values_list("contact_id")
    own = Contact.objects.filter(organization=organization).values_list("pk")
    theirs = people.visible_to(request.agent).filter(pk__in=own.union(members))
    tickets = seen(request).filter(organization=organization, merged_into=None)
    newest = tickets.select_related("contact", "assignee").order_by("-last_message_at", "-pk")
    found = list(newest[: PAGE + 1])
    named = list(theirs.order_by("name", "pk")[: PAGE + 1])
    return {
        "people": named[:PAGE],
        "more_people": len(named) > PAGE,
        "rows": rows(found[:PAGE], request.agent, now=timezone.now()),
        "more_tickets": len(found) > PAGE,
        "stats": _counts(tickets),
        "can_answer": request.rights.can_answer,
    }


def _counts(tickets: Any) -> dict[str, int]:
    counted: dict[str, int] = tickets.aggregate(
        tickets=Count("pk"), open=Count("pk", filter=Q(status__in=LIVE))
    )
    return counted


def _frame(request: AgentRequest) -> dict[str, Any]:
    return {"section": "contacts", "groups": desk.groups(request), "view": ""}
