"""Polling: what webhooks may have missed is fetched, stored like any arrival, and the cursor kept."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from sportello.commerce import arrivals
from sportello.commerce.contract import TryLater
from sportello.commerce.models import Connection
from sportello.core.alone import Alone
from sportello.core.clock import now as the_present
from sportello.core.net import Net, NetError

POLL_LOCK = 7_305_000_000
"""Start of the advisory locks that keep a connection to one poll at a time."""
AFTER_TROUBLE = timedelta(minutes=2)
LONGEST_POLL = timedelta(minutes=30)
"""When a poll that never came back is started again."""

log = structlog.get_logger(__name__)


def due(now: datetime) -> list[int]:
    """Connections to be fetched now; each is given until `LONGEST_POLL` to come back."""
    with transaction.atomic():
        rows = Connection.objects.select_for_update(no_key=True, skip_locked=True)
        found = list(rows.filter(poll_at__lte=now, is_active=True).values_list("pk", flat=True))
        Connection.objects.filter(pk__in=found).update(poll_at=now + LONGEST_POLL)
    return found


def poll(connection_id: int, *, now: datetime, net: Net | None = None) -> int:
    """Fetch page by page until nothing is new; returns the number of pages. Never raises for the shop's sake."""
    alone = Alone(POLL_LOCK + zlib.crc32(str(connection_id).encode()))
    if not alone.held():
        return 0
    try:
        return _poll(connection_id, now, net or Net.from_environ())
    finally:
        alone.release()


def _poll(connection_id: int, now: datetime, net: Net) -> int:
    row = Connection.objects.filter(pk=connection_id, is_active=True).first()
    if row is None or row.code.polls_every is None:
        return 0
    pages = 0
    try:
        for raw, cursor in row.code.poll(row.settings, row.cursor, net):
            with transaction.atomic():
                if raw.body:
                    arrivals.store(row, raw, received_at=the_present())
                _keep(row, cursor=cursor)
            pages += 1
    except TryLater as later:
        _trouble(row, later.reason, now + max(later.wait, timedelta(seconds=5)))
    except NetError as error:
        log.warning("commerce.poll_failed", connection=row.pk, error=type(error).__name__)
        _trouble(row, str(error) or type(error).__name__, now + AFTER_TROUBLE)
    except Exception as error:
        log.exception("commerce.poll_broke", connection=row.pk)
        _trouble(row, type(error).__name__, now + AFTER_TROUBLE)
    else:
        _keep(row, last_error="", synced_at=the_present(), poll_at=now + row.code.polls_every)
    return pages


def _trouble(row: Connection, reason: str, again: datetime) -> None:
    _keep(row, last_error=reason[:500], poll_at=again)


def _keep(row: Connection, **values: object) -> None:
    """Only while it is still on: whoever turned it off in the meantime has the last word."""
    still = Q(pk=row.pk) & (Q(is_active=True) if "poll_at" in values else Q())
    Connection.objects.filter(still).update(**values)
