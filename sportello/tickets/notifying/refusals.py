"""Why an agent's answer by mail did not leave."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Refusal(StrEnum):
    ADDRESS = "address"
    UNPROVED = "unproved"
    RIGHTS = "rights"
    CROSSED = "crossed"
    UNREACHABLE = "unreachable"
    EMPTY = "empty"


REFUSALS = {
    Refusal.ADDRESS: _("A mail in your name came from another address. It was not sent."),
    Refusal.UNPROVED: _(
        "Your mail server did not prove that your answer came from you (DMARC). It was not sent."
    ),
    Refusal.RIGHTS: _("You may not answer customers on this ticket. Your answer was not sent."),
    Refusal.CROSSED: _("A colleague answered in the meantime. Your answer was not sent."),
    Refusal.UNREACHABLE: _(
        "The customer cannot be reached there now, or the answer does not fit. It was not sent."
    ),
    Refusal.EMPTY: _("There was no text above the line. Nothing was sent."),
}
"""As the agent reads it in the mail that tells him."""

HELD = {
    Refusal.ADDRESS: _("The reply address of {agent}, but written from {address}."),
    Refusal.UNPROVED: _("Perhaps from {agent}: the mail server did not prove it (DMARC)."),
    Refusal.RIGHTS: _("From {agent}, who may not answer here."),
    Refusal.CROSSED: _("From {agent} by mail, but a colleague had answered in the meantime."),
    Refusal.UNREACHABLE: _("From {agent} by mail, but it could not leave on this channel."),
    Refusal.EMPTY: _("From {agent} by mail, without text."),
}
"""As the ticket's page says it."""
