"""Pictures shown to agents are drawn anew: what a stranger sent never reaches the browser as it was."""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from sportello.core import files
from sportello.core.models import StoredFile

MAX_PIXELS = 40_000_000
MAX_BYTES = 20 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError,
          struct.error, Image.DecompressionBombError)  # fmt: skip
"""What Pillow raises on what strangers send."""


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
    path = files.path_of(sha256)
    if not path.exists() or path.stat().st_size > MAX_BYTES:
        raise NotAPicture(sha256)
    return drawn(path, width, height)


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
