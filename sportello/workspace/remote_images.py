"""Pictures that a mail wants from elsewhere: fetched here, drawn anew, so that the sender meets our server only.

The mail's frame is sandboxed and sends no cookies. Its addresses are therefore signed: they name the agent,
the message and the picture, and live for some minutes. The right to see the mail is asked at each request,
and so is whether the mail really names that picture.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from io import BytesIO
from urllib.parse import urlencode

from django.core import signing

from sportello.accounts.models import Agent
from sportello.core.net import Net, NetError
from sportello.tickets.models import Message
from sportello.tickets.queries import answerable_by
from sportello.workspace.pictures import NotAPicture, drawn

LARGEST = 5 * 1024 * 1024
SECONDS = 10.0
SIGNED_FOR = 600
"""Seconds."""
MOST = 60
"""Pictures of one mail that are fetched."""
BOUNDS = (1600, 1600)
SALT = "mail.image"
REMOTE = re.compile(r'\sdata-remote-src="(https?://[^"]+)"', re.IGNORECASE)

net = Net()
"""Public addresses only: what the operator opened for webhooks is not open to whoever writes a mail."""


def address(message: Message, number: int, agent: Agent, attribute: str) -> str:
    """Our own address for what a cleaned ``data-remote-src`` says."""
    signed = signing.dumps([agent.pk, message.pk, html.unescape(attribute)], salt=SALT)
    query = urlencode({"u": signed})
    return f"/app/tickets/{number}/mail/{message.pk}/image?{query}"


def asked_for(number: int, message_id: int, signed: str) -> str | None:
    """The picture that may be fetched now, else None."""
    try:
        said = signing.loads(signed, salt=SALT, max_age=SIGNED_FOR)
    except signing.BadSignature:
        return None
    if not isinstance(said, list) or len(said) != 3 or said[1] != message_id:
        return None
    agent = Agent.objects.filter(pk=said[0], is_active=True).first()
    if agent is None:
        return None
    tickets = answerable_by(agent).filter(number=number)
    message = Message.objects.filter(pk=message_id, ticket__in=tickets).first()
    named = {html.unescape(found) for found in REMOTE.findall(message.html)} if message else set()
    return str(said[2]) if said[2] in named else None


@lru_cache(maxsize=64)
def fetched(url: str) -> bytes:
    """A WebP of it. Fetched once while it is remembered. Raises `NotAPicture`."""
    try:
        answer = net.http.get(
            url, redirects=3, max_bytes=LARGEST, timeout=SECONDS, headers={"Accept": "image/*"}
        )
    except NetError as error:
        raise NotAPicture(str(error)) from error
    if answer.status_code != 200:
        raise NotAPicture(f"status {answer.status_code}")
    return drawn(BytesIO(answer.content), *BOUNDS)
