"""``/tickets/{number}/messages`` and ``/messages/{id}/raw``."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from ninja import Query, Router

from sportello.api import cursors, lookups, show
from sportello.api.problems import NotFound
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Id, Number, Out, Page, Paged
from sportello.api.shapes import MessageOut
from sportello.channels.models import SpoolItem
from sportello.core.clock import now
from sportello.tickets.arrival import raw_of
from sportello.tickets.confidential import documents, revealing
from sportello.tickets.models import Message, SealedOriginal
from sportello.tickets.queries import visible_to

of_ticket = Router(tags=["messages"])
router = Router(tags=["messages"])

NOT_TO_BE_SHOWN = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def with_all(messages: Any) -> Any:
    """Fetched at once with what `show.message` needs."""
    rows = messages.select_related("agent", "identity", "channel", "sealed")
    rows = rows.defer("search", "sealed__body")
    rows = rows.annotate(has_raw=Exists(SpoolItem.objects.filter(pk=OuterRef("spool_id"))))
    return rows.prefetch_related("attachments__file", "deliveries")


@of_ticket.get("/{number}/messages", response=Page[MessageOut], summary="Read a ticket's messages")
def list_messages(request: ApiRequest, number: Number, page: Query[Paged]) -> Any:
    """Oldest first, notes among them."""
    ticket = lookups.ticket(request, number)
    rows = with_all(Message.objects.filter(ticket=ticket)).order_by("pk")
    if page.cursor:
        rows = rows.filter(pk__gt=cursors.read(f"messages.{number}", page.cursor, 1)[0])
    found = list(rows[: page.limit + 1])
    more, found = len(found) > page.limit, found[: page.limit]
    return {
        "items": [show.message(m, request.rights, ticket) for m in found],
        "next_cursor": cursors.make(f"messages.{number}", found[-1].pk) if more else None,
    }


class Value(Out):
    kind: str
    value: str


class RevealedOut(Out):
    subject: str
    text: str
    quoted: str
    values: list[Value]


@router.post("/{id}/reveal", response=RevealedOut, summary="Read what is covered in a message")
def reveal(request: ApiRequest, id: Id) -> Any:
    """For the roles that the privacy rules name. Noted in the audit log and in the ticket's story."""
    rows = Message.objects.filter(pk=id, ticket__in=visible_to(request.agent))
    message = rows.defer("search").first()
    if message is None:
        raise NotFound
    try:
        found = revealing.reveal(message=message, actor=request.actor, now=now())
    except (SealedOriginal.DoesNotExist, revealing.Erased) as error:
        raise NotFound from error
    values = [{"kind": kind, "value": value} for kind, value in found.values]
    return {
        "subject": found.subject,
        "text": found.text,
        "quoted": found.quoted,
        "values": values,
    }


@router.get("/{id}/raw", summary="Read what came in, byte for byte")
def raw(request: ApiRequest, id: Id) -> HttpResponse:
    """Never for light agents; when the message covers something, for who may reveal it. Always to be saved."""
    rows = Message.objects.filter(pk=id, ticket__in=visible_to(request.agent))
    message = rows.select_related("spool", "ticket__team").first()
    if message is None:
        raise NotFound
    require(lookups.answers(request.rights, message.ticket))
    if message.spool is None:
        raise NotFound
    revealing.check_raw(
        message=message, actor=request.actor, always=documents.holds_covered(message)
    )
    try:
        body = raw_of(message.spool).body
    except FileNotFoundError as error:
        raise NotFound from error
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="message-{message.pk}.raw"'
    for name, value in NOT_TO_BE_SHOWN.items():
        response[name] = value
    return response
