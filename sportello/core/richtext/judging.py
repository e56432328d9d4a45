"""Which values of an attribute are harmless: styles, links, pictures."""

from __future__ import annotations

import html as markup
import re
from functools import lru_cache
from urllib.parse import urlsplit

_BAD_STYLE = re.compile(
    r"url\s*\(|\\|var\s*\(|expression|@|image-set|env\s*\(|attr\s*\(|javascript|</|/\*",
    re.IGNORECASE,
)
_DISPLAY = re.compile(
    r"display\s*:\s*(?:flex|grid|contents|inline-flex|inline-grid|fixed)", re.IGNORECASE
)
_NEGATIVE = re.compile(r"(?:margin|text-indent)[a-z-]*\s*:[^;]*-\d", re.IGNORECASE)
_RASTER = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.IGNORECASE)
_MAX_DATA = 400_000


_SHORT = 300
"""Characters up to which what was said of a value is kept in mind."""


def style(value: str) -> str | None:
    """The declarations as they are, or None when one of them could fetch, hide or cover."""
    return _known(value) if len(value) <= _SHORT else _judged(value)


def _judged(value: str) -> str | None:
    if (
        _BAD_STYLE.search(markup.unescape(value))
        or _DISPLAY.search(value)
        or _NEGATIVE.search(value)
    ):
        return None
    return value if value.strip() else None


_known = lru_cache(maxsize=1_000)(_judged)
"""Mail programs write the same few hundred again and again."""


def is_link(value: str) -> bool:
    """An address that a reader may follow."""
    return value.strip().lower().startswith(("http://", "https://", "mailto:", "tel:"))


def is_remote(value: str) -> bool:
    """A picture that somebody else's server would be asked for."""
    parts = _split(value)
    return parts is not None and parts[0] in ("http", "https") and bool(parts[1])


def _split(value: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return None
    return parts.scheme.lower(), parts.netloc


def is_raster(value: str) -> bool:
    """A small picture written out in the address itself; no SVG."""
    return len(value) <= _MAX_DATA and bool(_RASTER.match(value.strip()))
