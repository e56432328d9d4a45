"""The real calls behind the “check” and “send a test” buttons. Network: never inside a transaction."""

from __future__ import annotations

import time
import uuid

import structlog
from django.utils.translation import gettext as _

from sportello.channels.contract import Address, Check, Failed, Outbound, Sent
from sportello.channels.models import Channel
from sportello.core.net import Net

log = structlog.get_logger(__name__)


def check(channel: Channel, net: Net | None = None) -> list[Check]:
    """What the provider says about these settings, line by line. Never raises, never shows a secret."""
    started = time.monotonic()
    try:
        lines = channel.code.check(channel.settings, net or Net.from_environ())
    except Exception as error:
        log.warning("channel.check_failed", channel=channel.pk, error=type(error).__name__)
        return [_broken(error, started)]
    return lines or [Check(_("Nothing to check here: this channel calls nobody."), ok=None)]


def send_test(channel: Channel, address: str, net: Net | None = None) -> Check:
    """Sends one message to an address of ours, the way answers leave."""
    started = time.monotonic()
    outbound = Outbound(
        idempotency_key=str(uuid.uuid4()),
        recipient=Address(channel.code.identity_kind, address),
        subject=_("A test from Sportello"),
        text=_("This message was sent from the settings of the channel “%(name)s”.")
        % {"name": channel.name},
        message_id=f"test-{uuid.uuid4()}@{address.rpartition('@')[2] or 'sportello'}",
        automatic=True,
    )
    try:
        outcome = channel.code.send(outbound, channel.settings, net or Net.from_environ())
    except Exception as error:
        log.warning("channel.test_failed", channel=channel.pk, error=type(error).__name__)
        return _broken(error, started)
    title = _("Sent to %(address)s") % {"address": address}
    if isinstance(outcome, Sent):
        return Check(title, ok=True, milliseconds=_since(started))
    reason = (
        outcome.reason
        if isinstance(outcome, Failed)
        else _("No answer came: it may have left or not.")
    )
    return Check(
        _("Not sent to %(address)s") % {"address": address},
        ok=False,
        detail=reason,
        milliseconds=_since(started),
    )


def _broken(error: Exception, started: float) -> Check:
    """The kind of the error only: its text may quote a URL with a password in it."""
    return Check(
        _("The check itself failed"),
        ok=False,
        detail=_("%(kind)s. The log of the worker knows more.") % {"kind": type(error).__name__},
        milliseconds=_since(started),
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
