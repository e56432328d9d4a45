"""What is done to a ticket: the verbs of everywhere, as POSTs."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ninja import Router, Status

from sportello.accounts.models import Agent
from sportello.accounts.queries import rights_of
from sportello.api import lookups, show
from sportello.api.bodies import (
    AssignIn,
    FileIn,
    MergeIn,
    NoteIn,
    Nothing,
    RefuseIn,
    ReplyIn,
    SnoozeIn,
    SpamIn,
    SplitIn,
    TagsIn,
    TemplateIn,
)
from sportello.api.problems import Problem, invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.routers.messages import with_all
from sportello.api.schemas import Number, Page
from sportello.api.shapes import BelongingOut, MessageOut, TicketOut
from sportello.contacts import addresses
from sportello.core import operations
from sportello.core.clock import now
from sportello.tickets import actions, people, uploads
from sportello.tickets.actions.words import own_files
from sportello.tickets.models import Message, Ticket

router = Router(tags=["verbs"])


@router.post("/{number}/reply", response={201: MessageOut}, summary="Answer the customer")
def reply(request: ApiRequest, number: Number, payload: ReplyIn) -> Any:
    """On the channel of the last talk, or the one named. Leaves at once."""
    ticket = lookups.answerable(request, number)
    channel = payload.channel
    params = {
        "text": payload.text,
        "html": payload.html,
        "channel": lookups.channel(request, channel, brand_id=ticket.brand_id).pk
        if channel
        else None,
        "files": _files(request, payload.attachments),
        "cc": tuple(payload.cc),
        "bcc": tuple(payload.bcc),
        "choices": tuple(payload.quick_replies),
        "instead_of": payload.instead_of,
        **_bridge(payload.bridge),
        **_template(payload.template),
    }
    _check_addresses(payload)
    return _written(request, ticket, _do(request, "reply", ticket, **params))


def _bridge(bridge: bool | str) -> dict[str, Any]:
    return {"bridge_text": bridge} if isinstance(bridge, str) else {"bridge": bridge}


def _template(use: TemplateIn | None) -> dict[str, Any]:
    if use is None:
        return {}
    return {"template": use.name, "template_language": use.language, "values": tuple(use.values)}


@router.post("/{number}/note", response={201: MessageOut}, summary="Add an internal note")
def note(request: ApiRequest, number: Number, payload: NoteIn) -> Any:
    """Whoever sees the ticket may write one. Colleagues mentioned must see it too."""
    ticket = lookups.ticket(request, number)
    message = actions.note(
        ticket=ticket,
        actor=request.actor,
        now=now(),
        text=payload.text,
        html=payload.html,
        mentions=_mentioned(payload.mentions, ticket),
        files=_files(request, payload.attachments),
    )
    return _written(request, ticket, message)


@router.post("/{number}/assign", response=TicketOut, summary="Assign to an agent or a team")
def assign(request: ApiRequest, number: Number, payload: AssignIn) -> Any:
    """What is not named stays; null takes it away."""
    ticket = lookups.answerable(request, number)
    changes: dict[str, Any] = {}
    if "assignee" in payload.model_fields_set:
        changes["assignee"] = (
            lookups.agent(request, payload.assignee.id) if payload.assignee else None
        )
    if "team" in payload.model_fields_set:
        changes["team"] = lookups.team(request, payload.team.id) if payload.team else None
    if not changes:
        raise Problem(422, "Name an assignee, a team, or both.")
    return _changed(actions.assign(ticket=ticket, actor=request.actor, now=now(), **changes))


@router.post("/{number}/solve", response=TicketOut, summary="Solve")
def solve(request: ApiRequest, number: Number, payload: Nothing | None = None) -> Any:
    return _status(request, number, "solved")


@router.post("/{number}/reopen", response=TicketOut, summary="Reopen")
def reopen(request: ApiRequest, number: Number, payload: Nothing | None = None) -> Any:
    """A closed ticket stays closed."""
    return _status(request, number, "open")


@router.post("/{number}/snooze", response=TicketOut, summary="Snooze")
def snooze(request: ApiRequest, number: Number, payload: SnoozeIn) -> Any:
    """Out of sight until then, or until the customer writes."""
    return _verb(request, number, "snooze", until=payload.until)


@router.post("/{number}/spam", response=TicketOut, summary="Mark as spam")
def spam(request: ApiRequest, number: Number, payload: SpamIn | None = None) -> Any:
    """`{"spam": false}` takes it back."""
    return _verb(request, number, "spam", spam=payload.spam if payload else True)


@router.post("/{number}/tags", response=TicketOut, summary="Add and remove tags")
def tags(request: ApiRequest, number: Number, payload: TagsIn) -> Any:
    return _verb(request, number, "tags", add=tuple(payload.add), remove=tuple(payload.remove))


@router.post("/{number}/merge", response=TicketOut, summary="Merge into another ticket")
def merge(request: ApiRequest, number: Number, payload: MergeIn) -> Any:
    """Answers with the ticket that goes on. With `people` the contacts become one person, too: only where that
    is suggested, and for who may answer on all tickets of both."""
    ticket = lookups.answerable(request, number)
    into = lookups.tickets(request).filter(number=payload.into).first()
    if into is None:
        raise invalid("into", "There is no such ticket.")
    if payload.people:
        require(lookups.answers(request.rights, into))
        require(all(people.reaches_all(request.agent, t.contact) for t in (ticket, into)))
        by: dict[str, Any] = {"actor": request.actor, "now": now()}
        return _changed(actions.join_both(ticket=ticket, into=into, **by))
    return _changed(_do(request, "merge", ticket, into=into.number))


@router.post("/{number}/unmerge", response=TicketOut, summary="Take a merge back")
def unmerge(request: ApiRequest, number: Number, payload: Nothing | None = None) -> Any:
    """Named is the ticket that was merged away; it comes back with what it brought."""
    return _verb(request, number, "unmerge")


@router.get(
    "/{number}/suggestions", response=Page[BelongingOut], summary="Read where a ticket may belong"
)
def suggestions(request: ApiRequest, number: Number) -> Any:
    """Earlier tickets of the same contact, or of somebody who may be the same person, of those that you may see.

    Join one with `merge`.
    """
    ticket = lookups.ticket(request, number)
    rows = ticket.belongings.filter(to__in=lookups.tickets(request)).select_related("to__contact")
    return {
        "items": [show.belonging(row) for row in rows.order_by("-percent")],
        "next_cursor": None,
    }


@router.post(
    "/{number}/suggestions/refuse", response={204: None}, summary="Say that it is another matter"
)
def refuse(request: ApiRequest, number: Number, payload: RefuseIn) -> Any:
    ticket = lookups.answerable(request, number)
    to = lookups.tickets(request).filter(number=payload.to).first()
    if to is None:
        raise invalid("to", "There is no such ticket.")
    actions.refuse(ticket=ticket, to=to, actor=request.actor, now=now())
    return Status(204, None)


@router.post("/{number}/split", response={201: TicketOut}, summary="Split a message off")
def split(request: ApiRequest, number: Number, payload: SplitIn) -> Any:
    """One message of the customer becomes a ticket of its own; answers with that."""
    ticket = lookups.answerable(request, number)
    message = Message.objects.filter(pk=payload.message, ticket=ticket).first()
    if message is None:
        raise invalid("message", "This ticket has no such message.")
    what: dict[str, Any] = {"actor": request.actor, "now": now(), "subject": payload.subject}
    own = actions.split(ticket=ticket, message=message, **what)
    return Status(201, _changed(own))


def _status(request: ApiRequest, number: int, status: str) -> Any:
    return _verb(request, number, "set_status", status=status)


def _verb(request: ApiRequest, number: int, name: str, **params: Any) -> Any:
    return _changed(_do(request, name, lookups.answerable(request, number), **params))


def _do(request: ApiRequest, name: str, ticket: Ticket, **params: Any) -> Any:
    found = operations.get(name)
    return found.run(ticket=ticket, actor=request.actor, now=now(), params=found.params(**params))


def _changed(ticket: Ticket) -> Any:
    rows = Ticket.objects.select_related(
        "contact", "organization", "assignee", "team", "brand", "merged_into"
    )
    return show.ticket(rows.get(pk=ticket.pk))


def _written(request: ApiRequest, ticket: Ticket, message: Message) -> Any:
    row = with_all(Message.objects.filter(pk=message.pk)).get()
    return Status(201, show.message(row, request.rights, ticket))


def _mentioned(ids: list[int], ticket: Ticket) -> list[int]:
    private = bool(ticket.team and ticket.team.is_private)
    found = Agent.objects.filter(pk__in=ids, is_active=True)
    seeing = [a.pk for a in found if rights_of(a).sees(ticket.team_id, private, ticket.brand_id)]
    if len(seeing) < len(set(ids)):
        raise invalid("mentions", "Somebody mentioned cannot see this ticket.")
    return seeing


def _check_addresses(payload: ReplyIn) -> None:
    for field in ("cc", "bcc"):
        for address in getattr(payload, field):
            try:
                addresses.clean("email", address)
            except addresses.BadAddress as error:
                raise invalid(field, str(error)) from error


def _files(request: ApiRequest, given: list[str | FileIn]) -> tuple[str, ...]:
    """Keys of uploads that are his and not sent yet. One that is not is refused, not left out."""
    keys = []
    for one in given:
        if isinstance(one, FileIn):
            keys.append(_take_in(request, one))
        elif own_files([one], request.actor):
            keys.append(one)
        else:
            raise invalid("attachments", "There is no such upload waiting to be sent.")
    return tuple(keys)


def _take_in(request: ApiRequest, file: FileIn) -> str:
    try:
        content = base64.b64decode(file.content_base64, validate=True)
    except (ValueError, binascii.Error) as error:
        raise invalid("attachments", "content_base64 is not base64.") from error
    return uploads.take_in(
        agent=request.agent, name=file.name, content_type=file.type, content=content, now=now()
    ).key
