"""Tell the vendor to hide a public item or to show it again, until he has done it or says no."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from sportello.channels.contract import Failed, Outcome, Sent, Unknown
from sportello.core.actors import SYSTEM
from sportello.core.events import record
from sportello.core.net import Net
from sportello.core.sweeps import sweep
from sportello.tickets import events, jobs
from sportello.tickets.models import Moderation

MAX_ATTEMPTS = 6
PAUSE = timedelta(seconds=20)
BATCH = 50

log = structlog.get_logger(__name__)


@sweep("moderations", every=5)
def order_moderations(now: datetime) -> None:
    """A job for each that is due; a lost job is found again after a minute."""
    with transaction.atomic():
        due = Moderation.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        for row in due.filter(due_at__lte=now).order_by("due_at")[:BATCH]:
            Moderation.objects.filter(pk=row.pk).update(due_at=now + timedelta(minutes=1))
            jobs.moderate_later(row)


def tell(moderation_id: int, *, now: datetime) -> None:
    """Tell the vendor. Doing it twice is harmless, there as here."""
    row = (
        Moderation.objects.select_related("message__channel")
        .filter(pk=moderation_id, due_at__isnull=False)
        .first()
    )
    if row is None or row.message.channel is None:
        return
    channel, wanted = row.message.channel, row.hidden
    item = str(row.message.external_id).partition("#")[0]
    try:
        outcome = channel.code.hide(item, channel.settings, Net.from_environ(), hidden=wanted)
    except Exception as error:
        log.exception("moderation.raised", moderation=row.pk)
        outcome = Unknown(f"{type(error).__name__}: the channel did not say what became of it.")
    _settle(row.pk, wanted, outcome, now=now)


def _settle(moderation_id: int, wanted: bool, outcome: Outcome, *, now: datetime) -> None:
    with transaction.atomic():
        rows = Moderation.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("message").filter(pk=moderation_id).first()
        if row is None or row.hidden != wanted or row.due_at is None:
            return  # an agent has thought better of it meanwhile: a job of its own follows
        row.attempts += 1
        match outcome:
            case Sent():
                row.trouble, row.due_at = "", None
            case Failed(permanent=True):
                row.trouble, row.due_at = outcome.reason, None
            case Failed() | Unknown() if row.attempts >= MAX_ATTEMPTS:
                row.trouble, row.due_at = outcome.reason, None
            case Failed():
                row.due_at = now + (outcome.retry_after or PAUSE * 2**row.attempts)
            case Unknown():
                row.due_at = now + PAUSE * 2**row.attempts
        row.save()
        if row.due_at is None:
            record(
                events.MODERATION_SETTLED,
                ticket_id=row.message.ticket_id,
                actor=SYSTEM,
                now=now,
                payload={"message": row.message_id, "hidden": row.hidden, "done": not row.trouble},
            )
