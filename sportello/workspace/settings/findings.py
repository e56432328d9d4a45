"""What is wrong with a channel, worst first: each a sentence, and one that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.channels import keys
from sportello.channels.inflow import Inflow
from sportello.channels.models import Channel
from sportello.tickets.outbound.carried import Carried
from sportello.tickets.outbound.failures import Trouble

RECENT = timedelta(days=1)
SLOW = timedelta(minutes=5)
"""What waits longer than this to be read is worth a look."""
BROKEN, LOOK = "broken", "look"


@dataclass(frozen=True, slots=True)
class Finding:
    level: str
    what: str
    do: str = ""


def findings(channel: Channel, came: Inflow, went: Carried, *, now: datetime) -> list[Finding]:
    """Empty when all is well, or when the channel is off."""
    if not channel.is_active:
        return []
    found = [*_keys(channel, now), *_coming(channel, came, went, now), *_going(went, now)]
    return sorted(found, key=lambda finding: finding.level != BROKEN)


def state_of(channel: Channel, found: list[Finding]) -> str:
    """``off``, ``broken``, ``look`` or ``fine``."""
    if not channel.is_active:
        return "off"
    return found[0].level if found else "fine"


def _keys(channel: Channel, now: datetime) -> Iterator[Finding]:
    until = channel.key_until
    if until is None or until > now + keys.SOON:
        return
    do = _("Make a new key at the vendor and enter it below. The old one works until then.")
    if until <= now:
        do = _("Make a new key at the vendor and enter it below.")
        yield Finding(BROKEN, _("The vendor's key has expired: nothing comes in or leaves."), do)
        return
    days = max(1, (until - now).days)
    what = ngettext(
        "The vendor's key ends in %(n)d day.", "The vendor's key ends in %(n)d days.", days
    )
    yield Finding(LOOK, what % {"n": days}, do)


def _coming(channel: Channel, came: Inflow, went: Carried, now: datetime) -> Iterator[Finding]:
    if error := came.poll_error or channel.last_error:
        what = _("Messages cannot be fetched: %(why)s") % {"why": _(error)}
        yield Finding(
            BROKEN, what, _("Press “Test the settings” below: it says which of them is wrong.")
        )
    if channel.refused_at and now - channel.refused_at < RECENT:
        silent = went.last_in is None or went.last_in < channel.refused_at
        yield Finding(
            BROKEN if silent else LOOK,
            _("Calls with a wrong signature were refused.")
            if not silent
            else _("Calls with a wrong signature were refused, and nothing has come in since."),
            _("Compare the secret below with the vendor's. If they are the same, somebody else is calling."),
        )  # fmt: skip
    if came.parked:
        what = ngettext("%(n)d item could not be read and is parked.", "%(n)d items could not be read and are parked.", came.parked)  # fmt: skip
        yield Finding(LOOK, what % {"n": came.parked}, _("Open “System”, read why, and try again."))
    if came.oldest and now - came.oldest > SLOW:
        what = _("What came in waits for more than five minutes to be read.")
        yield Finding(BROKEN, what, _("Is the worker running? “System” tells."))


def _going(went: Carried, now: datetime) -> Iterator[Finding]:
    if went.failed:
        ours = went.failed_by(Trouble.CHANNEL)
        what = ngettext("%(n)d answer did not arrive in the last 24 hours.", "%(n)d answers did not arrive in the last 24 hours.", went.failed)  # fmt: skip
        do = _("Test the settings: the vendor does not take our key.")
        if not ours:
            do = _("The reasons are below; each ticket offers another way.")
        yield Finding(BROKEN if ours or not went.arrived else LOOK, what % {"n": went.failed}, do)
    if went.retry_at and went.retry_at > now:
        what = _("The vendor takes nothing at the moment: what waits leaves by itself.")
        yield Finding(LOOK, what, _("Nothing, unless it goes on for hours."))
    if went.unconfirmed:
        what = ngettext("%(n)d answer is not confirmed: it may have left or not.", "%(n)d answers are not confirmed: they may have left or not.", went.unconfirmed)  # fmt: skip
        yield Finding(LOOK, what % {"n": went.unconfirmed}, _("Look at the vendor's side, then send again from the ticket."))  # fmt: skip
