"""Do two texts speak of the same thing? Stems in common, rare ones counting more. Italian and English, pure.

No model: a set of stems a text, 0.1 ms. `docs/decisions` says what it was measured against.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

SAMPLE = 4_000
"""Characters of a text that are looked at."""
PREFIX = 6
"""Letters of a word that tell it: long enough for two languages, short enough for their endings."""
UNKNOWN = 1.0
FREQUENT = 0.25
"""Weight of the words that every customer writes, until the installation's own frequencies are known."""
FLOOR = 0.0005
"""A share of texts at and below which a word weighs fully."""

_WORD = re.compile(r"[a-z]{3,}")
_STOP_WORDS = """
che chi cui non per con del della dello delle degli dei dal dalla dalle dai dagli nel nella nelle nei sul sulla
sulle sui alla allo alle agli una uno gli mio mia miei mie suo sua loro nostro nostra vostro vostra vostri questo
questa questi queste quello quella quelli quelle sono sei siamo siete era erano essere stato stata stati state fosse
sia siano avere abbiamo avete hanno aveva avevo avevano avuto fare fatto faccio fate come cosa quando dove quanto
quale quali perche poi piu meno molto poco anche ancora gia solo ora adesso oggi ieri domani dopo prima senza fino
tra fra qui qua ecco allora quindi pero invece oppure mai sempre tutto tutti tutta tutte altro altra altri altre
ogni stesso vorrei volevo voglio vuole posso possiamo potete puo potrei potreste devo dobbiamo dovete deve dice
detto scrivo buongiorno buonasera salve ciao gentile gentili spett grazie mille cordiali saluti saluto distinti
cortesemente gentilmente favore prego attendo resto attesa riscontro cordialmente anticipo giorno giorni the and for
are was were has have had you your yours our ours they them their his her its this that these those with from into
about what when where which who whom whose why how not but yet still also just only very much more less than then
there here can could would should will shall may might must does did done being been get got let please thanks thank
hello dear regards best kind sincerely cheers any some all one two too out off over under again before after because
while until since now today yesterday tomorrow like want need know tell say said ask asked
"""
_STOP = frozenset(_STOP_WORDS.split())
_COMMON_WORDS = """
ordine ordini ordinato acquisto acquistato comprato prodotto articolo pacco cliente servizio assistenza problema
informazioni sapere numero mail email messaggio foto telefono indirizzo sito negozio euro arrivato arriva ricevuto
ricevere inviare inviato mandare mandato macchina funziona aiuto domanda risposta settimana settimane tempo order
orders ordered bought purchase product item parcel package customer service support problem issue information number
message photo picture phone address website shop store arrived arrive received receive send sent machine work works
working help question answer reply week weeks time days
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The part of a word that its forms share: ``guarnizioni`` and ``guarnizione`` are ``guarni``."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word[: -len(ending)]
            break
    return word[:PREFIX].rstrip("aeiou") or word[:PREFIX]


_COMMON_STEMS = frozenset(stem(word) for word in _COMMON)


def fold(text: str) -> str:
    """Lower case without accents."""
    lowered = text[:SAMPLE].lower()
    if lowered.isascii():
        return lowered
    parts = unicodedata.normalize("NFKD", lowered.replace("’", " ").replace("'", " "))
    return "".join(c for c in parts if not unicodedata.combining(c))


def words(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(_WORD.findall(fold(text)))


def stems(text: str) -> frozenset[str]:
    """The telling stems of a text, each once."""
    return telling(words(text))


def telling(words: frozenset[str]) -> frozenset[str]:
    """Stems of the words that not every text has."""
    return frozenset(map(stem, words - _STOP))


class Weights:
    """How much a stem tells: by how few of the installation's messages hold it, where that is known."""

    def __init__(self, shares: Mapping[str, float] | None = None) -> None:
        self._known: dict[str, float] = {}
        for lexeme, share in (shares or {}).items():
            key = stem(lexeme)
            weight = math.log(1 / max(share, FLOOR)) / math.log(1 / FLOOR)
            self._known[key] = min(self._known.get(key, 1.0), weight)

    def of(self, one: str) -> float:
        known = self._known.get(one, UNKNOWN)
        return min(known, FREQUENT) if one in _COMMON_STEMS else known

    def total(self, some: Iterable[str]) -> float:
        return sum(map(self.of, some))


def shared(some: frozenset[str], others: frozenset[str], weights: Weights) -> tuple[float, float]:
    """(share of the first text's weight that the second has too, how much that is in all: 0 to 1)."""
    common = weights.total(some & others)
    whole = weights.total(some)
    return (common / whole if whole else 0.0), 1.0 - math.exp(-common / 2.0)
