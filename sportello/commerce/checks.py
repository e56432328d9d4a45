"""The real calls behind the “check” button. Network: never inside a transaction."""

from __future__ import annotations

import time

import structlog
from django.utils.translation import gettext as _

from sportello.commerce.contract import Check
from sportello.commerce.models import Connection
from sportello.core.net import Net

log = structlog.get_logger(__name__)


def check(connection: Connection, net: Net | None = None) -> list[Check]:
    """What the connector says about these settings, line by line. Never raises, never shows a secret."""
    started = time.monotonic()
    try:
        lines = connection.code.check(connection.settings, net or Net.from_environ())
    except Exception as error:
        # The kind of the error only: its text may quote an address with a key in it.
        kind = type(error).__name__
        log.warning("connection.check_failed", connection=connection.pk, error=kind)
        detail = _("%(kind)s. The log of the worker knows more.") % {"kind": kind}
        spent = round((time.monotonic() - started) * 1000)
        return [Check(_("The check itself failed"), ok=False, detail=detail, milliseconds=spent)]
    return lines or [Check(_("Nothing to check here: this connection calls nobody."), ok=None)]
