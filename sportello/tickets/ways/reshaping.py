"""Files made to fit a channel: pictures downscaled, sound converted. Nothing here touches what is kept.

Asked twice: before an answer is taken (`can_fit`) and when it leaves (`fit`).
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from sportello.channels.contract import Capabilities, File, said
from sportello.core import files
from sportello.core.models import StoredFile
from sportello.core.sweeps import sweep

PICTURES = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"))  # fmt: skip
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
MAX_PIXELS = 80_000_000
SIDES = (2560, 1920, 1280, 800)
"""Longest side in pixels, tried in this order until the bytes fit."""
SOUNDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "audio/mp4": ("m4a", ("-c:a", "aac", "-b:a", "96k", "-f", "ipod")),
    "audio/aac": ("aac", ("-c:a", "aac", "-b:a", "96k", "-f", "adts")),
    "audio/mpeg": ("mp3", ("-c:a", "libmp3lame", "-b:a", "96k", "-f", "mp3")),
    "audio/ogg": ("ogg", ("-c:a", "libopus", "-b:a", "48k", "-f", "ogg")),
}
"""Target → ending and how ffmpeg is told; the first that the channel takes is used."""
PATIENCE = 60
OWNER = "reshaped"
KEPT = timedelta(days=2)
"""A vendor may fetch a reshaped file by its link for a day."""


class DoesNotFit(ValueError):
    """This channel takes no such file, and it cannot be made into one. Carries a sentence for people."""


def takes(media: Sequence[str], content_type: str) -> bool:
    """Whether a type is among ``image/*``, ``application/pdf``…; none named: any."""
    kind = content_type.partition(";")[0].strip().lower()
    return not media or any(
        kind == one or (one.endswith("/*") and kind.startswith(one[:-1])) for one in media
    )


def can_fit(content_type: str, size: int, limits: Capabilities) -> bool:
    """Whether `fit` will probably manage. It is sure only with the bytes at hand."""
    kind = content_type.partition(";")[0].strip().lower()
    small = not limits.max_file_bytes or size <= limits.max_file_bytes
    if takes(limits.media, kind) and small:
        return True
    if kind in PICTURES:
        return takes(limits.media, "image/jpeg")
    return kind.startswith("audio/") and bool(_target(limits)) and has_ffmpeg()


def fit(file: File, limits: Capabilities) -> File:
    """The file as the channel takes it: itself, a smaller picture, other sound. Raises `DoesNotFit`."""
    kind = file.content_type.partition(";")[0].strip().lower()
    right, most = takes(limits.media, kind), limits.max_file_bytes
    if not file.content or (right and (not most or len(file.content) <= most)):
        return file
    if kind in PICTURES and takes(limits.media, "image/jpeg"):
        made = _smaller(file, most, png=kind == "image/png" and takes(limits.media, "image/png"))
    elif kind.startswith("audio/") and _target(limits):
        made = _converted(file, limits)
    elif not right:
        raise DoesNotFit(said("This channel does not take “{name}”: send it as another kind of file.", name=file.name))  # fmt: skip
    else:
        raise DoesNotFit(_too_large(file, most))
    stored = files.save(made.content, name=made.name, content_type=made.content_type, owner=OWNER)
    return dataclasses.replace(made, media_ref=files.vendor_link(stored) if file.media_ref else "")


def has_ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


@sweep("reshaped", every=3600)
def forget(now: datetime) -> None:
    """Made for one sending; the original stays with the message."""
    for row in StoredFile.objects.filter(owner=OWNER, bound=False, created_at__lt=now - KEPT)[:500]:
        files.delete(row)


def _too_large(file: File, most: int) -> str:
    return said(
        "“{name}” is larger than the {size} MB that this channel takes.",
        name=file.name,
        size=f"{most / 1_000_000:.1f}".removesuffix(".0"),
    )


def _smaller(file: File, most: int, *, png: bool) -> File:
    """As JPEG, turned upright, without metadata; PNG only where it has holes and they can stay."""
    try:
        with Image.open(BytesIO(file.content), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise DoesNotFit(_too_large(file, most or len(file.content)))
            picture = ImageOps.exif_transpose(opened)
            clear = png and (picture.mode in ("RGBA", "LA") or "transparency" in picture.info)
            for side in SIDES:
                drawn = picture.copy()
                drawn.thumbnail((side, side))
                content = _drawn(drawn, clear=clear)
                if not most or len(content) <= most:
                    return _named(file, content, *(("png", "image/png") if clear else ("jpg", "image/jpeg")))  # fmt: skip
    except DoesNotFit:
        raise
    except Exception as error:  # Pillow raises almost anything on what strangers send
        raise DoesNotFit(said("“{name}” is no picture that can be made smaller.", name=file.name)) from error  # fmt: skip
    raise DoesNotFit(_too_large(file, most))


def _drawn(picture: Image.Image, *, clear: bool) -> bytes:
    out = BytesIO()
    if clear:
        picture.convert("RGBA").save(out, "PNG", optimize=True)
        return out.getvalue()
    flat = picture.convert("RGBA")
    paper = Image.new("RGB", flat.size, "white")
    paper.paste(flat, mask=flat.getchannel("A"))
    paper.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _target(limits: Capabilities) -> str:
    return next((kind for kind in SOUNDS if takes(limits.media, kind)), "")


def _converted(file: File, limits: Capabilities) -> File:
    if not has_ffmpeg():
        raise DoesNotFit(
            said(
                "This channel does not take “{name}” as it is, and ffmpeg, which could convert it, is not installed.",
                name=file.name,
            )
        )
    kind = _target(limits)
    ending, told = SOUNDS[kind]
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "in"), Path(folder, f"out.{ending}")
        source.write_bytes(file.content)
        # only files: what a stranger recorded must not make ffmpeg open an address
        command = ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", str(source), "-vn", *told, str(made)]  # fmt: skip
        try:
            subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)
        except (subprocess.SubprocessError, OSError) as error:
            raise DoesNotFit(said("“{name}” cannot be converted for this channel.", name=file.name)) from error  # fmt: skip
        content = made.read_bytes()
    if limits.max_file_bytes and len(content) > limits.max_file_bytes:
        raise DoesNotFit(_too_large(file, limits.max_file_bytes))
    return _named(file, content, ending, kind)


def _named(file: File, content: bytes, ending: str, kind: str) -> File:
    stem = file.name.rpartition(".")[0] or file.name
    return dataclasses.replace(file, name=f"{stem}.{ending}", content_type=kind, content=content)
