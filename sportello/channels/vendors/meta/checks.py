"""Lines of the settings page's test."""

from __future__ import annotations

import time
from collections.abc import Callable

from sportello.channels.contract import Check, said
from sportello.core.net import NetError


def line(title: str, ask: Callable[[], str | None]) -> Check:
    """What a real call said; None means that no app is subscribed to the webhook."""
    started = time.monotonic()
    ok = False
    try:
        answer = ask()
        ok = answer is not None
        detail = answer or said(
            "The app is not subscribed: subscribe it to the webhook fields of the guide."
        )
    except NetError as error:
        detail = str(error)
    return Check(title, ok, detail, milliseconds=round((time.monotonic() - started) * 1000))
