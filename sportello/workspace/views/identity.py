"""Who is who: join contacts that are one person, take it back, say that they are two."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from sportello.contacts import merging, suggesting
from sportello.contacts.models import Contact, Identity, Suggestion
from sportello.contacts.queries import search
from sportello.tickets import people
from sportello.workspace.access import AgentRequest, agent_page, seen

CHOICES = 8


def _visible(request: AgentRequest) -> QuerySet[Contact]:
    return people.visible_to(request.agent)


def contact_or_404(request: AgentRequest, contact_id: int) -> Contact:
    """The contact, if he may see it. Unknown and hidden answer alike."""
    found = Contact.objects.filter(pk__in=seen(request).values("contact_id"), pk=contact_id).first()
    if found is None:
        raise Http404
    return found


def may_join(request: AgentRequest, *contacts: Contact) -> bool:
    """Only who may answer on every ticket of each: then nothing hidden moves."""
    return all(people.reaches_all(request.agent, contact) for contact in contacts)


@agent_page("POST")
def do(request: AgentRequest, contact_id: int, verb: str) -> HttpResponse:
    contact = contact_or_404(request, contact_id)
    if verb not in VERBS:
        raise Http404
    try:
        return VERBS[verb](request, contact)
    except merging.CannotMergeContacts as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")


@agent_page()
def choices(request: AgentRequest, contact_id: int) -> HttpResponse:
    """Others to merge with, found by name, address or organization."""
    contact = contact_or_404(request, contact_id)
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    first = Identity.objects.filter(contact=OuterRef("pk")).order_by("pk").values("address")[:1]
    found = (
        search(_visible(request), q)
        .exclude(pk=contact.pk)
        .select_related("organization")
        .annotate(address=Subquery(first))
        .order_by("name", "pk")[:CHOICES]
        if len(q) >= 2
        else []
    )
    return render(
        request, "workspace/contacts/choices.html", {"contact": contact, "found": found, "q": q}
    )


def _accept(request: AgentRequest, contact: Contact) -> HttpResponse:
    row = _suggestion(request, contact)
    if not may_join(request, row.first, row.second):
        raise PermissionDenied
    stays = suggesting.accept(suggestion=row, actor=request.actor, now=timezone.now())
    number = request.POST.get("ticket", "")
    there = f"/app/tickets/{int(number)}" if number.isascii() and number.isdigit() else ""
    return HttpResponse(headers={"HX-Redirect": there or f"/app/contacts/{stays.pk}"})


def _dismiss(request: AgentRequest, contact: Contact) -> HttpResponse:
    row = _suggestion(request, contact)
    if not people.may_change(request.agent, contact):
        raise PermissionDenied
    suggesting.dismiss(suggestion=row, actor=request.actor, now=timezone.now())
    return HttpResponse("")


def _suggestion(request: AgentRequest, contact: Contact) -> Suggestion:
    """One about this contact, whose other side he sees too."""
    rows = suggesting.open_suggestions(contact)
    row = get_object_or_404(rows, pk=_id(request.POST.get("suggestion", "")))
    other = suggesting.other_of(row, contact.pk)
    get_object_or_404(_visible(request), pk=other.pk)
    return row


def _merge(request: AgentRequest, contact: Contact) -> HttpResponse:
    other = get_object_or_404(_visible(request), pk=_id(request.POST.get("other", "")))
    if not may_join(request, contact, other):
        raise PermissionDenied
    stays, goes = suggesting.survivor_of(contact, other)
    merging.merge(contact=goes, into=stays, actor=request.actor, now=timezone.now())
    return redirect("workspace:contact", stays.pk)


def _unmerge(request: AgentRequest, contact: Contact) -> HttpResponse:
    row = get_object_or_404(contact.merges, pk=_id(request.POST.get("merge", "")), undone_at=None)
    if not may_join(request, contact):
        raise PermissionDenied
    merging.unmerge(merge=row, actor=request.actor, now=timezone.now())
    return redirect("workspace:contact", contact.pk)


def _id(text: str) -> int:
    """A number from the page, or one that no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


VERBS: dict[str, Callable[[AgentRequest, Contact], HttpResponse]] = {
    "accept": _accept,
    "dismiss": _dismiss,
    "merge": _merge,
    "unmerge": _unmerge,
}
