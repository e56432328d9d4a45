"""Which language is a text in? Lingua, restricted to the languages our users meet; loaded when first asked."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

SAMPLE = 200
"""Characters looked at: the subject and the first sentences. Time grows with the length."""

MIN_LETTERS = 12
"""Shorter texts say too little."""

SURE_WORDS = 3
"""Small words of one language, and of no other, that make up our mind."""

_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@cache
def _detector() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    languages = [
        Language.ITALIAN,
        Language.ENGLISH,
        Language.FRENCH,
        Language.GERMAN,
        Language.SPANISH,
        Language.PORTUGUESE,
    ]
    return (
        LanguageDetectorBuilder.from_languages(*languages)
        .with_low_accuracy_mode()
        .with_minimum_relative_distance(0.05)
        .build()
    )


_WORDS = {
    "it": "il lo gli di che è sono ho ha della dello delle degli nel nella alla ma più buongiorno salve grazie questo"
    " perché vorrei mi vi anche abbiamo posso quando cosa ancora dell",
    "en": "the and is are was have has you your my with this that would could please hello hi thanks not from what when"
    " where it been they will can",
    "fr": "le les des est je vous nous avec pour dans sur pas bonjour merci votre une qui été cette j'ai c'est au aux ce"
    " mais sont",
    "de": "der das und ist ich nicht ein eine mit für auf sie wir ihr ihre habe bitte danke hallo guten wie zu den dem von"
    " auch kann bei wurde",
    "es": "el los las y es por una pedido hola gracias buenos mi está pero muy puedo cuando cómo usted del al su más"
    " tengo desde hace",
    "pt": "o os uma não é com você olá obrigado obrigada meu minha bom dia mas quando já da do ao foi está eu em muito"
    " vocês ainda seu",
}


@cache
def _telling() -> dict[str, str]:
    """Word → its language, for words that only one of the languages has here."""
    owners: dict[str, set[str]] = {}
    for language, words in _WORDS.items():
        for word in words.split():
            owners.setdefault(word, set()).add(language)
    return {word: next(iter(one)) for word, one in owners.items() if len(one) == 1}


def _at_a_glance(sample: str) -> str:
    """The language when its small words leave no doubt; the model costs thirty times as much."""
    telling, seen = _telling(), dict[str, set[str]]()
    for word in _LETTERS.findall(sample.lower()):
        if language := telling.get(word):
            seen.setdefault(language, set()).add(word)
    if len(seen) != 1:
        return ""
    language, words = next(iter(seen.items()))
    return language if len(words) >= SURE_WORDS else ""


def language_of(text: str) -> str:
    """ISO 639-1 code in lower case, or "" when the text is too short or too mixed to tell."""
    sample = text[:SAMPLE]
    if sum(c.isalpha() for c in sample) < MIN_LETTERS:
        return ""
    if quick := _at_a_glance(sample):
        return quick
    found = _detector().detect_language_of(sample)
    return str(found.iso_code_639_1.name.lower()) if found else ""
