"""What fits through a channel: length, files, how many buttons. Asked before anything is sent, and again then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sportello.channels.contract import Provider
from sportello.tickets.ways.reshaping import can_fit, takes

FILES_AT_ONCE = 10
"""On channels that carry each file as a message of its own."""
TITLE = 20
"""Characters on a button: the shortest limit among those who have buttons."""
CHOICES = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, as far as it matters here."""

    name: str
    content_type: str
    size: int


def misfits(provider: Provider, name: str, *, length: int, files: Sequence[Piece]) -> Iterator[str]:
    """Sentences for people: what this channel would not take."""
    limits = provider.capabilities
    if limits.max_text and length > limits.max_text:
        yield _("%(name)s takes at most %(count)s characters.") % {
            "name": name,
            "count": limits.max_text,
        }
    if not files:
        return
    if not limits.files:
        yield _("%(name)s takes no files.") % {"name": name}
        return
    as_they_are = files
    if not packs(provider):  # what can be made to fit when it leaves is no misfit
        as_they_are = [f for f in files if not can_fit(f.content_type, f.size, limits)]
    yield from _wrong_kind(limits.media, name, as_they_are)
    yield from _too_large(provider, name, as_they_are)
    if not packs(provider) and len(files) > FILES_AT_ONCE:
        yield _("%(name)s takes at most %(count)s files at once.") % {
            "name": name,
            "count": FILES_AT_ONCE,
        }


def reshapes(provider: Provider) -> list[str]:
    """Families of files that are made to fit this channel when they leave, whatever their size."""
    probes = {"image/*": "image/bmp", "audio/*": "audio/wav"}
    if packs(provider):
        return []
    limits = provider.capabilities
    large = limits.max_file_bytes + 1 if limits.max_file_bytes else 0
    return [family for family, probe in probes.items() if can_fit(probe, large, limits)]


def packs(provider: Provider) -> bool:
    """All files travel in one message and share its size: mail."""
    return provider.identity_kind == "email"


def _wrong_kind(media: Sequence[str], name: str, files: Sequence[Piece]) -> Iterator[str]:
    for file in files:
        if not takes(media, file.content_type):
            yield _("%(name)s does not take “%(file)s”: only %(kinds)s.") % {
                "name": name,
                "file": file.name,
                "kinds": kinds(media),
            }


def _too_large(provider: Provider, name: str, files: Sequence[Piece]) -> Iterator[str]:
    most = provider.capabilities.max_file_bytes
    if not most:
        return
    size = _megabytes(most)
    if packs(provider):
        if sum(file.size for file in files) > most:
            yield _("%(name)s takes files up to %(size)s MB.") % {"name": name, "size": size}
        return
    for file in files:
        if file.size > most:
            yield _("“%(file)s” is too large: %(name)s takes files up to %(size)s MB.") % {
                "file": file.name,
                "name": name,
                "size": size,
            }


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0")


def kinds(media: Sequence[str]) -> str:
    """The types as people call them."""
    words = {
        "image/*": _("pictures"),
        "image/jpeg": "JPEG",
        "image/png": "PNG",
        "video/*": _("videos"),
        "audio/*": _("sound"),
        "application/pdf": "PDF",
        "text/vcard": _("contact cards"),
    }
    return ", ".join(words.get(one, one) for one in media)
