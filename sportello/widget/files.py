"""What visitors send as files: accepted from a proven visitor, limited, stored, shown to nobody else."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum

from sportello.channels.webchats import SiteChat
from sportello.core import files
from sportello.core.models import StoredFile
from sportello.widget.models import Visitor

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
QUOTA = 50 * 1024 * 1024
"""Bytes of one visitor in a day."""
PER_TEN_MINUTES = 20
PER_ADDRESS = 60

_REFUSED = """
ade adp apk app asp aspx bat chm cmd com cpl dll dmg exe hta htm html htaccess iso jar js jse jsp lnk mht
mhtml mjs msc msi msp pht phtml php pif ps1 reg scr sh shtml svg svgz swf vb vbe vbs vhd wsf wsh xht xhtml xml
"""
REFUSED_ENDINGS = frozenset(_REFUSED.split())
"""Programs, and documents that a browser would run. What is inside a file is never trusted either way:
files are served as downloads under a sandbox."""


class TooMuch(Exception):
    """More than one visitor may send in this time."""


class TooLarge(Exception):
    """Above `LARGEST`."""


class NotAllowed(Exception):
    """A kind of file that the chat does not take."""


def proven(*, chat: SiteChat, visitor: str, token: str) -> Visitor | None:
    """The visitor whom this secret proves, on this channel."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Visitor.objects.filter(uuid=visitor, channel_id=chat.id, token_hash=digest).first()


def receive(
    *, visitor: Visitor, address: str, upload: UploadedFile[bytes], now: datetime
) -> StoredFile:
    """Store one upload. Raises `TooMuch`, `TooLarge` or `NotAllowed`."""
    if (upload.size or 0) > LARGEST:
        raise TooLarge
    name = files.clean_name(upload.name or "")
    if ending(name) in REFUSED_ENDINGS:
        raise NotAllowed
    owner = f"visitor:{visitor.uuid}"
    _count(f"upload:{owner}", PER_TEN_MINUTES)
    _count(f"upload:{address}", PER_ADDRESS)
    with transaction.atomic():
        # Several uploads at once count each other.
        Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        recent = StoredFile.objects.filter(owner=owner, created_at__gt=now - timedelta(days=1))
        used: int = recent.aggregate(sum=Sum("blob__size"))["sum"] or 0
        if used + (upload.size or 0) > QUOTA:
            raise TooMuch
        kind = upload.content_type or ""
        return files.save(upload.read(), name=name, content_type=kind, owner=owner)


def ending(name: str) -> str:
    """``photo.PNG`` → ``png``; the last one counts."""
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def shown_to(*, chat: SiteChat, visitor: str, key: str) -> StoredFile | None:
    """The file, if the visitor uploaded it or it hangs on a message of his own talk on this channel."""
    file = StoredFile.objects.filter(key=key).first()
    if file is None or file.owner == f"visitor:{visitor}":
        return file
    theirs = file.attachment_set.filter(
        message__thread__identity__kind="visitor",
        message__thread__identity__address=visitor,
        message__thread__channel_id=chat.id,
        message__channel_id=chat.id,
        message__direction="out",
        message__is_held=False,
        message__deliveries__channel_id=chat.id,
    ).exclude(message__deliveries__state__in=["held", "cancelled"])
    return file if theirs.exists() else None


def _count(key: str, limit: int, seconds: int = 600) -> None:
    cache.add(key, 0, seconds)
    try:
        used = cache.incr(key)
    except ValueError:
        used = 1
    if used > limit:
        raise TooMuch
