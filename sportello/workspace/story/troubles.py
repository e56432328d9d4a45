"""A failed delivery as the agent reads it: what happened, in his language, and what he can do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sportello.tickets.models import Delivery
from sportello.tickets.outbound.failures import Trouble, trouble_of, worth_trying


@dataclass(frozen=True, slots=True)
class Said:
    """`theirs` are the vendor's own words, where they say more."""

    sentence: str
    theirs: str
    again: bool


def said(delivery: Delivery) -> Said:
    trouble = trouble_of(delivery.reason)
    ours = _(delivery.reason) if delivery.reason else ""
    sentence = sentences()[trouble]
    if trouble is Trouble.OTHER:
        return Said(ours, "", again=True)
    return Said(sentence, ours, again=worth_trying(delivery.reason))


def sentences() -> dict[Trouble, str]:
    return {
        Trouble.GONE: _("there is nobody at this address or number any more."),
        Trouble.FULL: _("the customer's mailbox is full."),
        Trouble.REFUSED: _("the receiving side blocked it or took it for spam."),
        Trouble.WINDOW: _("the reply window had shut: only an approved template may go there now."),
        Trouble.OPTED_OUT: _("this person asked not to be written to there."),
        Trouble.LARGE: _("it was too large for the receiving side."),
        Trouble.CHANNEL: _("our channel is off or its keys no longer work: an administrator should look at it."),
        Trouble.AWAY: _("the receiving side could not be reached for too long."),
        Trouble.OTHER: "",
    }  # fmt: skip
