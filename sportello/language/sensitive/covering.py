"""Cover: the same text with dots where something sensitive stood, and what stood there."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html import escape, unescape

from sportello.language.sensitive.finding import Find, Kind, find

DOTS = "••••"
_TAIL = {Kind.CARD, Kind.IBAN}
"""Their last four characters stay: enough to speak of it, not enough to use it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """`finds` name the places of the *covered* text, and the values that stood there."""

    text: str
    finds: list[Find] = field(default_factory=list)


def shown(one: Find) -> str:
    """What stands in the place of a value: ``•••• 4242``."""
    if one.kind in _TAIL:
        return f"{DOTS} {re.sub(r'\W', '', one.value)[-4:].upper()}"
    return DOTS * 2


def cover(text: str, kinds: Collection[str] = frozenset(Kind)) -> Covered:
    """The text as it may be shown. What is not covered stays as it was, byte for byte."""
    found = find(text, kinds)
    if not found:
        return Covered(text)
    parts: list[str] = []
    placed: list[Find] = []
    at, length = 0, 0
    for one in found:
        before, dots = text[at : one.start], shown(one)
        parts += [before, dots]
        length += len(before)
        placed.append(Find(one.kind, length, length + len(dots), one.value))
        length += len(dots)
        at = one.end
    return Covered("".join([*parts, text[at:]]), placed)


def uncover(text: str, finds: Collection[Find]) -> str:
    """The original again, from the covered text and what stood there."""
    for one in sorted(finds, key=lambda f: -f.start):
        text = text[: one.start] + one.value + text[one.end :]
    return text


_TAG = re.compile(r"<[^<>]*>")
_SPOKEN = re.compile(r"\b(title|alt|href)=\"([^\"]*)\"")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|code|em|font|i|ins|kbd|mark|s|samp|small|span|strong|sub|sup|tt|u|wbr)\b",
    re.IGNORECASE,
)
_INLINE_TAG = re.compile(rf"{_INLINE.pattern}[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def cover_html(html: str, kinds: Collection[str] = frozenset(Kind)) -> Covered:
    """Clean HTML with the same cover, also where tags or entities split a number. `finds` have no places (0, 0)."""
    html, values = _cover_attributes(html, kinds)
    plain, places = _plain(html) if find(_glance(html), kinds) else ("", [])
    found = find(plain, kinds)
    for one in reversed(found):
        for piece, (start, end) in enumerate(_pieces(places[one.start : one.end])):
            html = html[:start] + ("" if piece else shown(one)) + html[end:]
    return Covered(html, [*values, *(Find(f.kind, 0, 0, f.value) for f in found)])


def _glance(html: str) -> str:
    """The words alone, quickly: most mails hold nothing and need no map."""
    bare = _TAG.sub("\n", _INLINE_TAG.sub("", html))
    return unescape(bare) if "&" in bare else bare


def says_no_more(html: str, said: str) -> bool:
    """Whether all that clean HTML says stands in `said`, line by line, so that it needs no look of its own."""
    if _has_spoken(html):
        return False
    at = 0
    for line in _glance(html).split("\n"):
        if words := line.strip():
            at = said.find(words, at)
            if at < 0:
                return False
            at += len(words)
    return True


def _plain(html: str) -> tuple[str, list[tuple[int, int]]]:
    """The words, and for each character where in the HTML it stands."""
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(html):
        if html[at] == "<" and (tag := _TAG.match(html, at)):
            if not _INLINE.match(tag[0]):
                chars.append("\n")
                places.append((at, at))
            at = tag.end()
            continue
        entity = _ENTITY.match(html, at) if html[at] == "&" else None
        end = entity.end() if entity else at + 1
        said = unescape(entity[0]) if entity else html[at]
        chars += said
        places += [(at, end)] * len(said)
        at = end
    return "".join(chars), places


def _pieces(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of characters that stand side by side in the HTML, last first: the tags between them stay."""
    runs: list[tuple[int, int]] = []
    for start, end in places:
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return runs[::-1]


def _cover_attributes(html: str, kinds: Collection[str]) -> tuple[str, list[Find]]:
    """Words in ``title`` and ``alt``, numbers in ``tel:`` and ``mailto:`` links."""
    values: list[Find] = []

    def covered(match: re.Match[str]) -> str:
        if match[1] == "href" and match[2].lower().startswith(("http:", "https:")):
            return match[0]
        said = cover(unescape(match[2]), kinds)
        values.extend(Find(f.kind, 0, 0, f.value) for f in said.finds)
        return f'{match[1]}="{escape(said.text)}"' if said.finds else match[0]

    return (_SPOKEN.sub(covered, html) if _has_spoken(html) else html), values


def _has_spoken(html: str) -> bool:
    return 'title="' in html or 'alt="' in html or 'href="' in html
