"""What a person agrees to and asks for: noted, exported, erased. Below a contact's page."""

from __future__ import annotations

from datetime import datetime, time

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from sportello.contacts import consents, privacy, requests
from sportello.contacts.dossier import dossier
from sportello.contacts.ledger import Source
from sportello.contacts.models import Contact, PrivacyRequest
from sportello.tickets import people
from sportello.tickets.confidential.revealing import may_reveal_all
from sportello.workspace.access import AgentRequest, agent_page, seen
from sportello.workspace.privacy_block import block


def _contact(request: AgentRequest, contact_id: int) -> Contact:
    """Whom he sees by a ticket that he sees. Unknown and hidden answer alike."""
    rows = Contact.objects.filter(pk=contact_id, pk__in=seen(request).values("contact_id"))
    contact = rows.select_related("organization").first()
    if contact is None:
        raise Http404
    return contact


def _shown(request: AgentRequest, contact: Contact) -> HttpResponse:
    context = {"privacy": block(contact, request.agent)}
    return render(request, "workspace/contacts/privacy.html", context)


def _changeable(request: AgentRequest, contact_id: int) -> Contact:
    contact = _contact(request, contact_id)
    if not people.may_change(request.agent, contact):
        raise PermissionDenied
    return contact


@agent_page("POST")
def consent(request: AgentRequest, contact_id: int) -> HttpResponse:
    """A yes or a no that the customer said to this agent."""
    contact, form = _changeable(request, contact_id), request.POST
    try:
        consents.note_consent(
            contact=contact,
            purpose=form.get("purpose", ""),
            given=form.get("given") == "1",
            channel_kind=form.get("channel_kind", ""),
            text_version=form.get("text_version", ""),
            source=Source.AGENT,
            actor=request.actor,
            now=timezone.now(),
        )
    except ValueError as error:
        raise Http404 from error
    return _shown(request, contact)


@agent_page("POST")
def ask(request: AgentRequest, contact_id: int) -> HttpResponse:
    """He has asked for a copy, for erasure…: the thirty days run."""
    contact = _changeable(request, contact_id)
    try:
        requests.note_request(
            contact=contact,
            kind=request.POST.get("kind", ""),
            asked_at=_day(request.POST.get("asked_on", "")),
            actor=request.actor,
            now=timezone.now(),
        )
    except ValueError as error:
        raise Http404 from error
    return _shown(request, contact)


def _day(text: str) -> datetime | None:
    day = parse_date(text)  # ValueError for a day that no month has
    return timezone.make_aware(datetime.combine(day, time(12))) if day else None


@agent_page("POST")
def done(request: AgentRequest, contact_id: int, request_id: int) -> HttpResponse:
    """Answered by other means."""
    contact = _changeable(request, contact_id)
    row = get_object_or_404(PrivacyRequest, pk=request_id, contact=contact)
    requests.close_request(request=row, actor=request.actor, now=timezone.now())
    return _shown(request, contact)


@agent_page("POST")
def export(request: AgentRequest, contact_id: int) -> HttpResponseBase:
    """Everything held of him, as a ZIP; covered values only for who may see them."""
    contact = _contact(request, contact_id)
    if not people.reaches_all(request.agent, contact):
        raise PermissionDenied
    archive = dossier(
        contact=contact,
        actor=request.actor,
        now=timezone.now(),
        with_confidential=may_reveal_all(request.agent, contact.pk),
    )
    return FileResponse(
        archive,
        as_attachment=True,
        filename=f"contact-{contact.pk}.zip",
        content_type="application/zip",
    )


@agent_page("POST")
def erase(request: AgentRequest, contact_id: int) -> HttpResponse:
    """For good. Only administrators, and only with the box ticked."""
    contact = _contact(request, contact_id)
    if not request.rights.is_administrator:
        raise PermissionDenied
    if request.POST.get("sure") == "1":
        privacy.erase(contact=contact, actor=request.actor, now=timezone.now())
    return redirect("workspace:contact", contact.pk)
