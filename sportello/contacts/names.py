"""People's names as they are written, compared with caution. Pure."""

from __future__ import annotations

import re

from sportello.language.likeness import fold

_WORD = re.compile(r"[a-z0-9]+")
_TITLES = frozenset(
    "sig sigra signor signora dott dottssa dottoressa dottore ing avv geom rag prof arch mr mrs ms miss dr sir".split()  # noqa: SIM905
)


def words_of(name: str) -> list[str]:
    """The words of a name without titles and accents, in lower case."""
    return [word for word in _WORD.findall(fold(name)) if word not in _TITLES]


def same_name(one: str, other: str) -> bool:
    """``Ada Neri``, ``NERI Ada``, ``Ada M. Neri``: at least two whole words in common, none against."""
    first, second = words_of(one), words_of(other)
    whole = {w for w in first if len(w) > 1} & {w for w in second if len(w) > 1}
    return len(whole) >= 2 and not different_people(one, other)


def different_people(one: str, other: str) -> bool:
    """Two full names that cannot be one person's: each has a word that the other has not, not even as an initial.

    ``Ada Neri`` and ``Bruno Neri`` are two people at one address. A single word tells nothing.
    """
    first, second = words_of(one), words_of(other)
    if len(first) < 2 or len(second) < 2:
        return False
    return bool(_without(first, second)) and bool(_without(second, first))


def _without(some: list[str], others: list[str]) -> list[str]:
    """Words of `some` that nothing in `others` answers, an initial answering for its word."""
    return [
        word
        for word in some
        if not any(word == o or (1 in {len(word), len(o)} and word[0] == o[0]) for o in others)
    ]
