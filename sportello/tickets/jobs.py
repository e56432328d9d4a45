"""Jobs, deferred by name inside the transaction that wants them: they commit with it or not at all."""

from __future__ import annotations

from datetime import datetime

from procrastinate import exceptions
from procrastinate.contrib.django import app

from sportello.tickets.models import Delivery, Moderation, PendingMedia


def deliver_later(delivery: Delivery, *, at: datetime | None = None) -> None:
    """Send this delivery, now or at the given time. Asking twice is harmless."""
    try:
        app.configure_task(
            "tickets.deliver",
            queue="deliveries",
            schedule_at=at,
            lock=f"delivery-{delivery.pk}",
        ).defer(delivery_id=delivery.pk)
    except exceptions.AlreadyEnqueued:
        return


def fetch_later(pending: PendingMedia) -> None:
    """Fetch this file from its vendor, now."""
    app.configure_task("tickets.fetch_media", queue="media", lock=f"media-{pending.pk}").defer(
        pending_id=pending.pk
    )


def moderate_later(moderation: Moderation) -> None:
    """Tell the vendor to hide this item, or to show it, now."""
    try:
        app.configure_task(
            "tickets.moderate", queue="deliveries", lock=f"moderation-{moderation.pk}"
        ).defer(moderation_id=moderation.pk)
    except exceptions.AlreadyEnqueued:
        return
