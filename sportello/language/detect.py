"""Which language is a text in? Lingua, restricted to the languages our users meet; loaded when first asked."""

from __future__ import annotations

from functools import cache
from typing import Any

SAMPLE = 200
"""Characters looked at: the subject and the first sentences. Time grows with the length."""

MIN_LETTERS = 12
"""Shorter texts say too little."""


@cache
def _detector() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    languages = [Language.ITALIAN, Language.ENGLISH, Language.FRENCH, Language.GERMAN, Language.SPANISH, Language.PORTUGUESE]
    return (
        LanguageDetectorBuilder.from_languages(*languages)
        .with_low_accuracy_mode()
        .with_minimum_relative_distance(0.05)
        .build()
    )


def language_of(text: str) -> str:
    """ISO 639-1 code in lower case, or "" when the text is too short or too mixed to tell."""
    sample = text[:SAMPLE]
    if sum(c.isalpha() for c in sample) < MIN_LETTERS:
        return ""
    found = _detector().detect_language_of(sample)
    return str(found.iso_code_639_1.name.lower()) if found else ""
