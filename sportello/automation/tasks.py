"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.automation.webhooks import telling
from sportello.core.clock import now


@app.task(name="automation.tell", queue="webhooks")
def tell(delivery_id: int) -> None:
    """Tell one webhook of one event."""
    telling.tell(delivery_id, now=now())
