"""Every line of a mail, either to `text` or to `quoted`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sportello.channels.providers.email import phrases
from sportello.channels.providers.email.folding.attribution import any_of, attribution_at
from sportello.channels.providers.email.folding.blocks import FORWARDED
from sportello.channels.providers.email.folding.endings import cut_head, cut_tail
from sportello.channels.providers.email.folding.quotes import QUOTE, quotes_in

MAX_LINES = 20_000
FORWARD_WORDS = 60
"""An author who wrote no more than this above a forwarded mail meant the forwarded mail."""


@dataclass(frozen=True, slots=True)
class Folded:
    text: str
    quoted: str


_FORWARD_SUBJECT = re.compile(
    rf"^\W{{0,3}}(?:{any_of(phrases.FORWARD_SUBJECT)})\s?[:：]", re.IGNORECASE
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
    marked = quotes_in(mine)
    if _is_forward(lines, _together(known, own, marked), "fwd:" if forward else subject):
        return Folded("\n".join(line.rstrip() for line in lines).strip(), "")
    cut_tail(mine, marked)
    cut_head(mine, marked)
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
        bool(QUOTE.match(lines[first])) or attribution_at(lines, first) is not None
    )


def _is_forward(lines: Sequence[str], hidden: Sequence[bool], subject: str) -> bool:
    """A mail passed on with little or nothing above it: the forwarded mail is the message."""
    start = next((i for i, hide in enumerate(hidden) if hide), None)
    if start is None or sum(len(line.split()) for line in lines[:start]) > FORWARD_WORDS:
        return False
    filled = [line for line in lines[start : start + 12] if line.strip()][:3]
    return is_forward(subject) or any(FORWARDED.match(line) for line in filled)
