"""The heads of quoted and forwarded mails: From, Sent, To, Subject one below the other, and the rules above them."""

from __future__ import annotations

import re

from sportello.channels.providers.email import phrases
from sportello.channels.providers.email.folding.attribution import any_of

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
ORIGINAL = re.compile(
    rf"^[\s>]{{0,4}}(?:[-_=*#+—–]{{1,}}\s*(?:{any_of(phrases.ORIGINAL)})\b.{{0,80}}[-_=*#+—–:]+)\s*$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    rf"^[\s>]{{0,4}}(?:[-_=*#+—–]{{1,}}\s*(?:{any_of(phrases.FORWARDED)})\b.{{0,120}}|(?:{any_of(phrases.FORWARDED)})\s*[:：])\s*$",
    re.IGNORECASE,
)


def rule_above(lines: list[str], number: int) -> int:
    above = number - 1
    while above >= 0 and number - above <= 2 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above]) else number


def header_block(lines: list[str], start: int) -> bool:
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
        at or rule_above(lines, start) != start or _follows_original(lines, start)
    )


def _follows_original(lines: list[str], start: int) -> bool:
    return start > 0 and bool(ORIGINAL.match(lines[start - 1]) or FORWARDED.match(lines[start - 1]))


def _field(line: str) -> str | None:
    match = _FIELD.match(line) if ":" in line or "：" in line else None
    word = match[1].strip().strip("*_").lower() if match else ""
    return "plain date" if word in _PLAIN_DATE else _KEYS.get(word)
