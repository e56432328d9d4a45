"""The line above a quote: “On … Ada wrote:”, in the words of many languages and mail programs.

Every line of a mail is asked, and hardly any is one: cheap looks at its end come first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sportello.channels.providers.email import phrases


def any_of(words: Sequence[str]) -> str:
    """A pattern for any of these, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


_VERB = rf"(?:{any_of(phrases.WROTE)})"
_WHEN = re.compile(
    r"@|\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[/.-]\d{1,2}|\b(?:you|du|sie|tu|lei|vous|usted)\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    rf"\W{{0,6}}(?:(?:{any_of(phrases.WROTE_OPENERS)})(?=[\s,.:])(?=.{{0,60}}\d|.{{0,80}}@)|"
    rf"\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}[./年-]\s?\d|\d{{1,2}}:\d{{2}}|\w{{2,9}}[.,]\s\d{{1,2}}\b)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    rf"(?:^|[\s>\"'(\]]|\b){_VERB}\W{{0,3}}(?:\s*[:：]|\s*-{{2,}}|\s*\.{{3}})?\W{{0,4}}$",
    re.IGNORECASE,
)
_HAS_VERB = re.compile(rf"(?:^|[\s>\"']){_VERB}(?![a-z])", re.IGNORECASE)
_COLON = re.compile(r"[:：]\W{0,3}$")
_CJK_GMAIL = re.compile(
    r"^\W{0,4}\d{4}\s?[年/.-]\s?\d{1,2}.{0,120}(?:<[^<>\s]+@[^<>\s]+>|\(.{0,8}\)).{0,20}[:：]?$"
)
_STAMPED = re.compile(
    r"^(?=.{0,80}\b\d{1,2}[:.h]\d{2})(?=.{0,80}(?:\b\d{4}\b|\d{1,2}[./-]\d{1,2})).{10,160}<[^<>\s]+@[^<>\s]+>\s?[:：]$"
)
_QUOTING = re.compile(r"^(?:Quoting|Citando|Zitat von)\b.{1,200}:$", re.IGNORECASE)


def attribution_at(lines: list[str], start: int) -> int | None:
    """The last line of the introduction that begins at line `start`, else None."""
    for end in range(start, min(start + 4, len(lines))):
        if attribution(lines, end) == start:
            return end
    return None


def attribution(lines: list[str], end: int) -> int | None:
    """First line of “On … X wrote:” that ends at line `end`, else None."""
    last = lines[end].strip()
    if len(last) > 400 or not (_has_colon(last) or _ends(last) or last[-1:] == ">"):
        return None
    best: int | None = None
    joined = ""
    for start in range(end, max(end - 4, -1), -1):
        line = lines[start].strip()
        if not line or len(joined) > 400 or (start < end and _has_colon(line)):
            break
        joined = f"{line} {joined}".strip()
        if _says_who(joined):
            if _OPENER.match(joined) and joined.count(">") <= joined.count("<"):
                return start
            best = start if best is None else best
    return best


def _has_colon(line: str) -> bool:
    tail = line[-4:]
    return (":" in tail or "：" in tail) and bool(_COLON.search(tail))


def _ends(line: str) -> bool:
    """With one of the verbs."""
    end = _last_letter(line)
    letters = _plain(line[max(0, end - _LONGEST) : end])
    return letters.endswith(_VERB_ENDS) and bool(_ENDS.search(line, max(0, end - _LONGEST)))


def _last_letter(line: str) -> int:
    """Where it ends but for dots, brackets and the like; not looked for at any distance."""
    end = len(line)
    while end > max(0, len(line) - 100) and not (line[end - 1].isalnum() or line[end - 1] == "_"):
        end -= 1
    return end


def _plain(letters: str) -> str:
    """The one spelling of all those that a pattern without regard to case takes for the same."""
    return letters.casefold().replace("ı", "i")


_LONGEST = 24
"""Letters of the longest verb, and room for what may stand before it."""
_VERB_ENDS = tuple({_plain(verb[: _last_letter(verb)]) for verb in phrases.WROTE})


def _says_who(joined: str) -> bool:
    if not _WHEN.search(joined):
        return False
    if _ends(joined) and (_has_colon(joined) or joined.endswith("-") or "@" in joined):
        return len(joined.split()) <= 40
    if _has_colon(joined) and _OPENER.match(joined) and ("@" in joined or _HAS_VERB.search(joined)):
        return True
    return bool(
        ((_CJK_GMAIL.match(joined) or _STAMPED.match(joined)) and "@" in joined)
        or _QUOTING.match(joined)
    )
