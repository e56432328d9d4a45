"""A talk by mail, for the visitor who asks for it: not too often, whoever asks."""

from __future__ import annotations

from django.db import connection

from sportello.core.clock import now
from sportello.realtime.limits import Budgets
from sportello.tickets.actions.transcript import send_transcript

budget = Budgets(burst=10, rate=1 / 360)
"""By address of the network."""


def mail(ticket: int, channel: int, visitor: str, address: str) -> bool:
    """Whether it left. In a thread: its connection is given back."""
    try:
        return send_transcript(
            ticket_id=ticket, channel_id=channel, visitor=visitor, address=address, now=now()
        )
    finally:
        connection.close()
