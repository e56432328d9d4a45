"""What the ticket pane, its composer and its side show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.models import Brand
from sportello.contacts.models import Identity
from sportello.core.fields import shown
from sportello.core.models import StoredFile
from sportello.tickets.confidential.forms import forms_of
from sportello.tickets.confidential.revealing import may_reveal
from sportello.tickets.models import CustomField, Draft, Participant, Ticket
from sportello.tickets.reading.inbox import LIVE
from sportello.tickets.reading.timeline import last_event, story
from sportello.workspace import filling, likely, purchases
from sportello.workspace.access import AgentRequest, may_answer, seen
from sportello.workspace.glyphs import identity_glyph
from sportello.workspace.reach import reaches
from sportello.workspace.rows import clock, rows
from sportello.workspace.story.pieces import first_message, last_message, pieces

OTHERS = 8


def pane(request: AgentRequest, ticket: Ticket, *, since: int | None = None) -> dict[str, Any]:
    """Head, story and side: what a live update renders anew."""
    now = timezone.now()
    told = story(ticket, since=since)
    return {
        "ticket": ticket,
        "can_answer": may_answer(request, ticket),
        "can_reveal": may_reveal(request.rights, ticket),
        "clock": clock(ticket, now),
        "row": rows([ticket], request.agent, now=now, selected=ticket.number)[0],
        "pieces": pieces(told, ticket),
        "has_older": told.has_older,
        "first_message": first_message(told),
        "seen_message": last_message(told),
        "seen_event": last_event(ticket),
        **_side(request, ticket),
    }


def with_composer(request: AgentRequest, ticket: Ticket) -> dict[str, Any]:
    """`pane` and the composer, which a live update never touches."""
    now = timezone.now()
    draft = Draft.objects.filter(ticket=ticket, agent=request.agent).first()
    found = pane(request, ticket)
    return found | _composer(ticket, draft, found["can_answer"], now)


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
        "draft": draft,
        "draft_files": StoredFile.objects.filter(key__in=keys, bound=False).select_related("blob")
        if keys
        else [],
        "reaches": ways,
        "can_reply": can_answer and any(not reach.disabled for reach in ways),
        "endings": endings(),
        "ending": endings()[0],
    }


def endings() -> list[tuple[str, str]]:
    """What becomes of the ticket when the answer leaves; the first is the button's own."""
    return [
        ("pending", _("Send and wait")),
        ("open", _("Send and keep open")),
        ("solved", _("Send and solve")),
        ("on_hold", _("Send and put on hold")),
    ]


def _side(request: AgentRequest, ticket: Ticket) -> dict[str, Any]:
    mine = seen(request).filter(contact_id=ticket.contact_id, merged_into=None)
    others = list(mine.exclude(pk=ticket.pk).order_by("-last_message_at", "-id")[: OTHERS + 1])
    return {
        "bought": purchases.card(ticket.contact_id, request.rights),
        "likely": likely.likely_people(request, ticket.contact),
        "likely_tickets": likely.likely_tickets(request, ticket),
        "taken_in": likely.taken_in(ticket),
        "stats": mine.aggregate(tickets=Count("pk"), open=Count("pk", filter=Q(status__in=LIVE))),
        "ids": [
            {"identity": identity, "glyph": identity_glyph(identity.kind)}
            for identity in Identity.objects.filter(contact_id=ticket.contact_id).order_by("id")
        ],
        "secure_forms": forms_of(ticket),
        "participants": list(Participant.objects.filter(thread__ticket=ticket).order_by("id")),
        "others": others[:OTHERS],
        "more_others": len(others) > OTHERS,
        "fields": [
            {
                "key": field.key,
                "label": field.label,
                "value": shown(field, ticket.custom.get(field.key)),
            }
            for field in CustomField.objects.all()
        ],
        "brands": Brand.objects.count(),
        **filling.card(ticket.contact),
    }
