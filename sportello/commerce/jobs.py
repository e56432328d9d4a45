"""Jobs, deferred by name."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app


def apply_later() -> None:
    """Somebody applies what waits. Asking while one is asked already is harmless."""
    try:
        with transaction.atomic():
            app.configure_task(
                "commerce.apply", queue="commerce", queueing_lock="commerce.apply"
            ).defer()
    except exceptions.AlreadyEnqueued:
        return


def poll_later(connection_id: int) -> None:
    """Fetch from that shop, now."""
    _once("commerce.poll", f"commerce.poll-{connection_id}", connection_id=connection_id)


def act_later(deed_id: int, *, at: datetime | None = None) -> None:
    """Ask the shop, now or at the given time."""
    _once("commerce.act", f"commerce.act-{deed_id}", at=at, deed_id=deed_id)


def import_later(import_id: int) -> None:
    """Go on with that table."""
    _once("commerce.import", f"commerce.import-{import_id}", import_id=import_id)


def _once(task: str, lock: str, *, at: datetime | None = None, **arguments: int) -> None:
    try:
        with transaction.atomic():
            app.configure_task(task, queue="commerce", queueing_lock=lock, schedule_at=at).defer(
                **arguments
            )
    except exceptions.AlreadyEnqueued:
        return
