"""HTML that strangers or agents wrote, made harmless; and as readable text.

Allow-lists only: what is not named is dropped. `clean(clean(x).html).html == clean(x).html`. Rules change by
raising `CLEANER_VERSION`; stored HTML carries the version it was cleaned with.
"""

from __future__ import annotations

import html as markup
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3

CLEANER_VERSION = 1
MAX_HTML = 3_000_000
"""Characters; what is longer is cut before cleaning."""
PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""One transparent pixel, shown where a remote image waits for the reader's yes."""

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_GONE_WITH_CONTENT = frozenset(
    [
        "script",
        "style",
        "title",
        "head",
        "svg",
        "math",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "xmp",
        "textarea",
        "select",
        "applet",
        "audio",
        "video",
        "canvas",
        "frameset",
        "noembed",
        "noframes",
        "plaintext",
    ]
)
_BOX = frozenset(
    ("align", "valign", "width", "height", "bgcolor", "border", "dir", "lang", "style")
)
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "border", "data-remote-src"},
    "font": {"color", "face", "size"},
    "table": {*_BOX, "cellpadding", "cellspacing", "summary"},
    "td": {*_BOX, "colspan", "rowspan", "nowrap"},
    "th": {*_BOX, "colspan", "rowspan", "nowrap", "scope"},
    "tr": set(_BOX),
    "tbody": {"align", "valign"},
    "thead": {"align", "valign"},
    "tfoot": {"align", "valign"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value"},
    "blockquote": {"type"},
    "hr": {"size", "width", "color", "noshade"},
    "time": {"datetime"},
}
_STYLES = frozenset(
    [
        "background-color",
        "border",
        "border-bottom",
        "border-bottom-color",
        "border-bottom-style",
        "border-bottom-width",
        "border-collapse",
        "border-color",
        "border-left",
        "border-left-color",
        "border-left-style",
        "border-left-width",
        "border-radius",
        "border-right",
        "border-right-color",
        "border-right-style",
        "border-right-width",
        "border-spacing",
        "border-style",
        "border-top",
        "border-top-color",
        "border-top-style",
        "border-top-width",
        "border-width",
        "caption-side",
        "color",
        "direction",
        "display",
        "empty-cells",
        "font",
        "font-family",
        "font-size",
        "font-style",
        "font-variant",
        "font-weight",
        "height",
        "letter-spacing",
        "line-height",
        "list-style-type",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "margin-top",
        "max-width",
        "min-width",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "quotes",
        "table-layout",
        "text-align",
        "text-decoration",
        "text-decoration-line",
        "text-indent",
        "text-transform",
        "vertical-align",
        "white-space",
        "width",
        "word-break",
        "word-spacing",
        "word-wrap",
        "overflow-wrap",
    ]
)
_BAD_STYLE = re.compile(
    r"url\s*\(|\\|var\s*\(|expression|@|image-set|env\s*\(|attr\s*\(|javascript|</|/\*",
    re.IGNORECASE,
)
_DISPLAY = re.compile(
    r"display\s*:\s*(?:flex|grid|contents|inline-flex|inline-grid|fixed)", re.IGNORECASE
)
_NEGATIVE = re.compile(r"(?:margin|text-indent)[a-z-]*\s*:[^;]*-\d", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_RASTER = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.IGNORECASE)
_MAX_DATA = 400_000
_REL = "noopener noreferrer nofollow ugc"

