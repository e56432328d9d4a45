"""Media that messages came with: fetched from the vendor at once, checked, kept like mail attachments."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from sportello.channels.contract import File
from sportello.core import files
from sportello.core.actors import SYSTEM
from sportello.core.events import record
from sportello.core.models import StoredFile
from sportello.core.net import Net
from sportello.core.sniffing import true_type
from sportello.core.sweeps import sweep
from sportello.tickets import events, jobs
from sportello.tickets.models import Attachment, PendingMedia

MAX_BYTES = 25 * 1024 * 1024
MAX_ATTEMPTS = 5
PAUSE = timedelta(seconds=15)
BATCH = 50

log = structlog.get_logger(__name__)


@sweep("media")
def order_media(now: datetime) -> None:
    """Give every file that is due a job; a lost job is found again after a minute."""
    with transaction.atomic():
        due = PendingMedia.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        for pending in due.filter(due_at__lte=now).order_by("due_at")[:BATCH]:
            PendingMedia.objects.filter(pk=pending.pk).update(due_at=now + timedelta(minutes=1))
            jobs.fetch_later(pending)


def fetch(pending_id: int, *, now: datetime) -> None:
    """Fetch one file. Doing it twice is harmless: the second finds nothing pending."""
    pending = (
        PendingMedia.objects.select_related("message__channel")
        .filter(pk=pending_id, due_at__isnull=False)
        .first()
    )
    if pending is None or pending.message.channel is None:
        return
    channel = pending.message.channel
    wanted = File(name=pending.name, content_type=pending.content_type, media_ref=pending.media_ref)
    try:
        file = channel.code.fetch_media(wanted, channel.settings, Net.from_environ())
    except Exception as error:
        log.warning("media.not_fetched", pending=pending.pk, error=type(error).__name__)
        _try_again(pending, f"The channel did not hand it out ({type(error).__name__}).", now=now)
        return
    if not file.content:
        _try_again(pending, "The channel handed out nothing.", now=now)
    elif len(file.content) > MAX_BYTES:
        _give_up(pending, f"Larger than {MAX_BYTES // 1_048_576} MB.")
    else:
        keep(pending, file, now=now)


def keep(pending: PendingMedia, file: File, *, now: datetime) -> None:
    with transaction.atomic():
        gone, _ = PendingMedia.objects.filter(pk=pending.pk).delete()
        if not gone:
            return
        kind = true_type(file.content, file.content_type)
        stored = files.save(file.content, name=file.name, content_type=kind)
        StoredFile.objects.filter(pk=stored.pk).update(bound=True)
        Attachment.objects.create(
            message=pending.message,
            file=stored,
            name=stored.name,
            content_type=stored.content_type,
            size=len(file.content),
        )
        record(
            events.MEDIA_FETCHED,
            ticket_id=pending.message.ticket_id,
            actor=SYSTEM,
            now=now,
            payload={"message": pending.message_id},
        )


def _try_again(pending: PendingMedia, trouble: str, *, now: datetime) -> None:
    if pending.attempts + 1 >= MAX_ATTEMPTS:
        _give_up(pending, trouble)
        return
    pending.attempts += 1
    pending.due_at = now + PAUSE * 2**pending.attempts
    pending.save(update_fields=["attempts", "due_at"])


def _give_up(pending: PendingMedia, trouble: str) -> None:
    PendingMedia.objects.filter(pk=pending.pk).update(trouble=trouble, due_at=None)
