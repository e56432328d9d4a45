"""Pictures shown to agents are drawn anew: what a stranger sent never reaches the browser as it was."""

from __future__ import annotations

import struct
import subprocess
import sys
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from sportello.core import blobs, files, page_picture
from sportello.core.models import StoredFile

MAX_PIXELS = 40_000_000
MAX_BYTES = 20 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError,
          struct.error, Image.DecompressionBombError)  # fmt: skip
"""What Pillow raises on what strangers send."""


PAGED = (b"%PDF-", b"II*\x00", b"MM\x00*")
"""How documents begin that are drawn page by page: PDF and TIFF."""
WHOLE, TALL, MOST_PAGES, PATIENCE = 1600, 16_000, 6, 30.0
"""From this width on several pages are drawn, one below the other."""


class NotAPicture(ValueError):
    """Neither of the formats we draw, too large, or broken."""


def redrawn(file: StoredFile, width: int, height: int) -> bytes:
    """A WebP no larger than this, from the first frame, without metadata. Raises `NotAPicture`."""
    try:
        files.checked(file)
    except FileNotFoundError as error:
        raise NotAPicture(file.blob_id) from error
    return _redrawn(file.blob_id, width, height)


@lru_cache(maxsize=64)
def _redrawn(sha256: str, width: int, height: int) -> bytes:
    path = blobs.path_of(sha256)
    if not path.exists() or path.stat().st_size > MAX_BYTES:
        raise NotAPicture(sha256)
    with path.open("rb") as file:
        head = file.read(5)
    if head.startswith(PAGED):
        return drawn(BytesIO(_pages(path, width)), width, height if width < WHOLE else TALL)
    return drawn(path, width, height)


def _pages(path: Path, width: int) -> bytes:
    """The first page of a document, or for the whole window its first pages, drawn by a process of its own."""
    program = Path(page_picture.__file__)
    most = MOST_PAGES if width >= WHOLE else 1
    try:
        done = subprocess.run(
            [sys.executable, "-I", program, str(width), str(most)],
            stdin=path.open("rb"),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NotAPicture("not a document that can be drawn") from error
    return done.stdout


def drawn(source: Path | BytesIO, width: int, height: int) -> bytes:
    """The same for any bytes. Raises `NotAPicture`."""
    try:
        with Image.open(source, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAPicture("too large")
            picture.thumbnail((width, height))
            out = BytesIO()
            picture.convert(
                "RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB"
            ).save(out, "WEBP", quality=82)
    except BROKEN as error:
        raise NotAPicture("not a picture that can be drawn") from error
    return out.getvalue()
