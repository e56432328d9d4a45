"""Files of agents and programs: taken in under limits, handed out to who may see where they hang."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum

from sportello.accounts.models import Agent
from sportello.core import files
from sportello.core.actors import Actor
from sportello.core.models import StoredFile
from sportello.core.scanning import Infected, NotScanned
from sportello.tickets.models import Attachment, Direction, Ticket
from sportello.tickets.queries import visible_to

LARGEST = 25 * 1024 * 1024
"""Bytes of one file."""
QUOTA = 250 * 1024 * 1024
"""Bytes that one agent may have lying about unsent, counted over a day."""
_QUOTA_LOCK = 7_304


class UploadTooLarge(ValueError):
    """Above `LARGEST`."""

    def __init__(self) -> None:
        super().__init__(f"A file may have up to {LARGEST // (1024 * 1024)} MB.")


class InfectedUpload(ValueError):
    """The virus scanner found something in it; nothing is kept."""

    def __init__(self) -> None:
        super().__init__("The virus scanner found something in this file. It was not taken.")


class QuotaExceeded(Exception):
    """More than one agent may upload in a day."""

    def __init__(self) -> None:
        super().__init__("Too many files uploaded and not sent. Try again later.")


def take_in(
    *, agent: Agent, name: str, content_type: str, content: bytes, now: datetime
) -> StoredFile:
    """Store one upload of this agent. Raises `UploadTooLarge`, `QuotaExceeded` or `InfectedUpload`."""
    if len(content) > LARGEST:
        raise UploadTooLarge
    owner = str(Actor.agent(agent.pk))
    with transaction.atomic():
        with connection.cursor() as cursor:  # several uploads at once count each other
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUOTA_LOCK, agent.pk])
        waiting = StoredFile.objects.filter(
            owner=owner, bound=False, created_at__gt=now - timedelta(days=1)
        )
        used: int = waiting.aggregate(sum=Sum("blob__size"))["sum"] or 0
        if used + len(content) > QUOTA:
            raise QuotaExceeded
        row = files.save(content, name=name, content_type=content_type, owner=owner)
    try:
        files.checked(row)
    except Infected as error:
        files.delete(row)
        raise InfectedUpload from error
    except NotScanned:
        pass  # it does not leave before it was scanned
    return row


def shown_to(agent: Agent, key: str) -> StoredFile | None:
    """The file, if it hangs on a message of a ticket he may see, or he uploaded it and has not sent it.

    Asked at each request: rights that end, end here too.
    """
    file = StoredFile.objects.select_related("blob").filter(key=key).first()
    if file is None:
        return None
    if not file.bound and file.owner == str(Actor.agent(agent.pk)):
        return file if agent.is_active else None
    hanging = Attachment.objects.filter(file=file, message__ticket__in=visible_to(agent))
    return file if hanging.exists() else None


def ticket_of(file: StoredFile) -> Ticket | None:
    """Where a customer's file hangs; None for what is ours."""
    rows = Attachment.objects.filter(file=file, message__direction=Direction.IN)
    found = rows.select_related("message__ticket__team").first()
    return found.message.ticket if found else None
