"""The browsable outbox: mail that stayed here because no relay is configured."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from sportello.core.models import SentMail
from sportello.workspace import desk
from sportello.workspace.access import AgentRequest, agent_page

PAGE = 60


@agent_page()
def page(request: AgentRequest, mail_id: int | None = None) -> HttpResponse:
    """Mails newest first; one of them open. Whoever may answer everywhere may read what left."""
    _check(request)
    mails = SentMail.objects.order_by("-pk")[:PAGE]
    opened = get_object_or_404(SentMail, pk=mail_id) if mail_id else None
    context = {
        "section": "outbox", "mails": mails, "opened": opened, "text": _text(opened) if opened else "",
        "groups": desk.groups(request), "view": "",
    }  # fmt: skip
    return render(request, "workspace/outbox/page.html", context)


@agent_page()
def raw(request: AgentRequest, mail_id: int) -> HttpResponse:
    _check(request)
    mail = get_object_or_404(SentMail, pk=mail_id)
    return HttpResponse(
        bytes(mail.raw),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Security-Policy": "sandbox; default-src 'none'"},
    )


def _check(request: AgentRequest) -> None:
    if settings.EMAIL_URL:
        raise Http404
    if not (
        request.rights.is_administrator or (settings.SPORTELLO_DEMO and request.rights.can_answer)
    ):
        raise PermissionDenied


def _text(mail: SentMail) -> str:
    body = message_from_bytes(bytes(mail.raw), policy=default).get_body(("plain", "html"))
    try:
        return str(body.get_content()) if body else ""
    except (LookupError, ValueError):
        return ""
