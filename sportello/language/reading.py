"""What is read out of a text so that it can be compared with others. Pure.

Whoever writes often has the same tickets read with each of his messages: the last few hundred texts are kept in mind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sportello.language import likeness, references, topics

KEPT = 256


@dataclass(frozen=True, slots=True)
class Reading:
    stems: frozenset[str]
    topics: frozenset[str]
    references: frozenset[str]


def read(text: str) -> Reading:
    return _read(text[: likeness.SAMPLE])


@lru_cache(maxsize=KEPT)
def _read(text: str) -> Reading:
    words = likeness.words(text)
    return Reading(likeness.telling(words), topics.of(words), references.references(text))
