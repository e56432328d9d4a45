"""Tickets of two contacts who may be one person: does what the one writes belong to what the other began?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q

from sportello.contacts import events
from sportello.contacts.models import Suggestion
from sportello.core.events import Fact
from sportello.tickets.belonging.recognising import look_again
from sportello.tickets.models import Ticket
from sportello.tickets.reading.inbox import LIVE

NEWEST = 5
"""Open tickets of each, looked at when the two are suggested."""


def look_across(facts: Sequence[Fact], wrote: Collection[int], *, now: datetime) -> None:
    """After new suggestions, and after new tickets of people about whom one is open already.

    Suggests, never moves. Inside the caller's transaction.
    """
    pairs = {
        (fact.contact_id, int(fact.payload["other"]))
        for fact in facts
        if fact.type == events.CONTACTS_SUGGESTED and fact.contact_id
    }
    if wrote:
        about = Q(first__in=wrote) | Q(second__in=wrote)
        known = Suggestion.objects.filter(about, state=Suggestion.State.OPEN)
        for first, second in known.values_list("first_id", "second_id"):
            pairs |= {(first, second), (second, first)}
    for one, other in sorted(pairs):
        theirs = Ticket.objects.filter(contact=one, status__in=LIVE, merged_into=None)
        for ticket in theirs.order_by("-pk")[:NEWEST]:
            look_again(ticket, now=now, whose=other)
