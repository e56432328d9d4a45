"""What nobody comes back to: tellings whose job was lost, and a log that only grows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sportello.automation.webhooks import jobs
from sportello.automation.webhooks.models import TellState, WebhookDelivery
from sportello.core.sweeps import sweep

OVERDUE = timedelta(minutes=2)
KEPT = timedelta(days=30)
BATCH = 500


@sweep("webhooks.overdue", every=60.0)
def tell_overdue(now: datetime) -> None:
    """A row written while its webhook was just waking has no job; here it gets one. Doubles do no harm."""
    rows = WebhookDelivery.objects.filter(
        state=TellState.WAITING,
        due_at__lt=now - OVERDUE,
        webhook__is_active=True,
        webhook__paused_at=None,
    )
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        WebhookDelivery.objects.filter(pk=pk).update(due_at=now)
        jobs.tell_later(pk)


@sweep("webhooks.log", every=3600.0)
def forget_old(now: datetime) -> None:
    """What was told or given up a month ago."""
    WebhookDelivery.objects.filter(settled_at__lt=now - KEPT).delete()
