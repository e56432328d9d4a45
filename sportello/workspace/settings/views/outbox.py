"""Mail that stayed here because no relay is configured: read it as the customer would."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from sportello.core.models import SentMail
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.pages import page

PAGE = 50
FRAME_CSP = {
    "default-src": ["'none'"],
    "img-src": ["data:"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "sandbox": ["allow-popups"],
}


@administrators()
def outbox(request: AgentRequest) -> HttpResponse:
    _only_without_relay()
    rows = SentMail.objects.defer("raw").order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    return page(request, "outbox", "outbox", {"rows": found[:PAGE], "older": older})


@administrators()
def mail(request: AgentRequest, pk: int) -> HttpResponse:
    row = _row(pk)
    message = _message(row)
    text = message.get_body(("plain",))
    context = {
        "row": row,
        "headers": [(name, str(value)) for name, value in message.items()],
        "text": text.get_content() if text else "",
        "has_html": message.get_body(("html",)) is not None,
        "files": [part.get_filename() or "…" for part in message.iter_attachments()],
    }
    return page(request, "outbox", "outbox_mail", context)


@administrators()
@xframe_options_sameorigin
@csp_override(FRAME_CSP)
def body(request: AgentRequest, pk: int) -> HttpResponse:
    """The HTML alone, for the sandboxed frame: no script, no remote image, no form."""
    html = _message(_row(pk)).get_body(("html",))
    if html is None:
        raise Http404
    return HttpResponse(html.get_content(), headers={"Referrer-Policy": "no-referrer"})


@administrators()
def download(request: AgentRequest, pk: int) -> HttpResponse:
    row = _row(pk)
    disposition = {"Content-Disposition": f'attachment; filename="mail-{row.pk}.eml"'}
    return HttpResponse(bytes(row.raw), content_type="message/rfc822", headers=disposition)


def _row(pk: int) -> SentMail:
    _only_without_relay()
    return get_object_or_404(SentMail, pk=pk)


def _only_without_relay() -> None:
    if settings.EMAIL_URL:
        raise Http404


def _message(row: SentMail) -> EmailMessage:
    return message_from_bytes(bytes(row.raw), policy=policy.default)
