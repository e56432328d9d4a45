"""What the ticket pane, its composer and its side show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.queries import shape_of, within
from sportello.accounts.rights import Rights
from sportello.contacts.queries import identities_of
from sportello.core.compiled import compiled
from sportello.core.fields import shown
from sportello.core.models import StoredFile
from sportello.tickets.confidential.forms import forms_of
from sportello.tickets.confidential.revealing import may_reveal
from sportello.tickets.models import CustomField, Draft, Participant, Ticket
from sportello.tickets.reading.hanging import Hanging, hanging
from sportello.tickets.reading.inbox import LIVE
from sportello.tickets.reading.timeline import story
from sportello.workspace import filling, likely, purchases
from sportello.workspace.access import AgentRequest, may_answer
from sportello.workspace.glyphs import identity_glyph
from sportello.workspace.reach import reaches
from sportello.workspace.rows import clock, row_of
from sportello.workspace.story.pieces import first_message, last_message, pieces

OTHERS = 8


def pane(request: AgentRequest, ticket: Ticket, *, since: int | None = None) -> dict[str, Any]:
    """Head, story and side: what a live update renders anew."""
    now, agent = timezone.now(), request.agent
    told, hangs = story(ticket, since=since), hanging(ticket, agent)
    draft = _draft(ticket=ticket.pk, agent=agent.pk) if hangs.draft else []
    return {
        "ticket": ticket,
        "can_answer": may_answer(request, ticket),
        "can_reveal": may_reveal(request.rights, ticket),
        "clock": clock(ticket, now),
        "draft": draft[0] if draft else None,
        "row": row_of(
            ticket,
            read_to=hangs.read_to,
            draft=draft[0].text if draft else "",
            now=now,
            selected=True,
        ),
        "pieces": pieces(told, ticket),
        "has_older": told.has_older,
        "first_message": first_message(told),
        "seen_message": last_message(told),
        "seen_event": hangs.last_event,
        **side(request, ticket, hangs),
    }


def with_composer(request: AgentRequest, ticket: Ticket) -> dict[str, Any]:
    """`pane` and the composer, which a live update never touches."""
    found = pane(request, ticket)
    return found | _composer(ticket, found["draft"], found["can_answer"], timezone.now())


@compiled
def _draft(*, ticket: Any, agent: Any) -> QuerySet[Draft]:
    return Draft.objects.filter(ticket_id=ticket, agent_id=agent)


def _composer(
    ticket: Ticket, draft: Draft | None, can_answer: bool, now: datetime
) -> dict[str, Any]:
    keys = draft.file_keys if draft else []
    ways = (
        reaches(ticket, now=now, draft_channel=draft.channel_id if draft else None)
        if can_answer
        else []
    )
    return {
        "draft_files": StoredFile.objects.filter(key__in=keys, bound=False).select_related("blob")
        if keys
        else [],
        "reaches": ways,
        "can_reply": can_answer and any(not reach.disabled for reach in ways),
        "endings": endings(),
        "ending": endings()[0],
    }


def endings() -> tuple[tuple[str, str], ...]:
    """What becomes of the ticket when the answer leaves; the first is the button's own."""
    return (
        ("pending", _("Send and wait")),
        ("open", _("Send and keep open")),
        ("solved", _("Send and solve")),
        ("on_hold", _("Send and put on hold")),
    )


def side(request: AgentRequest, ticket: Ticket, hangs: Hanging) -> dict[str, Any]:
    """The card of the customer beside the ticket."""
    people = likely.likely_people(request, ticket.contact) if hangs.suggestions else []
    forms, fields = hangs.forms, hangs.fields
    return {
        "bought": purchases.card(ticket.contact_id, request.rights),
        "likely": people,
        "likely_tickets": likely.likely_tickets(request, ticket, people)
        if hangs.belongings
        else [],
        "taken_in": likely.taken_in(ticket) if hangs.joined else None,
        "ids": [
            {"identity": identity, "glyph": identity_glyph(identity.kind)}
            for identity in identities_of(contact=ticket.contact_id)
        ],
        "secure_forms": forms_of(ticket) if forms else [],
        "participants": _participants(ticket=ticket.pk) if hangs.participants else [],
        "fields": [
            {
                "key": field.key,
                "label": field.label,
                "value": shown(field, ticket.custom.get(field.key)),
            }
            for field in (CustomField.objects.all() if fields else ())
        ],
        "has_brands": hangs.brands,
        **filling.card(ticket.contact),
        **_others(request, ticket),
    }


@compiled
def _participants(*, ticket: Any) -> QuerySet[Participant]:
    return Participant.objects.filter(thread__ticket_id=ticket).order_by("id")


def _others(request: AgentRequest, ticket: Ticket) -> dict[str, Any]:
    """The customer's newest other tickets, and how many there are in all."""
    found: list[Any] = _of_contact(shape_of(request.agent), contact=ticket.contact_id)
    others = [one for one in found if one.pk != ticket.pk]
    stats = {"tickets": found[0].tickets, "open": found[0].live} if found else {}
    return {"others": others[:OTHERS], "more_others": len(others) > OTHERS, "stats": stats}


@compiled
def _of_contact(rights: Rights, *, contact: Any) -> QuerySet[Ticket]:
    """The newest of those that he sees, each with the number of all (``tickets``) and of the open ones (``live``)."""
    mine = Ticket.objects.filter(within(rights), contact_id=contact, merged_into=None)
    counted = mine.annotate(
        tickets=Window(Count("pk")), live=Window(Count("pk", filter=Q(status__in=LIVE)))
    )
    shown = counted.only("number", "subject", "preview", "status", "last_message_at")
    return shown.order_by("-last_message_at", "-pk")[: OTHERS + 2]
