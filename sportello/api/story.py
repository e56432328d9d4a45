"""One person's story across tickets: messages and facts from outside, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from sportello.api import cursors, show
from sportello.api.models import ExternalFact
from sportello.api.requests import ApiRequest
from sportello.api.schemas import Out, Paged
from sportello.contacts.models import Contact
from sportello.tickets.models import Message
from sportello.tickets.preview import preview_of
from sportello.tickets.queries import visible_to


class Moment(Out):
    kind: str
    """``message`` or ``fact``."""
    at: datetime
    id: int
    ticket: int | None
    channel: dict[str, Any] | None
    direction: str | None
    type: str | None
    text: str
    data: dict[str, Any] | None


def of(request: ApiRequest, contact: Contact, page: Paged) -> dict[str, Any]:
    """One page: both kinds read from the same moment backwards, then woven together."""
    said = Q(ticket__contact=contact) | Q(identity__contact=contact)
    messages = Message.objects.filter(said, ticket__in=visible_to(request.agent))
    facts = ExternalFact.objects.filter(contact=contact)
    name = f"timeline.{contact.pk}"
    if page.cursor:
        at, kind, pk = cursors.read(name, page.cursor, 3)
        messages = messages.filter(_before("created_at", at, kind, pk, "message"))
        facts = facts.filter(_before("occurred_at", at, kind, pk, "fact"))
    size = page.limit + 1
    rows = (
        messages.select_related("ticket", "channel").defer("search").order_by("-created_at", "-pk")
    )
    moments = [_message(m) for m in rows[:size]]
    moments += [_fact(f) for f in facts.order_by("-occurred_at", "-pk")[:size]]
    moments.sort(key=lambda m: (m["at"], m["kind"], m["id"]), reverse=True)
    more, moments = len(moments) > page.limit, moments[: page.limit]
    last = moments[-1] if more else None
    key = cursors.make(name, last["at"].isoformat(), last["kind"], last["id"]) if last else None
    return {"items": moments, "next_cursor": key}


def _before(column: str, at: str, kind: str, pk: int, own: str) -> Q:
    """Strictly after the cursor's row in the order (moment, kind, id), all descending."""
    when = datetime.fromisoformat(at)
    earlier = Q((f"{column}__lt", when))
    if own == kind:
        return earlier | Q((column, when), ("pk__lt", pk))
    return earlier | Q((column, when)) if own < kind else earlier


def _message(row: Message) -> dict[str, Any]:
    return {
        "kind": "message",
        "at": row.created_at,
        "id": row.pk,
        "ticket": row.ticket.number,
        "channel": show.channel_ref(row.channel),
        "direction": row.direction,
        "type": None,
        "text": preview_of(row.text),
        "data": None,
    }


def _fact(row: ExternalFact) -> dict[str, Any]:
    return {
        "kind": "fact",
        "at": row.occurred_at,
        "id": row.pk,
        "ticket": None,
        "channel": None,
        "direction": None,
        "type": row.type,
        "text": "",
        "data": row.data,
    }
