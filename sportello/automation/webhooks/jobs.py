"""Jobs, deferred by name inside the transaction that wants them."""

from __future__ import annotations

from datetime import datetime

from procrastinate import exceptions
from procrastinate.contrib.django import app


def tell_later(delivery_id: int, *, at: datetime | None = None) -> None:
    """Send it, now or at the given time. Asking twice is harmless."""
    try:
        app.configure_task(
            "automation.tell", queue="webhooks", schedule_at=at, lock=f"webhook-{delivery_id}"
        ).defer(delivery_id=delivery_id)
    except exceptions.AlreadyEnqueued:
        return
