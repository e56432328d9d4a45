"""Look under the cover of a message, read what was given in confidence: by right, written down."""

from __future__ import annotations

import io
from typing import cast

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from sportello.tickets.actions import NotAllowed
from sportello.tickets.confidential import forms, revealing
from sportello.tickets.models import Message, SealedOriginal, SecureForm
from sportello.workspace.access import AgentRequest, agent_page, ticket_or_404
from sportello.workspace.views.files import locked


@agent_page("POST")
def reveal(request: AgentRequest, number: int, message_id: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    message = get_object_or_404(Message, pk=message_id, ticket=ticket)
    try:
        found = revealing.reveal(message=message, actor=request.actor, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    except SealedOriginal.DoesNotExist as error:
        raise Http404 from error
    except revealing.Erased:
        found = None
    return render(request, "workspace/ticket/revealed.html", {"found": found})


@agent_page("POST")
def answers(request: AgentRequest, number: int, form_id: int) -> HttpResponse:
    """What the customer gave on the protected page."""
    form = _form(request, number, form_id)
    try:
        found = forms.read(form=form, actor=request.actor, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    except revealing.Erased:
        found = None
    context = {"found": found, "form": form, "number": number}
    return render(request, "workspace/ticket/answers.html", context)


@agent_page("POST")
def answer_file(request: AgentRequest, number: int, form_id: int, key: str) -> HttpResponse:
    """One file of it, to be saved."""
    form = _form(request, number, form_id)
    try:
        name, content = forms.read_file(form=form, key=key, actor=request.actor)
    except NotAllowed as error:
        raise PermissionDenied from error
    except revealing.Erased as error:
        raise Http404 from error
    response = FileResponse(
        io.BytesIO(content),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    return cast("HttpResponse", locked(response))


def _form(request: AgentRequest, number: int, form_id: int) -> SecureForm:
    ticket = ticket_or_404(request, number)
    of_it = Q(ticket=ticket) | Q(ticket__merged_into=ticket)
    return get_object_or_404(SecureForm.objects.filter(of_it), pk=form_id)
