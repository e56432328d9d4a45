"""Look under the cover of a message: by right, written down."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from sportello.tickets.actions import NotAllowed
from sportello.tickets.confidential import revealing
from sportello.tickets.models import Message, SealedOriginal
from sportello.workspace.access import AgentRequest, agent_page, ticket_or_404


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
