"""Viruses: every stored file is shown to ClamAV when the operator has named one. Infected ones stay locked up.

Equal bytes are scanned once. What is not scanned yet is scanned when somebody wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from procrastinate import exceptions
from procrastinate.contrib.django import app

from sportello.core.blobs import path_of
from sportello.core.models import Blob, Verdict
from sportello.core.net import Net, NetError
from sportello.core.net.clamav import CHUNK, TooLargeToScan
from sportello.core.sweeps import sweep

BATCH = 50

log = structlog.get_logger(__name__)


class Withheld(FileNotFoundError):
    """Locked up: to whoever asks it is as if the file were not there."""


class Infected(Withheld):
    """The scanner found something; the words are its name for it."""


class NotScanned(Withheld):
    """The scanner does not answer just now, and nothing leaves unscanned."""


def check(blob: Blob, path: Path) -> None:
    """Let it out or raise `Withheld`. Without a scanner only what was found earlier stays locked up."""
    if blob.verdict == "" and settings.SPORTELLO_CLAMAV:
        scan(blob, path)
    if blob.verdict == Verdict.INFECTED:
        raise Infected(blob.finding)


def scan(blob: Blob, path: Path) -> None:
    """Ask the scanner and keep its verdict. Raises `NotScanned`."""
    try:
        blob.finding = Net.from_environ().virus_in(settings.SPORTELLO_CLAMAV, _pieces(path))
        blob.verdict = Verdict.INFECTED if blob.finding else Verdict.CLEAN
    except TooLargeToScan as error:
        blob.verdict, blob.finding = Verdict.UNCHECKED, str(error)
    except NetError as error:
        raise NotScanned(str(error)) from error
    if blob.verdict != Verdict.CLEAN:
        log.warning("scan.verdict", blob=blob.sha256, verdict=blob.verdict, finding=blob.finding)
    Blob.objects.filter(pk=blob.pk).update(verdict=blob.verdict, finding=blob.finding[:200])


def scan_waiting(limit: int = BATCH) -> int:
    """Scan some of what nobody has scanned; returns how many. Ends quietly when the scanner is away."""
    done = 0
    for blob in Blob.objects.filter(verdict="")[:limit]:
        path = path_of(blob.sha256)
        if not path.exists():
            Blob.objects.filter(pk=blob.pk).update(verdict=Verdict.UNCHECKED, finding="gone")
            continue
        try:
            scan(blob, path)
        except NotScanned as error:
            log.warning("scan.away", problem=str(error))
            break
        done += 1
    return done


@sweep("scan", every=2)
def order_scan(now: datetime) -> None:
    """One job at a time looks at what is new."""
    if not settings.SPORTELLO_CLAMAV or not Blob.objects.filter(verdict="").exists():
        return
    try:
        app.configure_task("core.scan", queue="media", queueing_lock="scan", lock="scan").defer()
    except exceptions.AlreadyEnqueued:
        return


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
