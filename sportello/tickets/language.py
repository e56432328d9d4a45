"""In which language the house speaks to the customer of a ticket."""

from __future__ import annotations

from sportello.tickets.models import Ticket


def language_for(ticket: Ticket) -> str:
    """The one he asked for; else the one he writes; else his brand's."""
    return ticket.contact.language or ticket.language or ticket.brand.language
