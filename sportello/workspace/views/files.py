"""What hangs on messages: attachments, pictures, mail as it was sent, the raw original."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from sportello.channels import spool
from sportello.core import files
from sportello.tickets.actions import NotAllowed
from sportello.tickets.confidential import documents, revealing
from sportello.tickets.models import Attachment, Message
from sportello.workspace.access import AgentRequest, agent_page, require_answer, ticket_or_404
from sportello.workspace.mail_frame import frame
from sportello.workspace.pictures import NotAPicture, redrawn

HARMLESS = "sandbox; default-src 'none'"


def locked(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Content-Security-Policy"] = HARMLESS
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _attachment(request: AgentRequest, number: int, attachment: int) -> Attachment:
    ticket = ticket_or_404(request, number)
    row = get_object_or_404(
        Attachment.objects.select_related("file"), pk=attachment, message__ticket=ticket
    )
    try:
        documents.check_opens(row.file, ticket, request.actor)
    except NotAllowed as error:
        raise PermissionDenied from error
    return row


@agent_page()
def attachment(request: AgentRequest, number: int, attachment: int) -> HttpResponseBase:
    """The bytes, always to be saved, never to be shown."""
    row = _attachment(request, number, attachment)
    try:
        content = files.open_file(row.file)
    except FileNotFoundError as error:
        raise Http404 from error
    return locked(
        FileResponse(
            content, as_attachment=True, filename=row.name, content_type="application/octet-stream"
        )
    )


@agent_page()
def picture(request: AgentRequest, number: int, attachment: int) -> HttpResponseBase:
    """Drawn anew, small; ``?large`` for the whole window."""
    row = _attachment(request, number, attachment)
    bounds = (1600, 1600) if "large" in request.GET else (444, 324)
    try:
        drawn = redrawn(row.file, *bounds)
    except NotAPicture as error:
        raise Http404 from error
    response = locked(HttpResponse(drawn, content_type="image/webp"))
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@agent_page()
def mail(request: AgentRequest, number: int, message_id: int) -> HttpResponse:
    """The mail's HTML in its frame. Not for light agents."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    message = get_object_or_404(Message, pk=message_id, ticket=ticket)
    if not message.html:
        raise Http404
    return frame(request, ticket, message, with_images=request.GET.get("images") == "1")


@agent_page()
def raw(request: AgentRequest, number: int, message_id: int) -> HttpResponseBase:
    """What came in, byte for byte, to be saved. Not for light agents; what it covers needs a right of its own."""
    ticket = ticket_or_404(request, number)
    require_answer(request, ticket)
    message = get_object_or_404(
        Message.objects.select_related("spool"), pk=message_id, ticket=ticket
    )
    if message.spool is None:
        raise Http404
    try:
        revealing.check_raw(
            message=message, actor=request.actor, always=documents.holds_covered(message)
        )
    except NotAllowed as error:
        raise PermissionDenied from error
    item = message.spool
    body = (
        bytes(item.body)
        if item.body is not None
        else spool.body_path(item.content_hash).read_bytes()
    )
    response = HttpResponse(body, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{ticket.number}-{message.pk}.raw"'
    )
    return locked(response)
