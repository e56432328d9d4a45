"""What people write that is spelled like a word that nobody says."""

from __future__ import annotations

import re
import time

from rapidfuzz import process
from rapidfuzz.distance import OSA

from sportello.core import sql

SHORTEST = 3
"""Letters of a beginning; of a word that may be misspelled, one more."""
NEAR = 0.75
"""How alike two spellings must be: 1 less the share of letters to change, swap, add or drop."""
VOCABULARY_KEPT = 600.0
"""Seconds. The words are only in memory: what is erased is not spelled here for long."""
_LONG_ENOUGH = re.compile(rf"[^\W\d_]{{{SHORTEST + 1},}}")
_LEXEMES = """
SELECT word FROM ts_stat(
  'SELECT search FROM tickets_message WHERE id > (SELECT max(id) - 20000 FROM tickets_message)'
) WHERE ndoc > 1 AND length(word) BETWEEN 4 AND 30 AND word ~ '^[[:alpha:]]+$'
"""


def spelled_like(words: str) -> str:
    """A query of what people write that is spelled like these words; each must have something like it."""
    known = _vocabulary()
    parts = []
    for word in _LONG_ENOUGH.findall(words):
        stems = sql.fetch("SELECT tsvector_to_array(to_tsvector('sportello_it', %s))", [word])[0][0]
        near = process.extract(
            (stems or [word.casefold()])[0], known,
            scorer=OSA.normalized_similarity, score_cutoff=NEAR, limit=3,
        )  # fmt: skip
        if not near:
            return ""
        parts.append("(" + " | ".join(f"'{lexeme}'" for lexeme, _, _ in near) + ")")
    return " & ".join(parts)


_known: tuple[float, list[str]] = (0.0, [])


def _vocabulary() -> list[str]:
    """Stems that at least two of the newest messages have."""
    global _known
    if not _known[1] or time.monotonic() - _known[0] > VOCABULARY_KEPT:
        _known = time.monotonic(), [row[0] for row in sql.fetch(_LEXEMES)]
    return _known[1]
