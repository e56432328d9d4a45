"""Files: bytes kept once by content hash outside the database, handed out under random keys.

The name and type somebody gave are hints kept in the row; nothing on disk is named by them.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F

from sportello.core import scanning
from sportello.core.blobs import path_of, write_durably
from sportello.core.models import Blob, StoredFile


def save(content: bytes, *, name: str, content_type: str, owner: str = "") -> StoredFile:
    """Store bytes; equal bytes are kept once. The row is written in the caller's transaction."""
    sha256 = hashlib.sha256(content).hexdigest()
    write_durably(content, sha256)
    with transaction.atomic():
        Blob.objects.get_or_create(sha256=sha256, defaults={"size": len(content)})
        Blob.objects.filter(sha256=sha256).update(references=F("references") + 1)
        return StoredFile.objects.create(
            key=secrets.token_urlsafe(24),
            blob_id=sha256,
            name=clean_name(name),
            content_type=content_type[:127] or "application/octet-stream",
            owner=owner,
        )


def share(file: StoredFile, *, owner: str) -> StoredFile:
    """The same bytes under another key, for somebody else to use."""
    with transaction.atomic():
        Blob.objects.filter(sha256=file.blob_id).update(references=F("references") + 1)
        return StoredFile.objects.create(
            key=secrets.token_urlsafe(24),
            blob_id=file.blob_id,
            name=file.name,
            content_type=file.content_type,
            owner=owner,
        )


def checked(file: StoredFile) -> Path:
    """Where its bytes are, when they may leave. Raises `scanning.Withheld`, a `FileNotFoundError`."""
    path = path_of(file.blob_id)
    if path.exists():
        scanning.check(Blob.objects.get(pk=file.blob_id), path)
    return path


def open_file(file: StoredFile) -> BinaryIO:
    """Raises `FileNotFoundError`, also for what the virus scanner locked up."""
    return checked(file).open("rb")


def read(file: StoredFile) -> bytes:
    """Raises `FileNotFoundError`, also for what the virus scanner locked up."""
    return checked(file).read_bytes()


VENDOR_SALT = "file-for-a-vendor"
VENDOR_SECONDS = 24 * 3600


def vendor_link(file: StoredFile) -> str:
    """Where a vendor fetches a file that we send: whoever has the link has the file, for a day."""
    signed = signing.dumps(file.key, salt=VENDOR_SALT)
    return f"{settings.SPORTELLO_FILES_URL or settings.SPORTELLO_URL}/files/out/{signed}"


def of_vendor_link(signed: str) -> StoredFile | None:
    """The file that a vendor's link names, while it is good."""
    try:
        key = signing.loads(signed, salt=VENDOR_SALT, max_age=VENDOR_SECONDS)
    except signing.BadSignature:
        return None
    return StoredFile.objects.filter(key=key).first()


def delete(file: StoredFile) -> None:
    """Remove the row; the bytes go when nobody else points at them."""
    sha256 = file.blob_id
    with transaction.atomic():
        file.delete()
        Blob.objects.filter(sha256=sha256).update(references=F("references") - 1)
        gone, _ = Blob.objects.filter(sha256=sha256, references__lte=0).delete()
        if gone:
            transaction.on_commit(lambda: path_of(sha256).unlink(missing_ok=True))


def clean_name(name: str) -> str:
    """A name fit to be shown and offered for download: no paths, no control or bidi characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        c
        for c in base
        if c.isprintable() and c not in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    )
    return kept.strip(" .")[-255:] or "file"
