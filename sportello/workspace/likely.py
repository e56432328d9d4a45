"""“Perhaps the same person”, “perhaps the same problem”: what is suggested beside a ticket, with its reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.contacts.models import Contact, Identity, Merge, Suggestion
from sportello.contacts.suggesting import open_of, other_of
from sportello.core.compiled import compiled
from sportello.tickets import people
from sportello.tickets.models import Belonging, Joining, Ticket
from sportello.workspace.access import AgentRequest, seen
from sportello.workspace.glyphs import Glyph, called, identity_glyph

SHOWN = 3
UNDO = timedelta(days=1)
"""For so long a merge of tickets offers its undoing at the top of the one that goes on."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Another contact who may be this one."""

    suggestion: Suggestion
    other: Contact
    name: str
    glyphs: list[Glyph]
    why: str
    may_join: bool


def likely_people(request: AgentRequest, contact: Contact) -> list[Likely]:
    """Suggestions about this contact whose other side he may see. Others do not exist for him."""
    rows = open_of(contact=contact.pk)[: SHOWN * 3]
    if not rows:
        return []
    others = {row.pk: other_of(row, contact.pk) for row in rows}
    visible = set(
        people.visible_to(request.agent)
        .filter(pk__in=[o.pk for o in others.values()])
        .values_list("pk", flat=True)
    )
    return [
        _likely(request, contact, row, others[row.pk])
        for row in rows
        if others[row.pk].pk in visible
    ][:SHOWN]


def _likely(request: AgentRequest, contact: Contact, row: Suggestion, other: Contact) -> Likely:
    glyphs = [identity_glyph(i.kind) for i in Identity.objects.filter(contact=other)[:6]]
    once = list({glyph.icon: glyph for glyph in glyphs}.values())
    may = people.reaches_all(request.agent, contact) and people.reaches_all(request.agent, other)
    return Likely(row, other, called(other, glyphs), once, why_one(row.reasons), may)


def why_one(reasons: list[dict[str, Any]]) -> str:
    """Why two contacts may be one person, as a phrase."""
    said = {
        "claimed": _("one has given %(value)s, which the other has too"),
        "number": _("the same number %(value)s"),
        "signature": _("%(value)s stands in a signature"),
        "mailbox": _("the same mailbox as %(value)s"),
        "name": _("the same name at %(value)s"),
        "ticket": _("one names ticket n. %(value)s, which the other opened"),
        "order": _("speaks of order %(value)s, which the other placed"),
        "moved": _("the channel says that the number has become %(value)s"),
        "proved": _("has shown that he reads %(value)s"),
    }
    found = [said[r["reason"]] % {"value": r["value"]} for r in reasons if r["reason"] in said]
    return "; ".join(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class LikelyTicket:
    """An earlier ticket that this one may belong to."""

    to: Ticket
    percent: int
    why: str
    person: Likely | None = None
    """Whose it is, when he only may be the same person."""


def likely_tickets(
    request: AgentRequest, ticket: Ticket, others: Sequence[Likely]
) -> list[LikelyTicket]:
    """Of those he sees. `others`: who may be the same person; tickets of anybody else are not named."""
    rows = Belonging.objects.filter(
        ticket=ticket, state=Belonging.State.OPEN, to__in=seen(request), to__merged_into=None
    )
    by_contact = {one.other.pk: one for one in others}
    return [
        LikelyTicket(row.to, row.percent, why_same(row.reasons), by_contact.get(row.to.contact_id))
        for row in rows.select_related("to").order_by("-percent")[: SHOWN * 2]
        if row.to.contact_id == ticket.contact_id or row.to.contact_id in by_contact
    ][:SHOWN]


def why_same(reasons: Any) -> str:
    """Why two tickets may be one problem, as a phrase; nothing for what is no list of reasons."""
    if not isinstance(reasons, list):
        return ""
    said = {
        "ticket_number": _("names its number"),
        "same_reference": _("same order or parcel"),
        "same_words": _("same words"),
        "same_topic": _("same matter"),
        "asked": _("we had asked"),
        "goes_on": _("sounds like a continuation"),
        "recent": _("shortly after"),
    }
    return ", ".join(said[reason] for reason in reasons if reason in said)


def taken_in(ticket: Ticket) -> Joining | None:
    """The latest merge into this ticket, while its undoing is offered at the top."""
    since = timezone.now() - UNDO
    rows = Joining.objects.filter(into=ticket, undone_at=None, created_at__gt=since)
    return rows.select_related("ticket").order_by("-pk").first()


def merges_of(contact: Contact) -> list[Merge]:
    """Contacts that became part of this one, newest first."""
    return _merged(contact=contact.pk)


@compiled
def _merged(*, contact: Any) -> QuerySet[Merge]:
    return Merge.objects.filter(survivor_id=contact, undone_at=None).order_by("-pk")
