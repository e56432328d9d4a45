"""Search: what somebody typed (words, phrases, ``from:ada``, ``tag:refund``, ``after:2026-11-01``), and the tickets it finds.

First what says the words, stemmed and without accents, in Italian and English; when that is little, what begins like
the last word; when it is nothing, what is spelled nearly so.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from rapidfuzz import process
from rapidfuzz.distance import OSA

from sportello.channels.queries import mouths
from sportello.core import sql
from sportello.tickets.models import Status, Tag

ENOUGH = 24
"""Tickets: fewer, and words that begin like the last one are looked for too."""
SHORTEST = 3
"""Letters of a beginning; of a word that may be misspelled, one more."""
NEAR = 0.75
"""How alike two spellings must be: 1 less the share of letters to change, swap, add or drop."""
VOCABULARY_KEPT = 600.0
"""Seconds. The words are only in memory: what is erased is not spelled here for long."""

NAMES = {
    "from": "from", "da": "from", "tag": "tag", "etichetta": "tag", "channel": "channel", "canale": "channel",
    "status": "status", "stato": "status", "after": "after", "dal": "after", "since": "after", "before": "before",
    "prima": "before", "on": "on", "il": "on",
}  # fmt: skip
_PART = re.compile(r'(?P<not>-)?(?P<name>[^\W\d_]+):(?P<value>"[^"]+"|[^\s"]+)')
_LONG_ENOUGH = re.compile(rf"[^\W\d_]{{{SHORTEST + 1},}}")
_DAYS = re.compile(r"(\d{1,4})(?:d|g|gg)")

_CANDIDATES = """
WITH newest AS MATERIALIZED (
  SELECT id, ticket_id FROM tickets_message
   WHERE search @@ {query} AND id > (SELECT max(id) - 50000 FROM tickets_message) {narrow}
   ORDER BY id DESC LIMIT 1000
), older AS (
  SELECT id, ticket_id FROM tickets_message
   WHERE search @@ {query} AND (SELECT count(*) FROM newest) < 1000 {narrow} LIMIT 20000
)
SELECT ticket_id FROM newest
UNION SELECT ticket_id FROM (SELECT ticket_id FROM older ORDER BY id DESC LIMIT 1000) AS said
"""
"""Found by index first and capped, so that a common word costs no more than a rare one: what many of the newest
messages say is found among them, from the newest on; only for the rest is the whole index asked.
"""
_CALLED = """
UNION SELECT id FROM (
  SELECT id, subject FROM tickets_ticket ORDER BY last_message_at DESC, id DESC LIMIT 5000
) AS recent WHERE subject ILIKE %(like)s
UNION SELECT id FROM tickets_ticket WHERE contact_id = ANY(ARRAY(
  (SELECT id FROM contacts_contact WHERE name ILIKE %(like)s LIMIT 500)
  UNION (SELECT contact_id FROM contacts_identity WHERE address ILIKE %(like)s LIMIT 500)
))
UNION SELECT id FROM tickets_ticket WHERE number = %(number)s
"""
_PEOPLE = """
(SELECT id FROM contacts_contact WHERE name ILIKE %(like)s LIMIT 500)
UNION (SELECT contact_id FROM contacts_identity WHERE address ILIKE %(like)s LIMIT 500)
"""
_NEARLY_CALLED = """
UNION SELECT id FROM tickets_ticket WHERE contact_id = ANY(ARRAY(
  SELECT id FROM contacts_contact WHERE name %% %(words)s ORDER BY similarity(name, %(words)s) DESC LIMIT 20
))
"""
_AS_SAID = "sportello_query(%(words)s)"
_PREFIX = """(
  (websearch_to_tsquery('sportello_it', %(rest)s) && to_tsquery('sportello_it', %(prefix)s))
  || (websearch_to_tsquery('sportello_en', %(rest)s) && to_tsquery('sportello_en', %(prefix)s))
)"""
_NEAR = "%(near)s::tsquery"
_LEXEMES = """
SELECT word FROM ts_stat(
  'SELECT search FROM tickets_message WHERE id > (SELECT max(id) - 20000 FROM tickets_message)'
) WHERE ndoc > 1 AND length(word) BETWEEN 4 AND 30 AND word ~ '^[[:alpha:]]+$'
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search field, read: the words, and what narrows them."""

    words: str = ""
    narrow: Q = field(default_factory=Q)
    people: str = ""
    """Whom ``from:`` names."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    condition: Q
    nearly: bool = False
    """Nothing says the words as they were typed: these are spelled nearly so."""


def read(typed: str) -> Asked:
    """Take the narrowings out of what was typed. What looks like one and is none stays a word."""
    narrow, people, words = Q(), "", []
    bounds: dict[str, datetime] = {}
    at = 0
    for part in _PART.finditer(typed):
        name, value = NAMES.get(part["name"].casefold(), ""), part["value"].strip('"')
        if name == "from" and not part["not"]:
            people = value
        elif name in {"after", "before", "on"}:
            days = _day(value)
            if days is None:
                continue
            bounds |= _bounds(name, days)
        elif name in _MEANS:
            condition = _MEANS[name](value)
            narrow &= ~condition if part["not"] else condition
        else:
            continue
        words.append(typed[at : part.start()])
        at = part.end()
    words.append(typed[at:])
    return Asked(
        " ".join(" ".join(words).split()), narrow, people, bounds.get("since"), bounds.get("until")
    )


