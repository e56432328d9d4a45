"""Reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.channels.models import Channel
from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets import actions
from sportello.tickets.models import Message, Ticket


@dataclass(frozen=True, slots=True)
class Reply:
    text: str = ""
    html: str = ""
    channel: int | None = None
    files: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()


@operation(name="reply", label="Reply", params=Reply, writes_to_customer=True)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: Reply) -> Message:
    channel = Channel.objects.get(pk=params.channel) if params.channel else None
    return actions.reply(
        ticket=ticket,
        actor=actor,
        now=now,
        text=params.text,
        html=params.html,
        channel=channel,
        files=params.files,
        cc=params.cc,
        bcc=params.bcc,
    )
