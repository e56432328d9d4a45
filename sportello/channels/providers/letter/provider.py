"""A watched folder of scans. Each file is a letter; who wrote it is for an agent to say.

A scan is taken when it has not grown for a moment, and moved to ``taken`` once it is stored: whoever looks into the
folder sees what is still to come. Bytes that were taken before are recognised and make no second ticket.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from sportello.channels.contract import (
    Address,
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Setting,
    Settings,
    Unreadable,
    said,
)

if TYPE_CHECKING:
    from sportello.core.net import Net

QUIET = 5.0
"""Seconds for which a file must not have changed: scanners write slowly."""
LARGEST = 40 * 1024 * 1024
EACH_TIME = 50
TAKEN = "taken"
TYPES = {
    b"%PDF-": ("application/pdf", ".pdf"),
    b"II*\x00": ("image/tiff", ".tif"),
    b"MM\x00*": ("image/tiff", ".tif"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
}
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class LetterProvider(Provider):
    kind = "letter"
    name = "Letter"
    identity_kind = "letter"
    hue = "letter"
    customer_setting = "postal_address"
    capabilities = Capabilities(
        files=True, subject=True, inbound_webhook=False, outbound=False, undo_send=False
    )
    settings = (
        Setting("folder", "Folder", required=True, default="letters", help="A name of letters and digits, below the scans of the installation. It is made if it is not there."),
        Setting("postal_address", "Postal address", FieldKind.LINES, help="Customers read it on the contact page."),
    )  # fmt: skip
    guide = (
        "Name a folder; “Test the settings” says where it is.",
        "Let the scanner put PDF, TIFF or JPEG files there, one for each letter.",
        "Each becomes a ticket with its picture. Merge its contact with the customer who wrote it.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        raise Refused("Letters come from a folder.")

    def envelope(self, raw: Raw) -> Envelope:
        digest = hashlib.sha256(raw.body).hexdigest()
        return Envelope(f"letter:{digest[:32]}", (digest,))

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        found = type_of(raw.body)
        if found is None:
            raise Unreadable("Neither PDF nor TIFF nor JPEG.")
        content_type, ending = found
        digest = hashlib.sha256(raw.body).hexdigest()
        stem = Path(unquote(raw.headers.get("x-file-name", ""))).stem.strip()[:150] or "letter"
        file = File(name=f"{stem}{ending}", content_type=content_type, content=raw.body)
        sender = Address("letter", digest[:32], verified=False)
        return [Inbound(external_id=digest, sender=sender, text="", subject=stem, files=(file,))]

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        folder = folder_of(settings)
        (folder / TAKEN).mkdir(parents=True, exist_ok=True)
        for path in waiting(folder)[:EACH_TIME]:
            body = path.read_bytes()
            if type_of(body) is None:
                continue
            headers = {"x-file-name": quote(path.name)}
            yield Raw(body, headers, source="poll"), {"last": path.name[:100]}
            # Asked for the next one: this one is stored.
            path.rename(_free(folder / TAKEN / path.name))

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        return Failed(
            said("A letter is answered by another channel, or by a letter outside of here.")
        )

    def check(self, settings: Settings, net: Net) -> list[Check]:
        try:
            folder = folder_of(settings)
            (folder / TAKEN).mkdir(parents=True, exist_ok=True)
            count = len(waiting(folder))
        except (OSError, ValueError) as error:
            return [Check(said("Folder"), ok=False, detail=str(error))]
        writable = os.access(folder, os.W_OK)
        words = said("{folder}: {count} waiting.", folder=folder, count=count)
        if not writable:
            words = said("{folder} cannot be written to.", folder=folder)
        return [Check(said("Folder"), writable, words)]


def type_of(body: bytes) -> tuple[str, str] | None:
    """(media type, ending) by the first bytes, whatever the name says."""
    return next((kind for magic, kind in TYPES.items() if body.startswith(magic)), None)


def folder_of(settings: Settings) -> Path:
    """Below the installation's scans, whatever an administrator types. Raises `ValueError`."""
    name, scans = str(settings.get("folder") or ""), str(settings.get("scans") or "")
    if not _FOLDER.fullmatch(name) or not scans:
        raise ValueError(said("A folder's name has letters, digits, _ and - only."))
    return Path(scans) / name


def waiting(folder: Path) -> list[Path]:
    """Files that have come to rest, the oldest first. No links: they could lead elsewhere."""
    before = time.time() - QUIET
    found = []
    for entry in os.scandir(folder):
        about = entry.stat(follow_symlinks=False)
        if entry.name.startswith(".") or not stat.S_ISREG(about.st_mode):
            continue
        if about.st_mtime < before and 0 < about.st_size <= LARGEST:
            found.append((about.st_mtime, entry.name))
    return [folder / name for _at, name in sorted(found)]


def _free(path: Path) -> Path:
    """The same name, or with a number when somebody has it."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found
