"""Bytes on disk, named by their hash: equal content lies there once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.conf import settings


def root() -> Path:
    """Where the bytes are: ``files`` in the data directory."""
    return Path(settings.SPORTELLO_FILES_DIR)


def path_of(sha256: str) -> Path:
    """Two levels of folders, so that none holds too many."""
    return root() / sha256[:2] / sha256[2:4] / sha256


def write_durably(content: bytes, sha256: str) -> Path:
    """Put the bytes in place, fsynced, name and all. Writing the same content twice is harmless."""
    target = path_of(sha256)
    if target.exists() and target.stat().st_size == len(content):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    number, part = tempfile.mkstemp(dir=target.parent)
    try:
        with open(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(target)
    except BaseException:
        Path(part).unlink(missing_ok=True)  # half a file would take what is left of a full disk
        raise
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return target
