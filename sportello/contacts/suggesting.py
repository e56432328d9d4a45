"""Suggestions that two contacts are one person: raised by what is noticed, accepted or dismissed by people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from sportello.contacts import events
from sportello.contacts.matching import Match, matches
from sportello.contacts.merging import merge, not_the_same
from sportello.contacts.models import Contact, Proof, Suggestion
from sportello.core import sql
from sportello.core.actors import SYSTEM, Actor
from sportello.core.compiled import compiled
from sportello.core.events import Fact, record_many

REASONS = 6
"""Of one suggestion: more persuade nobody."""


def open_suggestions(contact: Contact) -> QuerySet[Suggestion]:
    """What waits for a yes or no about this contact, newest first."""
    return _open(contact.pk)


@compiled
def open_of(*, contact: Any) -> QuerySet[Suggestion]:
    """The same for a page that has more to ask: a few of them."""
    return _open(contact)[:AT_ONCE]


AT_ONCE = 12


def _open(contact: Any) -> QuerySet[Suggestion]:
    about = Q(first_id=contact) | Q(second_id=contact)
    return (
        Suggestion.objects.filter(about, state=Suggestion.State.OPEN)
        .select_related("first__organization", "second__organization")
        .order_by("-pk")
    )


def other_of(suggestion: Suggestion, contact_id: int) -> Contact:
    return suggestion.second if suggestion.first_id == contact_id else suggestion.first


def look(contact_ids: Iterable[int], *, now: datetime) -> list[Fact]:
    """Notice who these people may be. Inside the caller's transaction; returns the facts to record."""
    return suggest(matches(sorted(set(contact_ids))), now=now)


_RAISE = """
INSERT INTO contacts_suggestion (first_id, second_id, reasons, state, decided_by, created_at)
SELECT first_id, second_id, reasons, 'open', '', %s
FROM unnest(%s::bigint[], %s::bigint[], %s::jsonb[]) AS t(first_id, second_id, reasons)
ORDER BY first_id, second_id
ON CONFLICT DO NOTHING
RETURNING id, first_id, second_id
"""

_WAITING = """
SELECT s.id, s.first_id, s.second_id, s.reasons
FROM unnest(%s::bigint[], %s::bigint[]) AS t(first_id, second_id)
JOIN contacts_suggestion s USING (first_id, second_id)
WHERE s.state = 'open'
ORDER BY s.id FOR NO KEY UPDATE OF s
"""

_ADD = """
UPDATE contacts_suggestion s SET reasons = t.reasons
FROM unnest(%s::bigint[], %s::jsonb[]) AS t(id, reasons) WHERE s.id = t.id
"""


def suggest(found: Iterable[Match], *, now: datetime) -> list[Fact]:
    """Raise them, or add reasons to those that wait. A pair that somebody decided about is left alone.

    Three statements for any number. Inside the caller's transaction; returns the facts to record.
    """
    reasons: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for match in found:
        low, high = sorted((match.contact_id, match.other_id))
        _add(match.as_json, reasons.setdefault((low, high), []))
    if not reasons:
        return []
    rows = [(*pair, json.dumps(said[:REASONS])) for pair, said in reasons.items()]
    raised = {(low, high): pk for pk, low, high in sql.fetch(_RAISE, [now, *sql.columns(rows)])}
    _add_to_waiting({pair: said for pair, said in reasons.items() if pair not in raised})
    return [
        Fact(events.CONTACTS_SUGGESTED, None, one, SYSTEM, {"suggestion": raised[pair], "other": other})
        for pair in reasons
        if pair in raised
        for one, other in (pair, pair[::-1])
    ]  # fmt: skip


def _add_to_waiting(reasons: dict[tuple[int, int], list[dict[str, Any]]]) -> None:
    if not reasons:
        return
    changed: list[tuple[int, str]] = []
    for pk, low, high, text in sql.fetch(_WAITING, sql.columns(sorted(reasons))):
        known = json.loads(text)
        more = list(known)
        for reason in reasons[low, high]:
            _add(reason, more)
        if more[:REASONS] != known:
            changed.append((pk, json.dumps(more[:REASONS])))
    if changed:
        sql.fetch(_ADD, sql.columns(changed))


def _add(reason: dict[str, Any], to: list[dict[str, Any]]) -> None:
    """Once each."""
    if not any(reason["reason"] == r["reason"] and reason["value"] == r["value"] for r in to):
        to.append(reason)


def survivor_of(one: Contact, other: Contact) -> tuple[Contact, Contact]:
    """(who stays, who goes): with more proved addresses, then the older."""

    def worth(contact: Contact) -> tuple[int, int]:
        proved = contact.identities.filter(proof=Proof.VERIFIED).count()
        return proved, -contact.pk

    return (one, other) if worth(one) >= worth(other) else (other, one)


def accept(*, suggestion: Suggestion, actor: Actor, now: datetime) -> Contact:
    """Yes, one person: merge them; `merging.unmerge` takes it back. Returns who stays."""
    stays, goes = survivor_of(suggestion.first, suggestion.second)
    return merge(contact=goes, into=stays, actor=actor, now=now)


def dismiss(*, suggestion: Suggestion, actor: Actor, now: datetime) -> None:
    """No, two people: not suggested again."""
    with transaction.atomic():
        first, second = suggestion.first_id, suggestion.second_id
        list(
            Contact.objects.select_for_update(no_key=True)
            .filter(pk__in=[first, second])
            .order_by("pk")
            .values_list("pk")
        )
        not_the_same(first, second, actor=actor, now=now)
        record_many(
            [
                Fact(
                    events.SUGGESTION_DISMISSED, None, one, actor,
                    {"suggestion": suggestion.pk, "other": other},
                )
                for one, other in ((first, second), (second, first))
            ],
            now=now,
        )  # fmt: skip
