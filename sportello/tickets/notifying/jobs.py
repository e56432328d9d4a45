"""The job, deferred by name."""

from __future__ import annotations

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app


def send_later(notice_id: int) -> None:
    """Look at this notice now. Asking twice is harmless."""
    task = app.configure_task(
        "tickets.notify", queue="deliveries", queueing_lock=f"notice-{notice_id}"
    )
    try:
        with transaction.atomic():
            task.defer(notice_id=notice_id)
    except exceptions.AlreadyEnqueued:
        return
