"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.core.clock import now
from sportello.tickets import delivering


@app.task(name="tickets.deliver", queue="deliveries")
def deliver(delivery_id: int) -> None:
    """Send one delivery."""
    delivering.deliver(delivery_id, now=now())
