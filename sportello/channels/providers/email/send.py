"""Bringing an answer to a relay, and what the relay's words mean for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sportello.channels.contract import Failed, Outbound, Outcome, Sent, Settings, Unknown
from sportello.channels.providers.email import account
from sportello.channels.providers.email.compose import compose, recipients
from sportello.core import mailout
from sportello.core.net import NetError
from sportello.core.submission import RETRY_SECONDS

if TYPE_CHECKING:
    from sportello.core.net import Net


def send(outbound: Outbound, settings: Settings, net: Net) -> Outcome:
    """Send by the channel's relay or the installation's. Raises `mailout.NoRelay` when there is none."""
    try:
        message = compose(outbound, settings)
    except ValueError as error:
        return Failed(str(error))
    try:
        url, token = account.relay(settings, net)
    except NetError as error:
        return Failed(str(error), permanent=False, retry_after=timedelta(seconds=RETRY_SECONDS))
    result = mailout.submit(
        message,
        sender=str(settings["address"]),
        recipients=recipients(outbound),
        url=url,
        token=token,
        net=net,
    )
    if result.accepted:
        return Sent(external_id=str(message["Message-ID"]).strip("<> "))
    if result.uncertain:
        return Unknown(result.reason)
    wait = timedelta(seconds=result.retry_after) if result.retry_after else None
    return Failed(result.reason, permanent=result.permanent, retry_after=wait)
