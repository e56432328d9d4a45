"""A mail as it was sent, for a frame without scripts and without a way out (see SECURITY 4.4)."""

from __future__ import annotations

import base64
import re

from django.http import HttpResponse
from django.utils.html import escape

from sportello.core.richtext import PLACEHOLDER
from sportello.tickets.models import Attachment, Message, Ticket
from sportello.workspace.access import AgentRequest
from sportello.workspace.pictures import NotAPicture, redrawn
from sportello.workspace.remote_images import MOST, REMOTE, address

_INLINE = re.compile(r'src="/files/([\w-]{1,64})"')

POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {images}; "
    "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
PAGE = (
    '<!doctype html><html lang="und"><meta charset="utf-8"><base target="_blank"><meta name="referrer" content="no-referrer">'
    "<style>:root{{color-scheme:light;background:#fff}}body{{margin:12px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}"
    "img{{max-width:100%;height:auto}}blockquote{{margin:0 0 0 8px;padding-left:8px;border-left:2px solid #ccc}}pre{{white-space:pre-wrap}}</style>"
    "<title>{title}</title><body>{body}"
)


def frame(
    request: AgentRequest, ticket: Ticket, message: Message, *, with_images: bool
) -> HttpResponse:
    """The cleaned HTML with its own pictures; foreign ones only when the agent asked for them, through us."""
    own = {a.file.key: a for a in Attachment.objects.filter(message=message).select_related("file")}
    body = _INLINE.sub(lambda match: _own_picture(own.get(match[1])), message.html)
    if with_images:
        body = REMOTE.sub(
            lambda match: (
                f' src="{escape(address(message, ticket.number, request.agent, match[1]))}"'
            ),
            body.replace(f'src="{PLACEHOLDER}"', ""),
            count=MOST,
        )
    response = HttpResponse(PAGE.format(title=escape(message.subject), body=body))
    response["Content-Security-Policy"] = POLICY.format(
        images=f"{request.scheme}://{request.get_host()} data:" if with_images else "data:"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _own_picture(attachment: Attachment | None) -> str:
    if attachment is None:
        return 'src=""'
    try:
        drawn = redrawn(attachment.file, 1600, 1600)
    except NotAPicture:
        return 'src=""'
    return f'src="data:image/webp;base64,{base64.b64encode(drawn).decode()}"'
