"""Ask the customer for sensitive data on a protected page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sportello.channels.models import Channel
from sportello.core.actors import Actor
from sportello.core.operations import operation
from sportello.tickets.actions import asking
from sportello.tickets.models import SecureForm, Ticket


@dataclass(frozen=True, slots=True)
class AskSecurely:
    fields: tuple[str, ...]
    """Names of `confidential.fields.FIELDS`."""
    text: str = ""
    channel: int | None = None


@operation(
    name="ask_securely",
    label="Ask for sensitive data on a protected page",
    params=AskSecurely,
    writes_to_customer=True,
)
def run(*, ticket: Ticket, actor: Actor, now: datetime, params: AskSecurely) -> SecureForm:
    channel = Channel.objects.get(pk=params.channel) if params.channel else None
    return asking.ask(
        ticket=ticket,
        fields=params.fields,
        text=params.text,
        channel=channel,
        actor=actor,
        now=now,
    )
