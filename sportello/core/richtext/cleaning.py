"""Strangers' and agents' HTML made harmless."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Mapping
from dataclasses import dataclass

import nh3

from sportello.core.richtext.judging import is_link, is_raster, is_remote, style
from sportello.core.richtext.rules import (
    ATTRIBUTES,
    GONE_WITH_CONTENT,
    MAX_HTML,
    OUT_ATTRIBUTES,
    OUT_STYLES,
    OUT_TAGS,
    REL,
    SCHEMES,
    STYLES,
    TAGS,
)

PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""One transparent pixel, shown where a remote image waits for the reader's yes."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Harmless HTML, and how many remote images wait in it."""

    html: str
    remote_images: int


def clean(html: str, *, cid: Mapping[str, str] | None = None) -> Cleaned:
    """HTML of a mail or chat, safe to show in the mail frame.

    `cid` maps content ids (without brackets) to the URLs of the stored files. Remote images keep their
    address in ``data-remote-src`` and show a placeholder until the reader asks for them.
    """
    known = {key.lower(): url for key, url in (cid or {}).items()}
    allowed = frozenset(known.values())
    cleaner = _cleaner(known, allowed) if known else _WITHOUT_FILES
    safe = cleaner.clean(html[:MAX_HTML].replace("\x00", ""))
    if ' style=""' in safe:
        safe = _EMPTY_STYLE.sub(r"\1", safe)
    if "<img" in safe:
        safe = _IMG.sub(lambda found: _set_aside(found, allowed), safe)
    return Cleaned(safe, safe.count(" data-remote-src="))


def _cleaner(known: Mapping[str, str], allowed: frozenset[str]) -> nh3.Cleaner:
    """To hand over all these sets costs more than to clean a short mail: for most mails one is kept."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return style(value)
        if tag == "img" and name == "src":
            return _image(value, known, allowed)
        if name == "data-remote-src":
            return value if tag == "img" and is_remote(value) else None
        if name == "href":
            return value if is_link(value) else None
        return value

    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(GONE_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=attribute,
        strip_comments=True,
        link_rel=REL,
        url_schemes=set(SCHEMES),
        url_relative="deny" if not allowed else "pass_through",
        filter_style_properties=set(STYLES),
    )


def clean_outgoing(html: str) -> str:
    """What an agent wrote in the editor: few tags, no remote styles, images by http, https or cid."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return style(value)
        if tag == "img" and name == "src":
            bare = value.strip().lower()
            return (
                value
                if bare.startswith(("http://", "https://", "cid:")) or is_raster(value)
                else None
            )
        if name == "href":
            return value if is_link(value) else None
        return value

    safe = nh3.clean(
        html[:MAX_HTML].replace("\x00", ""),
        tags=set(OUT_TAGS),
        clean_content_tags=set(GONE_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in OUT_ATTRIBUTES.items()},
        attribute_filter=attribute,
        link_rel="noopener noreferrer",
        url_schemes=set(SCHEMES),
        url_relative="deny",
        filter_style_properties=set(OUT_STYLES),
    )
    return _EMPTY_STYLE.sub(r"\1", safe)


def _image(value: str, known: Mapping[str, str], allowed: frozenset[str]) -> str | None:
    bare = value.strip()
    if bare.lower().startswith("cid:"):
        return known.get(bare[4:].strip("<> ").lower())
    if bare in allowed or is_raster(bare):
        return bare
    return bare if is_remote(bare) else None


_EMPTY_STYLE = re.compile(r'(<[a-z0-9]+(?: [a-z-]+="[^"]*")*?) style=""')
_IMG = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


def _set_aside(found: re.Match[str], allowed: frozenset[str]) -> str:
    """A cleaned `img` (the serialiser's own form, so a pattern is safe) with its remote address put aside."""
    attributes = dict(_ATTRIBUTE.findall(found[1]))
    source = attributes.get("src", "")
    if markup.unescape(source) not in allowed and is_remote(markup.unescape(source)):
        attributes["data-remote-src"] = source
        attributes["src"] = PLACEHOLDER
    elif source != PLACEHOLDER:
        attributes.pop("data-remote-src", None)
    return f"<img{''.join(f' {name}="{value}"' for name, value in attributes.items())}>"


_WITHOUT_FILES = _cleaner({}, frozenset())
