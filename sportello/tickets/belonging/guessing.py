"""The likeliest ticket for each message of a wave: everything is read at once, then weighed by `signs`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from sportello.core import evidence, sql
from sportello.core.evidence import evidence as source
from sportello.language import likeness
from sportello.language.likeness import Weights
from sportello.language.reading import read
from sportello.tickets.arrival import Guess
from sportello.tickets.belonging import signs
from sportello.tickets.belonging.candidates import Candidate, Said, Wanted, said_in

CLEARLY = 15
"""Percent by which the likeliest must be ahead of the next to be continued without asking."""
REFRESH = 3_600.0
"""Seconds for which the installation's word frequencies are kept."""

type Guessed = tuple[Guess, bool]
"""The likeliest ticket, and whether it is ahead of all others clearly."""


@source(signs.SOURCE)
def _numbers(texts: Sequence[str]) -> list[frozenset[str]]:
    return [read(text).references for text in texts]


def guesses(found: Sequence[tuple[Wanted, Sequence[Candidate]]], *, now: datetime) -> list[Guessed]:
    """One for each message. Two statements for all of them: what was said, and which orders are named."""
    if not found:
        return []
    said = said_in(sorted({c.ticket_id for _, candidates in found for c in candidates}))
    stories = {
        c.ticket_id: "\n".join([c.subject, *(text for _, text in said.get(c.ticket_id, ()))])
        for _, candidates in found
        for c in candidates
    }
    texts = list(dict.fromkeys([*(one.text for one, _ in found), *stories.values()]))
    named = dict(zip(texts, evidence.named_in(texts), strict=True))
    return [_likeliest(one, candidates, said, stories, named, now) for one, candidates in found]


def _likeliest(
    one: Wanted,
    candidates: Sequence[Candidate],
    said: dict[int, Said],
    stories: dict[int, str],
    named: dict[str, dict[str, frozenset[str]]],
    now: datetime,
) -> Guessed:
    names = likeness.stems(candidates[0].names)
    message = signs.Words(one.text, named[one.text], names)
    judged = []
    for place, c in enumerate(candidates):
        text = stories[c.ticket_id]
        words = signs.Words(text, named[text], names)
        judged.append((_judge(message, c, words, said.get(c.ticket_id, []), now), -place, c))
    judged.sort(key=lambda row: (row[0].percent, row[1]), reverse=True)
    best, _, candidate = judged[0]
    ahead = len(judged) == 1 or best.percent - judged[1][0].percent >= CLEARLY
    return Guess(candidate.ticket_id, best.percent, best.reasons), ahead


def _judge(
    message: signs.Words,
    candidate: Candidate,
    words: signs.Words,
    said: Said,
    now: datetime,
) -> signs.Judgement:
    own = [text for direction, text in said if direction == "in"]
    story = signs.Story(
        number=candidate.number,
        words=words,
        own=signs.Words("\n".join([candidate.subject, *own])),
        hours=max(0.0, (now - candidate.last_message_at).total_seconds() / 3600),
        asked=candidate.last_author == "agent",
    )
    return signs.judge(message, story, weights())


_FREQUENCIES = """
SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'tickets_message' AND attname = 'search'
"""

_weights: tuple[float, Weights] | None = None


def weights() -> Weights:
    """How much a word tells here: the planner's own statistics know how many messages hold it."""
    global _weights
    if _weights is None or time.monotonic() - _weights[0] > REFRESH:
        rows = sql.fetch(_FREQUENCIES)
        shares = dict(zip(rows[0][0], rows[0][1], strict=False)) if rows and rows[0][0] else {}
        _weights = time.monotonic(), Weights(shares)
    return _weights[1]
