"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.core.clock import now
from sportello.tickets.identifying import confirming
from sportello.tickets.inbound import media
from sportello.tickets.outbound import delivering, moderating


@app.task(name="tickets.deliver", queue="deliveries")
def deliver(delivery_id: int) -> None:
    """Send one delivery."""
    delivering.deliver(delivery_id, now=now())


@app.task(name="tickets.confirm", queue="deliveries")
def confirm(confirmation_id: int) -> None:
    """Ask one address whether it is somebody's."""
    confirming.send(confirmation_id, now=now())


@app.task(name="tickets.fetch_media", queue="media")
def fetch_media(pending_id: int) -> None:
    """Fetch one file of a message."""
    media.fetch(pending_id, now=now())


@app.task(name="tickets.moderate", queue="deliveries")
def moderate(moderation_id: int) -> None:
    """Hide a public item, or show it."""
    moderating.tell(moderation_id, now=now())
