"""Quoted lines, and what a mail program writes above a quote."""

from __future__ import annotations

import re

from sportello.channels.providers.email.folding.attribution import attribution
from sportello.channels.providers.email.folding.blocks import (
    FORWARDED,
    ORIGINAL,
    header_block,
    rule_above,
)

QUOTE = re.compile(r"^\s{0,3}(?:>(?!\s?:\s*$)|&gt;|\|\s)")


def quotes_in(lines: list[str]) -> list[bool]:
    """Quoted lines, and from the first unmarked quote (a header block, an introduction) all the rest."""
    marked = [bool(QUOTE.match(line)) for line in lines]
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
            mark(marked, begin, number + 1)
            if follows is not None and not marked[follows]:
                return mark(marked, begin, len(lines))
        elif ORIGINAL.match(line) or FORWARDED.match(line) or header_block(lines, number):
            follows = _next_filled(lines, number + 1)
            if (follows is not None and not marked[follows]) or header_block(lines, number):
                return mark(marked, rule_above(lines, number), len(lines))
            mark(marked, number, number + 1)
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


def mark(marked: list[bool], start: int, end: int) -> list[bool]:
    """Lines from `start` to before `end` are not the author's. Changes `marked`, and returns it."""
    marked[start:end] = [True] * (end - start)
    return marked


def _next_filled(lines: list[str], start: int) -> int | None:
    return next((i for i in range(start, min(start + 6, len(lines))) if lines[i].strip()), None)
