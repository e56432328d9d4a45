"""The thin job."""

from procrastinate.contrib.django import app

from sportello.core.clock import now
from sportello.tickets.notifying import sending


@app.task(name="tickets.notify", queue="deliveries")
def notify(notice_id: int) -> None:
    """Mail an agent what he has not seen."""
    sending.send(notice_id, now=now())
