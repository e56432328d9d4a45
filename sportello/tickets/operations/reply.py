"""Reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.channels.contract import TemplateUse
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
    bridge: bool = False
    """When it leaves by another channel than the customer's last one: begin with the house's sentence."""
    bridge_text: str = ""
    """The sentence to begin with instead."""
    choices: tuple[str, ...] = ()
    """Titles of buttons; a numbered list where the channel has none."""
    template: str = ""
    """Name of an approved text, instead of words."""
    template_language: str = ""
    values: tuple[str, ...] = ()
    instead_of: int | None = None
    """Id of an answer that did not arrive."""


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
        bridge=params.bridge_text or params.bridge,
        choices=params.choices,
        template=TemplateUse(params.template, params.template_language, params.values)
        if params.template
        else None,
        instead_of=params.instead_of,
    )
