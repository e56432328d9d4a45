"""Mail about accounts leaves in the background: how long an answer takes tells nobody who exists."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from django.core.mail import EmailMessage
from django.db import connection

log = structlog.get_logger(__name__)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="account-mail")
_underway: set[Future[None]] = set()


def post(message: EmailMessage) -> None:
    """Send it soon. A failure is logged: the person asks again when nothing arrives."""
    future = _pool.submit(_send, message)
    _underway.add(future)
    future.add_done_callback(_underway.discard)


def flush() -> None:
    """Wait until all of it has left (tests)."""
    for future in list(_underway):
        future.result(timeout=10)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:
        log.warning("account_mail.not_sent", error=type(error).__name__)
    finally:
        connection.close()
