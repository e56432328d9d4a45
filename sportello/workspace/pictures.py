"""Pictures shown to agents are drawn anew: what a stranger sent never reaches the browser as it was."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from sportello.core import files
from sportello.core.models import StoredFile

MAX_PIXELS = 40_000_000
MAX_BYTES = 20 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


class NotAPicture(ValueError):
    """Neither of the formats we draw, too large, or broken."""


def redrawn(file: StoredFile, width: int, height: int) -> bytes:
    """A WebP no larger than this, from the first frame, without metadata. Raises `NotAPicture`."""
    return _redrawn(file.blob_id, width, height)


@lru_cache(maxsize=64)
def _redrawn(sha256: str, width: int, height: int) -> bytes:
    path = files.path_of(sha256)
    if not path.exists() or path.stat().st_size > MAX_BYTES:
        raise NotAPicture(sha256)
    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAPicture(sha256)
            picture.thumbnail((width, height))
            out = BytesIO()
            picture.convert(
                "RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB"
            ).save(out, "WEBP", quality=82)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture(sha256) from error
    return out.getvalue()
