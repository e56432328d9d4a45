"""The tickets that are meant: by index first, and capped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from sportello.tickets.reading.search.asked import PEOPLE, Asked, read
from sportello.tickets.reading.search.newest import newest
from sportello.tickets.reading.search.rows import ids_of, like
from sportello.tickets.reading.search.spelling import SHORTEST, spelled_like

ENOUGH = 24
"""Tickets: fewer, and words that begin like the last one are looked for too."""
_CALLED = """
SELECT id FROM (
  SELECT id, subject FROM tickets_ticket ORDER BY last_message_at DESC, id DESC LIMIT 5000
) AS recent WHERE subject ILIKE %(like)s
UNION SELECT id FROM tickets_ticket WHERE contact_id = ANY(ARRAY(
  (SELECT id FROM contacts_contact WHERE name ILIKE %(like)s LIMIT 500)
  UNION (SELECT contact_id FROM contacts_identity WHERE address ILIKE %(like)s LIMIT 500)
))
UNION SELECT id FROM tickets_ticket WHERE number = %(number)s
"""
_NEARLY_CALLED = """
SELECT id FROM tickets_ticket WHERE contact_id = ANY(ARRAY(
  SELECT id FROM contacts_contact WHERE name %% %(words)s ORDER BY similarity(name, %(words)s) DESC LIMIT 20
))
"""
_AS_SAID = "sportello_query(%(words)s)"
_PREFIX = """(
  (websearch_to_tsquery('sportello_it', %(rest)s) && to_tsquery('sportello_it', %(prefix)s))
  || (websearch_to_tsquery('sportello_en', %(rest)s) && to_tsquery('sportello_en', %(prefix)s))
)"""
_NEAR = "%(near)s::tsquery"


@dataclass(frozen=True, slots=True)
class Found:
    condition: Q
    nearly: bool = False
    """Nothing says the words as they were typed: these are spelled nearly so."""


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
        people = ids_of(PEOPLE, {"like": like(asked.people)})
        condition &= Q(contact_id__in=people)
        within = ids_of("SELECT id FROM tickets_ticket WHERE contact_id = ANY(%(people)s) ORDER BY id DESC LIMIT 5000", {"people": people})  # fmt: skip
    if not asked.words:
        return Found(condition)
    ids, nearly = _said(asked, within)
    return Found(condition & Q(pk__in=ids), nearly)


def _said(asked: Asked, within: list[int] | None) -> tuple[set[int], bool]:
    words = asked.words
    params: dict[str, Any] = {
        "words": words,
        "like": like(words),
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

    found = newest(_AS_SAID, narrow, params) | set(ids_of(_CALLED, params))
    if len(found) < ENOUGH and (prefix := _open_word(words)):
        params |= {"rest": words[: -len(prefix)], "prefix": f"{prefix}:*"}
        found |= newest(_PREFIX, narrow, params)
    if found:
        return found, False
    params["near"] = spelled_like(words)
    return newest(_NEAR, narrow, params) | set(ids_of(_NEARLY_CALLED, params)), True


def _open_word(words: str) -> str:
    """The last word, when more of it may be coming: letters only, outside a phrase, not excluded."""
    last = re.search(r"(?:^|\s)([^\W_]+)$", words)
    ended = last is None or words.count('"') % 2 or len(last[1]) < SHORTEST
    return "" if ended or last is None else last[1]
