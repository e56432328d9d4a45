"""What the author wrote, apart from quotes, signatures and what mail programs write around them.

Line by line, no backtracking across lines: a hostile mail costs no more than its length. Nothing is
dropped: every line ends up either in `text` or in `quoted`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sportello.channels.providers.email import phrases
from sportello.channels.providers.email.attribution import any_of, attribution, attribution_at

MAX_LINES = 20_000
WINDOW = 60
"""Lines looked at below a greeting or a rule."""
FORWARD_WORDS = 60
"""An author who wrote no more than this above a forwarded mail meant the forwarded mail."""


@dataclass(frozen=True, slots=True)
class Folded:
    text: str
    quoted: str


_KEYS: dict[str, str] = {
    word.lower(): kind
    for kind, words in (
        ("cc", phrases.CC),
        ("to", phrases.TO),
        ("date", phrases.DATE),
        ("subject", phrases.SUBJECT),
        ("from", phrases.FROM),
    )
    for word in words
}
_KEYS["de"] = _KEYS["da"] = "from"
_PLAIN_DATE = frozenset(word.lower() for word in phrases.PLAIN_DATE)
_FIELD = re.compile(r"^[\s>|]{0,6}\*?_?([^\W\d_][^:：\n]{0,24}?)\*?_?\s?[:：]\*?_?(?:\s|$|\S)")
_RULE = re.compile(
    r"^\s{0,4}(?:[_=*—–-]{5,}|[─━]{3,}|[_=*—–-]{3,}[^_=*—–-].{2,60}[_=*—–-]{3,})\s*$"
)
_ORIGINAL = re.compile(
    rf"^[\s>]{{0,4}}(?:[-_=*#+—–]{{1,}}\s*(?:{any_of(phrases.ORIGINAL)})\b.{{0,80}}[-_=*#+—–:]+)\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    rf"^[\s>]{{0,4}}(?:[-_=*#+—–]{{1,}}\s*(?:{any_of(phrases.FORWARDED)})\b.{{0,120}}|(?:{any_of(phrases.FORWARDED)})\s*[:：])\s*$",
    re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(
    rf"^\W{{0,3}}(?:{any_of(phrases.FORWARD_SUBJECT)})\s?[:：]", re.IGNORECASE
)
_QUOTE = re.compile(r"^\s{0,3}(?:>(?!\s?:\s*$)|&gt;|\|\s)")
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


def fold(text: str, *, subject: str = "") -> Folded:
    """`text` of a plain mail divided into what its author wrote and the rest."""
    lines = text.split("\n")
    return fold_lines(lines, [False] * len(lines), subject=subject)


def fold_lines(
    lines: list[str], known: list[bool], *, subject: str = "", forward: bool = False
) -> Folded:
    """The same where markup has already told which lines are quoted (`known`)."""
    own = [number for number, quoted in enumerate(known) if not quoted]
    mine = [lines[number].rstrip() for number in own[:MAX_LINES]]
    marked = _quotes(mine)
    if _is_forward(lines, _together(known, own, marked), "fwd:" if forward else subject):
        return Folded("\n".join(line.rstrip() for line in lines).strip(), "")
    _tail(mine, marked)
    _head(mine, marked)
    hidden = _together(known, own, marked)
    kept = _joined(lines, hidden, wanted=False)
    if not kept and not any(known) and not _answers_with_nothing(mine, marked):
        return Folded(_joined(lines, known, wanted=False), _joined(lines, known, wanted=True))
    return Folded(kept, _joined(lines, hidden, wanted=True))


def _together(known: Sequence[bool], own: Sequence[int], marked: Sequence[bool]) -> list[bool]:
    hidden = list(known)
    for number, quoted in zip(own, marked, strict=False):
        hidden[number] = quoted
    for number in own[MAX_LINES:]:
        hidden[number] = True
    return hidden


def is_forward(subject: str) -> bool:
    """The subject says that the mail was passed on."""
    return bool(_FORWARD_SUBJECT.match(subject))


def _joined(lines: Sequence[str], hidden: Sequence[bool], *, wanted: bool) -> str:
    text = "\n".join(
        line.rstrip() for line, hide in zip(lines, hidden, strict=True) if hide is wanted
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").strip()


def _answers_with_nothing(lines: list[str], marked: list[bool]) -> bool:
    """True when the first line is already a quote or its introduction: the author added nothing."""
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    return first is not None and (
        bool(_QUOTE.match(lines[first])) or attribution_at(lines, first) is not None
    )


def _is_forward(lines: Sequence[str], hidden: Sequence[bool], subject: str) -> bool:
    """A mail passed on with little or nothing above it: the forwarded mail is the message."""
    start = next((i for i, hide in enumerate(hidden) if hide), None)
    if start is None or sum(len(line.split()) for line in lines[:start]) > FORWARD_WORDS:
        return False
    filled = [line for line in lines[start : start + 12] if line.strip()][:3]
    return is_forward(subject) or any(_FORWARDED.match(line) for line in filled)


def _quotes(lines: list[str]) -> list[bool]:
    """Quoted lines, and from the first unmarked quote (a header block, an introduction) all the rest."""
    marked = [bool(_QUOTE.match(line)) for line in lines]
    _wrapped(lines, marked)
    number = 0
    while number < len(lines):
        line = lines[number]
        if marked[number] or not line.strip():
            number += 1
            continue
        begin = attribution(lines, number)
        if begin is not None:
            follows = _next_filled(lines, number + 1)
            _mark(marked, begin, number + 1)
            if follows is not None and not marked[follows]:
                return _mark(marked, begin, len(lines))
        elif _ORIGINAL.match(line) or _FORWARDED.match(line) or _header_block(lines, number):
            follows = _next_filled(lines, number + 1)
            if (follows is not None and not marked[follows]) or _header_block(lines, number):
                return _mark(marked, _rule_above(lines, number), len(lines))
            _mark(marked, number, number + 1)
        number += 1
    return marked


def _wrapped(lines: list[str], marked: list[bool]) -> None:
    """The end of a long quoted line that a mail program broke, squeezed between two quoted lines."""
    for number in range(1, len(lines) - 1):
        if marked[number] or not (marked[number - 1] and marked[number + 1]):
            continue
        line = lines[number].strip()
        if line and len(line) < 60 <= len(lines[number - 1]):
            marked[number] = True


def _mark(marked: list[bool], start: int, end: int) -> list[bool]:
    marked[start:end] = [True] * (end - start)
    return marked


def _next_filled(lines: list[str], start: int) -> int | None:
    return next((i for i in range(start, min(start + 6, len(lines))) if lines[i].strip()), None)


def _rule_above(lines: list[str], number: int) -> int:
    above = number - 1
    while above >= 0 and number - above <= 2 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above]) else number


def _header_block(lines: list[str], start: int) -> bool:
    """From/Sent/To/Subject one below the other. A trip (From: Rome, To: Milan) is no header block."""
    kind = _field(lines[start])
    if kind is None or kind == "cc":
        return False
    kinds = {kind}
    at = "@" in lines[start]
    misses = 0
    for line in lines[start + 1 : start + 12]:
        found = _field(line)
        if found:
            kinds.add(found)
            misses = 0
            at = at or "@" in line
        elif line.strip():
            misses += 1
            if misses > 1:
                break
    if "from" not in kinds:
        return False
    if len(kinds) >= 3 and (at or not kinds.isdisjoint(("subject", "date"))):
        return True
    return len(kinds) >= 2 and (
        at or _rule_above(lines, start) != start or _follows_original(lines, start)
    )


def _follows_original(lines: list[str], start: int) -> bool:
    return start > 0 and bool(
        _ORIGINAL.match(lines[start - 1]) or _FORWARDED.match(lines[start - 1])
    )


def _field(line: str) -> str | None:
    match = _FIELD.match(line) if ":" in line or "：" in line else None
    word = match[1].strip().strip("*_").lower() if match else ""
    return "plain date" if word in _PLAIN_DATE else _KEYS.get(word)


def _tail(lines: list[str], marked: list[bool]) -> None:
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
                _mark(marked, cut, end)
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


def _head(lines: list[str], marked: list[bool]) -> None:
    """The “external sender” banner that a mail gateway put on top."""
    filled = [i for i, line in enumerate(lines) if line.strip() and not marked[i]]
    if len(filled) < 2 or not _BANNER.match(lines[filled[0]].strip()):
        return
    end = filled[0]
    while end < len(lines) and lines[end].strip():
        end += 1
    if any(i >= end for i in filled):
        _mark(marked, filled[0], end)