_OUT_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "hr",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
_OUT_ATTRIBUTES = {
    "*": {"dir", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_OUT_STYLES = {
    "color",
    "background-color",
    "font-weight",
    "font-style",
    "text-align",
    "text-decoration",
    "font-size",
}


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

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return _style(value)
        if tag == "img" and name == "src":
            return _image(value, known, allowed)
        if name == "data-remote-src":
            return value if tag == "img" and _is_remote(value) else None
        if name == "href":
            return value if _is_link(value) else None
        return value

    safe = nh3.clean(
        html[:MAX_HTML].replace("\x00", ""),
        tags=set(_TAGS),
        clean_content_tags=set(_GONE_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=attribute,
        strip_comments=True,
        link_rel=_REL,
        url_schemes=set(_SCHEMES),
        url_relative="deny" if not allowed else "pass_through",
        filter_style_properties=set(_STYLES),
    )
    safe = _EMPTY_STYLE.sub(r"\1", safe)
    safe = _IMG.sub(lambda found: _set_aside(found, allowed), safe)
    return Cleaned(safe, safe.count(" data-remote-src="))


def clean_outgoing(html: str) -> str:
    """What an agent wrote in the editor: few tags, no remote styles, images by http, https or cid."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return _style(value)
        if tag == "img" and name == "src":
            bare = value.strip().lower()
            return (
                value
                if bare.startswith(("http://", "https://", "cid:")) or _is_raster(value)
                else None
            )
        if name == "href":
            return value if _is_link(value) else None
        return value

    safe = nh3.clean(
        html[:MAX_HTML].replace("\x00", ""),
        tags=set(_OUT_TAGS),
        clean_content_tags=set(_GONE_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _OUT_ATTRIBUTES.items()},
        attribute_filter=attribute,
        link_rel="noopener noreferrer",
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        filter_style_properties=set(_OUT_STYLES),
    )
    return _EMPTY_STYLE.sub(r"\1", safe)


def _style(value: str) -> str | None:
    if (
        _BAD_STYLE.search(markup.unescape(value))
        or _DISPLAY.search(value)
        or _NEGATIVE.search(value)
    ):
        return None
    return value if value.strip() else None


def _is_link(value: str) -> bool:
    return value.strip().lower().startswith(("http://", "https://", "mailto:", "tel:"))


def _is_remote(value: str) -> bool:
    parts = _split(value)
    return parts is not None and parts[0] in ("http", "https") and bool(parts[1])


def _split(value: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return None
    return parts.scheme.lower(), parts.netloc


def _is_raster(value: str) -> bool:
    return len(value) <= _MAX_DATA and bool(_RASTER.match(value.strip()))


def _image(value: str, known: Mapping[str, str], allowed: frozenset[str]) -> str | None:
    bare = value.strip()
    if bare.lower().startswith("cid:"):
        return known.get(bare[4:].strip("<> ").lower())
    if bare in allowed or _is_raster(bare):
        return bare
    return bare if _is_remote(bare) else None


_EMPTY_STYLE = re.compile(r'(<[a-z0-9]+(?: [a-z-]+="[^"]*")*?) style=""')
_IMG = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


def _set_aside(found: re.Match[str], allowed: frozenset[str]) -> str:
    """A cleaned `img` (the serialiser's own form, so a pattern is safe) with its remote address put aside."""
    attributes = dict(_ATTRIBUTE.findall(found[1]))
    source = attributes.get("src", "")
    if markup.unescape(source) not in allowed and _is_remote(markup.unescape(source)):
        attributes["data-remote-src"] = source
        attributes["src"] = PLACEHOLDER
    elif source != PLACEHOLDER:
        attributes.pop("data-remote-src", None)
    return f"<img{''.join(f' {name}="{value}"' for name, value in attributes.items())}>"


_BLOCK_END = re.compile(
    r"<(?:/(?:p|div|tr|h[1-6]|table|ul|ol|blockquote|pre|section|article|header|footer|address|dl|dd|dt|li)|br\s*/?|hr\s*/?)\b[^>]*>",
    re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"</(?:p|h[1-6]|table|ul|ol|blockquote)>", re.IGNORECASE)
_LIST = re.compile(r"<(?:ul|ol|table|p|blockquote|h[1-6])\b[^>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def html_of(text: str) -> str:
    """Plain text as HTML: escaped, lines kept."""
    return "<br>".join(markup.escape(line) for line in text.splitlines())


def text_of(html: str) -> str:
    """Readable text of any HTML: paragraphs, list items and line breaks kept."""
    safe = nh3.clean(
        html[:MAX_HTML].replace("\x00", ""),
        tags=set(_TAGS - {"img"}),
        clean_content_tags=set(_GONE_WITH_CONTENT),
        attributes={},
        link_rel=None,
    )
    flat = re.sub(r"[ \t\r\n\f]+", " ", safe)
    flat = _LIST.sub("\n\n", flat)
    flat = _ITEM.sub("- ", flat)
    flat = _CELL.sub(" ", flat)
    flat = _PARAGRAPH_END.sub("\n\n", flat)
    flat = _BLOCK_END.sub("\n", flat)
    text = markup.unescape(_TAG.sub("", flat)).replace("\xa0", " ")
    lines = [re.sub(r" {2,}", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
