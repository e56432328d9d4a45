"""Two contacts are one person, and what the one wrote goes on in the other's ticket: said in one go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sportello.contacts import suggesting
from sportello.contacts.models import Contact, Suggestion
from sportello.core.actors import Actor
from sportello.tickets.actions.joining import CannotMerge, merge
from sportello.tickets.locking import lock_ids
from sportello.tickets.models import Ticket


def join_both(*, ticket: Ticket, into: Ticket, actor: Actor, now: datetime) -> Ticket:
    """Merge the two contacts, as was suggested, and the ticket into the other's. Each is taken back by itself.

    Whether the actor reaches all of both people is asked by the door. Raises `CannotMerge`.
    """
    with transaction.atomic():
        pair = sorted({ticket.contact_id, into.contact_id})
        list(Contact.objects.select_for_update().filter(pk__in=pair).order_by("pk"))
        row = between(*pair) if len(pair) == 2 else None
        if row is None:
            raise CannotMerge(_("Nothing suggests that these two are one person."))
        # Contacts, then tickets, then the event lock: all that move are held before the first fact.
        lock_ids(Ticket.objects.filter(contact__in=pair).values_list("pk", flat=True))
        suggesting.accept(suggestion=row, actor=actor, now=now)
        return merge(ticket=ticket, into=into, actor=actor, now=now)


def between(one: int, other: int) -> Suggestion | None:
    """The open suggestion that these two are one."""
    about = Q(first=min(one, other), second=max(one, other))
    rows = Suggestion.objects.filter(about, state=Suggestion.State.OPEN)
    return rows.select_related("first", "second").first()
