"""Find: where in a text lies something sensitive, and of which kind.

Numbers count only when their checksum is right; passwords and codes only when the text says that they are one.
A cheap look comes first: most messages hold nothing, and thousands arrive in a second.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sportello.language.sensitive import checksums
from sportello.language.sensitive.health import AT_A_GLANCE, HEALTH


class Kind(StrEnum):
    CARD = "card"
    IBAN = "iban"
    TAX_CODE = "tax_code"
    VAT_NUMBER = "vat_number"
    SECRET = "secret"
    """A password, a PIN, a one-time or security code, said as such."""
    HEALTH = "health"


CHECKED = frozenset({Kind.CARD, Kind.IBAN, Kind.TAX_CODE})
"""Kinds that a checksum proves, whatever stands around them."""


@dataclass(frozen=True, slots=True)
class Find:
    """``text[start:end]`` is sensitive."""

    kind: Kind
    start: int
    end: int
    value: str


_GAP = r"[ \u00a0\u2009\u202f\u200b.\-\u2010-\u2014]"
_NUMBER = re.compile(rf"(?<![\w+])\d(?:{_GAP}?\d){{11,}}(?!\w)")
_GROUP = re.compile(r"\d+")
_IBAN = re.compile(rf"(?<![\w])([A-Z]{{2}})\d{_GAP}?\d", re.IGNORECASE)
_DIGIT = "[0-9LMNPQRSTUV]"
_BIRTHDAY = re.compile(r"[0-9lmnpqrstuv]{2}[abcdehlmprst][0-9lmnpqrstuv]{2}")
"""The middle of a tax code, in lower case: around the digits of ``nov 2026`` stands none."""
_TAX_CODE = re.compile(
    rf"(?<!\w)[A-Z]{{3}}{_GAP}?[A-Z]{{3}}{_GAP}?{_DIGIT}{{2}}[ABCDEHLMPRST]{_DIGIT}{{2}}{_GAP}?"
    rf"[A-Z]{_DIGIT}{{3}}{_GAP}?[A-Z](?!\w)",
    re.IGNORECASE,
)
_VAT = re.compile(
    r"(?:p(?:art)?\.?\s?iva|partita\s+iva|vat(?:\s+(?:number|no\.?|id))?)\W{0,4}(?:è\W{0,3}|is\W{0,3})?(?:IT)?\s?(\d{11})(?!\d)",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Glance:
    """Cheap looks, at text in lower case. Those for numbers begin with a digit: the search leaps from one to the next."""

    many_digits: re.Pattern[str]
    two_letters_before: re.Pattern[str]
    three_letters_before: re.Pattern[str]
    health: re.Pattern[str]

    @classmethod
    def compiled(cls, flags: re.RegexFlag = re.NOFLAG) -> _Glance:
        patterns = (
            rf"\d(?:{_GAP}?\d){{11}}",
            r"\d(?<=[a-z]{2}\d)",
            r"\d(?<=[a-z]{3}\d)|\d(?<=[a-z]{3}[^\w\s]\d)|\d(?<=[a-z]{3}\s\d)",
            AT_A_GLANCE,
        )
        return cls(*(re.compile(pattern, flags) for pattern in patterns))

    def tax_code(self, low: str) -> bool:
        return any(
            _BIRTHDAY.search(low, max(0, found.start() - 8), found.end() + 4)
            for found in self.three_letters_before.finditer(low)
        )


_ANY, _ASCII = _Glance.compiled(), _Glance.compiled(re.ASCII)
"""Text without accents is looked through in two thirds of the time."""
_SAYS_PASSWORD = ("pass", "parola d", "pwd", "psw")
_SAYS_CODE = ("pin", "otp", "cv", "codice", "code")
_SAYS_VAT = re.compile(r"\b(?:iva|vat)\b")
_PASSWORD = re.compile(
    r"\b(?:pass(?:word|code|wort|phrase)|parola d'ordine|pwd|psw)\b"
    r"(?:\s+(?!is\b)\w{1,14}(?:'\w+)?){0,4}?\s*(?P<verb>[:=]|->|è|e'|is\b)\s*(?P<quote>[\"'“«]?)(?P<value>[^\s\"”»]{4,64})",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:\b(?:pin|otp|cv[vc]2?)\b|codice (?:di |del )?(?:sicurezza|verifica|segreto|temporaneo|controllo)"
    r"|(?:security|verification|one[- ]time|confirmation) code)"
    r"(?:\s+(?:della?|del|dell'|di|of|for|the|my|mia|mio|carta|card|banca|bank|sms|ricevuto)\b'?){0,4}"
    r"\s*(?:[:=]|->|è|e'|is\b|sarebbe)?\s*(?P<value>\d(?:[ -]?\d){2,7}|(?=[A-Z]*\d)[A-Z0-9]{4,10})(?![\w])",
    re.IGNORECASE,
)
_NOT_A_PASSWORD = {
    "non", "not", "errata", "sbagliata", "sbagliato", "scaduta", "wrong", "expired", "incorrect", "invalid", "corretta",
    "giusta", "correct", "working", "quella", "questa", "stata", "troppo", "sempre", "still", "nothing", "niente",
    "nessuna", "dimenticata", "forgotten", "required",
}  # fmt: skip


def find(text: str, kinds: Collection[str] = frozenset(Kind)) -> list[Find]:
    """What is sensitive in `text`, from left to right, without overlaps. Only of these `kinds`."""
    found: list[Find] = []
    low = text.lower()
    seems = _ASCII if low.isascii() else _ANY
    if Kind.CARD in kinds and seems.many_digits.search(low):
        found += _cards(text)
    if Kind.IBAN in kinds and seems.two_letters_before.search(low):
        found += _ibans(text)
    if Kind.TAX_CODE in kinds and seems.tax_code(low):
        found += _tax_codes(text)
    if Kind.VAT_NUMBER in kinds and ("iva" in low or "vat" in low) and _SAYS_VAT.search(low):
        found += _vat_numbers(text)
    if Kind.SECRET in kinds:
        found += _codes(text) if any(word in low for word in _SAYS_CODE) else ()
        found += _passwords(text) if any(word in low for word in _SAYS_PASSWORD) else ()
    if Kind.HEALTH in kinds and seems.health.search(low):
        found += [Find(Kind.HEALTH, m.start(), m.end(), m[0]) for m in HEALTH.finditer(text)]
    return _outside_links(text, _apart(found)) if found else found


def _cards(text: str) -> Iterator[Find]:
    """Runs of digits, tried from each group on: an expiry date may follow, an order number go before."""
    for run in _NUMBER.finditer(text):
        groups = list(_GROUP.finditer(run[0]))
        first = 0
        while first < len(groups):
            last = _last_of_card(groups, first)
            if last is None:
                first += 1
                continue
            start, end = run.start() + groups[first].start(), run.start() + groups[last].end()
            yield Find(Kind.CARD, start, end, text[start:end])
            first = last + 1


def _last_of_card(groups: list[re.Match[str]], first: int) -> int | None:
    digits, fits = "", None
    for place in range(first, len(groups)):
        digits += groups[place][0]
        if len(digits) > 19:
            break
        if len(digits) >= 12 and checksums.is_card(digits):
            fits = place
    return fits


def _ibans(text: str) -> Iterator[Find]:
    for head in _IBAN.finditer(text):
        wanted = checksums.IBAN_LENGTHS.get(head[1].upper())
        if wanted is None:
            continue
        taken, place = "", head.start()
        while place < len(text) and len(taken) < wanted:
            char = text[place]
            if char.isascii() and char.isalnum():
                taken += char.upper()
            elif not re.match(_GAP, char):
                break
            place += 1
        whole = place == len(text) or not text[place].isalnum()
        if whole and checksums.is_iban(taken):
            yield Find(Kind.IBAN, head.start(), place, text[head.start() : place])


def _tax_codes(text: str) -> Iterator[Find]:
    for match in _TAX_CODE.finditer(text):
        bare = re.sub(_GAP, "", match[0]).upper()
        if bare.isascii() and checksums.is_tax_code(bare):
            yield Find(Kind.TAX_CODE, match.start(), match.end(), match[0])


def _vat_numbers(text: str) -> Iterator[Find]:
    for match in _VAT.finditer(text):
        if checksums.is_vat_number(match[1]):
            yield Find(Kind.VAT_NUMBER, match.start(1), match.end(1), match[1])


def _codes(text: str) -> Iterator[Find]:
    for match in _CODE.finditer(text):
        yield Find(Kind.SECRET, match.start("value"), match.end("value"), match["value"])


def _passwords(text: str) -> Iterator[Find]:
    for match in _PASSWORD.finditer(text):
        value = match["value"].rstrip(".,;:)'")
        if len(value) < 4 or value.lower().strip("'") in _NOT_A_PASSWORD:
            continue
        # "the password is wrong": after a verb only what looks like no word of the language.
        plain = value.isalpha() and (value.islower() or value.istitle())
        if match["verb"] not in {":", "=", "->"} and plain and not match["quote"]:
            continue
        start = match.start("value")
        yield Find(Kind.SECRET, start, start + len(value), value)


def _apart(found: list[Find]) -> list[Find]:
    """Sorted; of two that overlap the one that begins first stays, the longer when they begin alike."""
    kept: list[Find] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _outside_links(text: str, found: list[Find]) -> list[Find]:
    """Numbers inside an address of the web are its own: covering them would break the link."""
    links = [match.span() for match in _URL.finditer(text)]
    if not links:
        return found
    return [f for f in found if not any(start <= f.start and f.end <= end for start, end in links)]
