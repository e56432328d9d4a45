"""What stands around the author's own lines: signature, “sent from my…”, disclaimer, a gateway's banner."""

from __future__ import annotations

import re

from sportello.channels.providers.email import phrases
from sportello.channels.providers.email.folding.quotes import mark

WINDOW = 60
"""Lines looked at below a greeting or a rule."""
_SIG = re.compile(r"^(?:--|__|—|––)\s?$")
_DASHES = re.compile(r"^\s?(?:[_=*-]{3,}|[—–]{2,}|[─━_]{3,})\s*$")
_SENT_FROM = re.compile(rf"^\W{{0,3}}(?:{'|'.join(phrases.SENT_FROM)})", re.IGNORECASE)
_DISCLAIMER = re.compile(rf"^\W{{0,4}}(?:{'|'.join(phrases.DISCLAIMER)})", re.IGNORECASE)
_BANNER = re.compile(rf"^(?:{'|'.join(phrases.BANNER)})", re.IGNORECASE)
_SIGN_OFF = frozenset(phrases.SIGN_OFF)
_CONTACT = re.compile(
    r"@[\w-]+\.|https?://|www\.|\+?\d[\d\s()./-]{6,}\d|\b(?:tel|fax|mob|cell|phone|telefon\w*|mobile|p\.?\s?iva|vat)\b[.:]?\s?[\d+(]",
    re.IGNORECASE,
)


def cut_tail(lines: list[str], marked: list[bool]) -> None:
    """Signature, “sent from my…”, disclaimer at the end of each run of the author's own lines."""
    first = next((i for i, line in enumerate(lines) if line.strip() and not marked[i]), None)
    if first is None:
        return
    end = 0
    while end < len(lines):
        begin = end
        while end < len(lines) and not marked[end]:
            end += 1
        if end > begin:
            cut = _signature(lines, begin, end)
            if cut is not None and cut > first:
                mark(marked, cut, end)
        while end < len(lines) and marked[end]:
            end += 1


def _signature(lines: list[str], begin: int, end: int) -> int | None:
    for number in range(begin, end):
        line = lines[number].strip()
        if not line:
            continue
        if _SIG.match(lines[number]):
            return number
        if (
            _SENT_FROM.match(line)
            and _is_device_line(line)
            and _filled(lines, number + 1, end) <= 3
        ):
            return _rule_over(lines, number, begin)
        if _DISCLAIMER.match(line):
            return _rule_over(lines, number, begin)
        if _DASHES.match(line) and _is_card(lines, number + 1, end):
            return number
        if line.lower().strip(" ,.!;*-") in _SIGN_OFF:
            card = _after_name(lines, number, end)
            if card is not None:
                return card
    return None


def _is_device_line(line: str) -> bool:
    bare = re.sub(r"<?\(?https?://\S+", "", line).strip()
    return len(bare) <= 80 and len(bare.split()) <= 9 and not re.search(r"[,;?!]\s|\w\.$", bare)


def _filled(lines: list[str], start: int, end: int) -> int:
    """Non-empty lines; counting stops after a window, so that the cost stays linear."""
    return sum(bool(line.strip()) for line in lines[start : min(end, start + WINDOW)])


def _rule_over(lines: list[str], number: int, begin: int) -> int:
    above = number - 1
    while above > begin and not lines[above].strip():
        above -= 1
    return above if above > begin and _DASHES.match(lines[above].strip()) else number


def _is_card(lines: list[str], start: int, end: int) -> bool:
    """Short lines with a telephone, an address or a site: a visiting card, not prose."""
    if end - start > WINDOW:
        return False
    filled = [line.strip() for line in lines[start:end] if line.strip()]
    if not filled or len(filled) > 14:
        return False
    return (
        any(_CONTACT.search(line) for line in filled)
        and sum(len(line) > 90 for line in filled) <= 2
    )


def _after_name(lines: list[str], sign_off: int, end: int) -> int | None:
    """The greeting and the name stay with the text; the card below them goes."""
    filled = [i for i in range(sign_off + 1, min(end, sign_off + WINDOW)) if lines[i].strip()]
    if len(filled) < 2:
        return None
    named = (
        len(lines[filled[0]]) <= 60
        and not _CONTACT.search(lines[filled[0]])
        and not _DASHES.match(lines[filled[0]])
    )
    name = filled[0] if named else sign_off
    rest = name + 1
    return rest if _is_card(lines, rest, end) or _disclaimed(lines, rest, end) else None


def _disclaimed(lines: list[str], start: int, end: int) -> bool:
    return any(_DISCLAIMER.match(line.strip()) for line in lines[start : min(end, start + WINDOW)])


def cut_head(lines: list[str], marked: list[bool]) -> None:
    """The “external sender” banner that a mail gateway put on top."""
    filled = [i for i, line in enumerate(lines) if line.strip() and not marked[i]]
    if len(filled) < 2 or not _BANNER.match(lines[filled[0]].strip()):
        return
    end = filled[0]
    while end < len(lines) and lines[end].strip():
        end += 1
    if any(i >= end for i in filled):
        mark(marked, filled[0], end)
