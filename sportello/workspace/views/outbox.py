"""The browsable outbox: mail that stayed here because no relay is configured, read as its reader would."""

from __future__ import annotations

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesHeaderParser

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import BinaryField, F, Func, Q, Value
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override

from sportello.channels.queries import mail_channels
from sportello.core.models import SentMail
from sportello.tickets.models import Message
from sportello.tickets.queries import answerable_by
from sportello.workspace import desk
from sportello.workspace.access import AgentRequest, agent_page

PAGE = 50
LOOK_AT = 300
"""Mails looked at for an agent who may not read all of them."""
HEAD = 16_384
"""Bytes of a mail in which its Message-ID is sought."""
FRAME_CSP = {
    "default-src": ["'none'"],
    "img-src": ["data:"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "sandbox": ["allow-popups"],
}


@agent_page()
def page(request: AgentRequest, mail_id: int | None = None) -> HttpResponse:
    """Mails newest first; one of them open."""
    _check(request)
    opened = _mail(request, mail_id) if mail_id else None
    before = request.GET.get("before", "")
    mails, older = _list(request, int(before) if before.isdecimal() and len(before) < 19 else None)
    context = {"section": "outbox", "mails": mails, "older": older, "opened": opened,
               "groups": desk.groups(request), "view": ""}  # fmt: skip
    return render(
        request, "workspace/outbox/page.html", context | (_read(opened) if opened else {})
    )


@agent_page()
@xframe_options_sameorigin
@csp_override(FRAME_CSP)
def body(request: AgentRequest, mail_id: int) -> HttpResponse:
    """The HTML alone, for the sandboxed frame: no script, no remote image, no form."""
    _check(request)
    html = _message(_mail(request, mail_id)).get_body(("html",))
    if html is None:
        raise Http404
    return HttpResponse(_text(html), headers={"Referrer-Policy": "no-referrer"})


@agent_page()
def download(request: AgentRequest, mail_id: int) -> HttpResponse:
    _check(request)
    mail = _mail(request, mail_id)
    return HttpResponse(
        bytes(mail.raw),
        content_type="message/rfc822",
        headers={
            "Content-Disposition": f'attachment; filename="mail-{mail.pk}.eml"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _check(request: AgentRequest) -> None:
    if not request.rights.can_answer:
        raise PermissionDenied
    if settings.EMAIL_URL:
        raise Http404


def _list(request: AgentRequest, before: int | None) -> tuple[list[SentMail], int | None]:
    rows = SentMail.objects.defer("raw").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if not request.rights.is_administrator:
        rows = rows.filter(pk__in=_answers(request, before))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def _mail(request: AgentRequest, mail_id: int) -> SentMail:
    """Hidden and missing are alike."""
    found = SentMail.objects.filter(pk=mail_id).first()
    if found is None or not (
        request.rights.is_administrator or _answers(request, mail_id + 1, 1) == [mail_id]
    ):
        raise Http404
    return found


def _answers(request: AgentRequest, before: int | None, most: int = LOOK_AT) -> list[int]:
    """Mails that a channel sent as an answer on a ticket where he may answer himself.

    Never what the platform sends (invitations, resets of passwords) nor a link that proves an address:
    whoever reads those can become somebody else.
    """
    own = [mouth.address for mouth in mail_channels()]
    rows = SentMail.objects.filter(sender__in=own).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    head = Func(F("raw"), Value(1), Value(HEAD), function="substring", output_field=BinaryField())
    ids = {pk: _id(bytes(start)) for pk, start in rows.values_list("pk", head)[:most]}
    seen = _of_his_tickets(request, [name for name in ids.values() if name])
    return [pk for pk, name in ids.items() if name in seen]


def _of_his_tickets(request: AgentRequest, ids: Iterable[str]) -> set[str]:
    known = list(ids)
    said = Message.objects.filter(direction="out", ticket__in=answerable_by(request.agent))
    rows = (
        said.filter(Q(external_id__in=known) | Q(deliveries__external_id__in=known))
        .exclude(deliveries__options__content="neutral")
        .values_list("external_id", "deliveries__external_id")
    )
    return {name for pair in rows for name in pair if name}


def _id(head: bytes) -> str:
    return str(BytesHeaderParser().parsebytes(head).get("Message-ID", "")).strip(" <>\r\n\t")


def _read(mail: SentMail) -> dict[str, object]:
    message = _message(mail)
    text = message.get_body(("plain",))
    return {
        "headers": [(name, str(value)) for name, value in message.items()],
        "text": _text(text) if text else "",
        "has_html": message.get_body(("html",)) is not None,
        "files": [part.get_filename() or "…" for part in message.iter_attachments()],
    }


def _message(mail: SentMail) -> EmailMessage:
    return message_from_bytes(bytes(mail.raw), policy=policy.default)


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return ""
