"""Suggestions that two contacts are one person: raised by what is noticed, accepted or dismissed by people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from sportello.contacts import events
from sportello.contacts.matching import Match, matches, worth_looking
from sportello.contacts.merging import merge, not_the_same
from sportello.contacts.models import Contact, Proof, Suggestion
from sportello.core.actors import SYSTEM, Actor
from sportello.core.events import Fact, record_many


def open_suggestions(contact: Contact) -> QuerySet[Suggestion]:
    """What waits for a yes or no about this contact, newest first."""
    about = Q(first=contact) | Q(second=contact)
    return (
        Suggestion.objects.filter(about, state=Suggestion.State.OPEN)
        .select_related("first__organization", "second__organization")
        .order_by("-pk")
    )


def other_of(suggestion: Suggestion, contact_id: int) -> Contact:
    return suggestion.second if suggestion.first_id == contact_id else suggestion.first


def look(contact_ids: Iterable[int], *, now: datetime) -> list[Fact]:
    """Notice who these people may be. Inside the caller's transaction; returns the facts to record."""
    facts: list[Fact] = []
    people = Contact.objects.filter(pk__in=worth_looking(list(contact_ids))).order_by("pk")
    for contact in people.prefetch_related("identities"):
        for match in matches(contact):
            facts += suggest(contact, match, now=now)
    return facts


def suggest(contact: Contact, match: Match, *, now: datetime) -> list[Fact]:
    """Raise it, or add a reason to one that waits. A pair that somebody decided about is left alone."""
    low, high = sorted([contact.pk, match.contact.pk])
    row, created = Suggestion.objects.get_or_create(
        first_id=low, second_id=high, defaults={"reasons": [match.as_json], "created_at": now}
    )
    if not created:
        known = {(r["reason"], r["value"]) for r in row.reasons}
        if row.state == Suggestion.State.OPEN and (match.reason, match.value) not in known:
            row.reasons = [*row.reasons, match.as_json][:6]
            row.save(update_fields=["reasons"])
        return []
    return [
        Fact(events.CONTACTS_SUGGESTED, None, one, SYSTEM, {"suggestion": row.pk, "other": other})
        for one, other in ((low, high), (high, low))
    ]


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