def find(typed: str) -> Found:
    """Which tickets are meant. Rights are the caller's: this is a condition, not an answer."""
    asked = read(typed)
    condition = asked.narrow
    if asked.since:
        condition &= Q(last_message_at__gte=asked.since)
    if asked.until:
        condition &= Q(created_at__lt=asked.until)
    within: list[int] | None = None
    if asked.people:
        people = _ids(_PEOPLE, {"like": _like(asked.people)})
        condition &= Q(contact_id__in=people)
        within = _ids("SELECT id FROM tickets_ticket WHERE contact_id = ANY(%(people)s) ORDER BY id DESC LIMIT 5000", {"people": people})  # fmt: skip
    if not asked.words:
        return Found(condition)
    ids, nearly = _said(asked, within)
    return Found(condition & Q(pk__in=ids), nearly)


def _said(asked: Asked, within: list[int] | None) -> tuple[set[int], bool]:
    words = asked.words
    params: dict[str, Any] = {
        "words": words,
        "like": _like(words),
        "number": int(n) if (n := words.lstrip("#")).isascii() and n.isdigit() and len(n) < 19 else None,
        "within": within, "since": asked.since, "until": asked.until,
    }  # fmt: skip
    narrow = ""
    if within is not None:
        narrow += " AND ticket_id = ANY(%(within)s)"
    if asked.since:
        narrow += " AND created_at >= %(since)s"
    if asked.until:
        narrow += " AND created_at < %(until)s"

    def ask(query: str, more: str = "") -> set[int]:
        return set(_ids(_CANDIDATES.format(query=query, narrow=narrow) + more, params))

    found = ask(_AS_SAID, _CALLED)
    if len(found) < ENOUGH and (prefix := _open_word(words)):
        params |= {"rest": words[: -len(prefix)], "prefix": f"{prefix}:*"}
        found |= ask(_PREFIX)
    if found:
        return found, False
    params["near"] = _nearly(words)
    return ask(_NEAR, _NEARLY_CALLED), True


def _open_word(words: str) -> str:
    """The last word, when more of it may be coming: letters only, outside a phrase, not excluded."""
    last = re.search(r"(?:^|\s)([^\W_]+)$", words)
    ended = last is None or words.count('"') % 2 or len(last[1]) < SHORTEST
    return "" if ended or last is None else last[1]


def _nearly(words: str) -> str:
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


def _tagged(value: str) -> Q:
    known = Tag.objects.filter(name__iexact=value).values_list("name", flat=True).first()
    return Q(tags__contains=[known or value])


def _on_channel(value: str) -> Q:
    """By the provider's kind, or by the beginning of its name or the channel's."""
    said = value.casefold()
    ids = [
        mouth.id
        for mouth in mouths().values()
        if said == mouth.provider.kind
        or mouth.provider.name.casefold().startswith(said)
        or mouth.name.casefold().startswith(said)
    ]
    return Q(channel_ids__overlap=ids) if ids else Q(pk__in=[])


def _with_status(value: str) -> Q:
    """By its name in the reader's language or in English."""
    said = value.casefold().replace(" ", "_")
    known = [
        status for status in Status
        if said in {status.value, str(status.label).casefold().replace(" ", "_")}
    ]  # fmt: skip
    return Q(status__in=known)


_MEANS: dict[str, Callable[[str], Q]] = {
    "tag": _tagged,
    "channel": _on_channel,
    "status": _with_status,
    "from": lambda value: Q(contact_id__in=_ids(_PEOPLE, {"like": _like(value)})),
}


def _day(text: str) -> date | None:
    """``2026-11-20``, ``20/11/2026``, ``20/11``, ``today``, ``ieri``, ``7d``; None for what is no day."""
    today = timezone.localdate()
    said = text.casefold()
    if ago := {"today": 0, "oggi": 0, "yesterday": 1, "ieri": 1}.get(said):
        return today - timedelta(days=ago)
    if said in {"today", "oggi"}:
        return today
    if days := _DAYS.fullmatch(said):
        return today - timedelta(days=int(days[1]))
    return next(_dates(said, today), None)


def _dates(text: str, today: date) -> Iterator[date]:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d/%m"):
        try:
            # A day without its year could be the 29th of February: read it in this very year.
            year = "" if "%Y" in form else f"/{today.year}"
            form = form if "%Y" in form else f"{form}/%Y"
            yield datetime.strptime(text + year, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue


def _bounds(name: str, day: date) -> dict[str, datetime]:
    """From midnight to midnight where the reader is."""
    zone = timezone.get_current_timezone()
    begins = datetime.combine(day, clock.min, zone)
    ends = datetime.combine(day + timedelta(days=1), clock.min, zone)
    match name:
        case "after":
            return {"since": begins}
        case "before":
            return {"until": begins}
        case _:
            return {"since": begins, "until": ends}


def _like(text: str) -> str:
    return "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"


def _ids(statement: str, params: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [row[0] for row in cursor.fetchall()]
