"""What falls due: polls, deeds to be tried again or given up, arrivals whose job was lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from sportello.commerce import acting, arrivals, jobs, polling
from sportello.commerce.models import Arrival, TableImport
from sportello.core.sweeps import sweep

OVERDUE = timedelta(seconds=15)
STUCK = timedelta(minutes=2)


@sweep("commerce.polls", every=5.0)
def poll_due(now: datetime) -> None:
    """Webhooks get lost: what changed is fetched as well."""
    for connection_id in polling.due(now):
        jobs.poll_later(connection_id)


@sweep("commerce.deeds", every=5.0)
def deeds_due(now: datetime) -> None:
    """Queued deeds go on; those without an answer are said to be unknown."""
    acting.settle_overdue(now)


@sweep("commerce.arrivals", every=5.0)
def arrivals_due(now: datetime) -> None:
    """A worker that died between commit and job leaves arrivals behind."""
    if Arrival.objects.filter(parked_at=None, received_at__lt=now - OVERDUE).exists():
        jobs.apply_later()
    running = TableImport.objects.filter(state=TableImport.State.RUNNING)
    for pk in running.filter(moved_at__lt=now - STUCK).values_list("pk", flat=True):
        jobs.import_later(pk)


@sweep("commerce.forget", every=3600.0)
def forget(now: datetime) -> None:
    """Parked raw input is personal data with an end."""
    arrivals.forget_old(now)
