"""Files that customers sent are looked into: card numbers, IBANs and tax codes in texts and PDFs shut them behind the same gate as covered words.

What a file holds is a property of its bytes: each content is read once, when somebody first asks for it or by the sweep.
Pictures and what cannot be read within the limits are not recognised.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from html import unescape
from pathlib import Path

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from sportello.accounts.retention import policy
from sportello.channels import raw
from sportello.core import audit, document_text, files, retention
from sportello.core.actors import Actor
from sportello.core.blobs import path_of
from sportello.core.models import Blob, StoredFile
from sportello.core.sweeps import sweep
from sportello.language.sensitive import CHECKED, find
from sportello.tickets.confidential.revealing import check_reveals
from sportello.tickets.models import Attachment, Direction, Message, Ticket

MOST_BYTES = 25 * 1024 * 1024
MOST_TEXT = 2_000_000
"""Bytes of a text that are read."""
MOST_PAGES = 100
PATIENCE = 15
"""Seconds for one PDF, reading and starting."""
BATCH = 20

_TAG = re.compile(r"<[^<>]{0,2000}>")
log = structlog.get_logger(__name__)


def kinds_in(file: StoredFile) -> list[str]:
    """What the company covers and this file holds; reads it if nobody has yet."""
    blob = Blob.objects.get(pk=file.blob_id)
    known = blob.kinds if blob.kinds is not None else look(blob)
    return shut(known)


def shut(kinds: list[str] | None) -> list[str]:
    """Those of the recognised kinds that the company covers."""
    return [kind for kind in kinds or () if kind in policy().covered_kinds]


def look(blob: Blob) -> list[str]:
    """Read it, and remember what it holds. Never raises for the file's sake."""
    found = sorted({one.kind.value for one in find(_words(path_of(blob.pk)), CHECKED)})
    Blob.objects.filter(pk=blob.pk).update(kinds=found)
    return found


def _words(path: Path) -> str:
    if not path.exists() or path.stat().st_size > MOST_BYTES:
        return ""
    with path.open("rb") as content:
        start = content.read(MOST_TEXT)
    if start.startswith(b"%PDF-"):
        return _pdf(path)
    utf16 = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\x00" in start[:8192] and not utf16:
        return ""
    text = start.decode("utf-16" if utf16 else "utf-8", "replace")
    return unescape(_TAG.sub(" ", text)) if "<" in text else text


def _pdf(path: Path) -> str:
    """What its first pages say, as far as a process of its own gets."""
    program = Path(document_text.__file__)
    try:
        with path.open("rb") as content:
            done = subprocess.run(
                [sys.executable, "-I", program, str(MOST_PAGES)],
                stdin=content,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
    except (subprocess.SubprocessError, OSError) as error:
        log.warning("document.not_read", error=type(error).__name__)
        return ""
    return done.stdout.decode("utf-8", "replace")


def check_opens(file: StoredFile, ticket: Ticket, actor: Actor) -> None:
    """A customer's file that holds what is covered: by right, and written down. Raises `NotAllowed`."""
    hangs = Attachment.objects.filter(
        file=file, message__ticket=ticket, message__direction=Direction.IN
    ).first()
    if hangs is None or not (kinds := kinds_in(file)):
        return
    with transaction.atomic():
        check_reveals(ticket, actor)
        said = {"message": [None, hangs.message_id], "kinds": [None, kinds]}
        audit.note(actor, "covered.file", f"n. {ticket.number}", said)


def holds_covered(message: Message) -> bool:
    """Whether a file of this message is shut: then its raw original is, too."""
    rows = Attachment.objects.filter(message=message, message__direction=Direction.IN)
    return any(kinds_in(row.file) for row in rows.select_related("file"))


@sweep("documents", every=10.0)
def look_into_new(now: datetime) -> None:
    """What nobody has opened yet is read all the same, so that it is shown shut and erased in time."""
    for blob in Blob.objects.filter(kinds=None)[:BATCH]:
        look(blob)


def _old(before: datetime) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(
        message__direction=Direction.IN,
        message__created_at__lt=before,
        file__blob__kinds__overlap=list(policy().covered_kinds),
    )
    return rows.select_related("file")


def _erase(before: datetime, most: int) -> int:
    """The files, and the raw input that carried them."""
    old = list(_old(before).select_related("file", "message").order_by("pk")[:most])
    raw.drop([a.message.spool_id for a in old if a.message.spool_id])
    for attachment in old:
        with transaction.atomic():
            attachment.delete()
            if not Attachment.objects.filter(file=attachment.file).exists():
                files.delete(attachment.file)
    return len(old)


retention.register(
    retention.Rule(
        "covered_files",
        gettext_noop("Files with covered data"),
        gettext_noop("Texts and PDFs of customers in which a card, an IBAN or a tax code stands."),
        30,
        lambda before: _old(before).count(),
        _erase,
    )
)
