"""Between HTML and readable text."""

from __future__ import annotations

import html as markup
import re

import nh3

from sportello.core.richtext.rules import GONE_WITH_CONTENT, MAX_HTML, TAGS

_BLOCK_END = re.compile(
    r"<(?:/(?:p|div|tr|h[1-6]|table|ul|ol|blockquote|pre|section|article|header|footer|address|dl|dd|dt|li)|br\s*/?|hr\s*/?)\b[^>]*>",
    re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"</(?:p|h[1-6]|table|ul|ol|blockquote)>", re.IGNORECASE)
_LIST = re.compile(r"<(?:ul|ol|table|p|blockquote|h[1-6])\b[^>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_READABLE = nh3.Cleaner(
    tags=set(TAGS - {"img"}),
    clean_content_tags=set(GONE_WITH_CONTENT),
    attributes={},
    link_rel=None,
)


def html_of(text: str) -> str:
    """Plain text as HTML: escaped, lines kept."""
    return "<br>".join(markup.escape(line) for line in text.splitlines())


def text_of(html: str) -> str:
    """Readable text of any HTML: paragraphs, list items and line breaks kept."""
    safe = _READABLE.clean(html[:MAX_HTML].replace("\x00", ""))
    flat = re.sub(r"[ \t\r\n\f]+", " ", safe)
    flat = _LIST.sub("\n\n", flat)
    flat = _ITEM.sub("- ", flat)
    flat = _CELL.sub(" ", flat)
    flat = _PARAGRAPH_END.sub("\n\n", flat)
    flat = _BLOCK_END.sub("\n", flat)
    text = markup.unescape(_TAG.sub("", flat)).replace("\xa0", " ")
    lines = [re.sub(r" {2,}", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
