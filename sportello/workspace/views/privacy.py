"""What a person agrees to and asks for: noted, exported, erased. Below a contact's page."""

from __future__ import annotations

from datetime import datetime, time

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from sportello.contacts import consents, privacy, requests, wordings
from sportello.contacts.dossier import dossier
from sportello.contacts.ledger import Source
from sportello.contacts.models import Contact, PrivacyRequest, Wording
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


def _shown(request: AgentRequest, contact: Contact, problem: str = "") -> HttpResponse:
    context = {"privacy": block(contact, request.agent), "problem": problem}
    status = 422 if problem else 200
    return render(request, "workspace/contacts/privacy.html", context, status=status)


def _changeable(request: AgentRequest, contact_id: int) -> Contact:
    contact = _contact(request, contact_id)
    if not people.may_change(request.agent, contact):
        raise PermissionDenied
    return contact


@agent_page("POST")
def consent(request: AgentRequest, contact_id: int) -> HttpResponse:
    """A yes or a no that the customer said to this agent."""
    contact, form = _changeable(request, contact_id), request.POST
    given, purpose, now = form.get("given") == "1", form.get("purpose", ""), timezone.now()
    wording = _wording(form.get("wording", ""))
    if wording is None and given and not form.get("wording"):
        wording = wordings.current(purpose, contact.language, now=now)
    if wording is not None and wording.purpose != purpose:
        return _shown(request, contact, _("This text is about another purpose."))
    try:
        consents.note_consent(
            contact=contact,
            purpose=purpose,
            given=given,
            channel_kind=form.get("channel_kind", ""),
            text_version=form.get("text_version", ""),
            wording=wording,
            source=Source.AGENT,
            actor=request.actor,
            now=now,
        )
    except ValueError as error:
        raise Http404 from error
    return _shown(request, contact)


def _wording(asked: str) -> Wording | None:
    """The one chosen by its id; none for “the current one” and for “nothing was read”."""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    return get_object_or_404(Wording, pk=int(asked))


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
