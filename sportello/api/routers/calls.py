"""``/calls/ringing`` and ``/tickets/{number}/call``: what telephone systems tell us."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from ninja import Router, Status
from pydantic import Field

from sportello.accounts.queries import agents_visible
from sportello.api import lookups, show
from sportello.api.problems import invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.routers.messages import with_all
from sportello.api.schemas import In, Number, Out, Text
from sportello.api.shapes import MessageOut
from sportello.contacts import actions as contact_actions
from sportello.contacts import addresses
from sportello.contacts.models import Identity
from sportello.core import live
from sportello.core.clock import now
from sportello.tickets import actions
from sportello.tickets.models import Message, Ticket

router = Router(tags=["calls"])
of_ticket = Router(tags=["verbs"])

type Phone = Annotated[str, Field(min_length=3, max_length=40)]


class RingingIn(In):
    phone: Phone
    agent: Annotated[
        str,
        Field(
            max_length=254, description="E-mail of the agent whose telephone rings; yours if empty."
        ),
    ] = ""


class RingingOut(Out):
    phone: str
    url: str
    """The page to open: the same that the agent's workspace offers."""


class CallIn(In):
    text: Text = ""
    """What was said; may be empty when nobody was talked to."""
    direction: Literal["in", "out"] = "in"
    minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    outcome: Literal["talked", "call_back", "voicemail", "no_answer"] = "talked"
    phone: Annotated[str, Field(max_length=40)] = ""


@router.post("/ringing", response={202: RingingOut}, summary="A telephone rings")
def ringing(request: ApiRequest, payload: RingingIn) -> Any:
    """Tells the agent's open workspace who calls. Nothing is kept. For others only supervisors may ring."""
    require(request.rights.can_answer)
    agent = request.agent
    wanted = payload.agent.strip().lower()
    if wanted and wanted != agent.email.lower():
        require(request.rights.is_supervisor)
        found = agents_visible(request.agent).filter(email__iexact=wanted).first()
        if found is None:
            raise invalid("agent", "There is no such agent.")
        agent = found
    phone = _number(payload.phone)
    asked = urlencode({"phone": phone})
    live.publish("pop", {"agent": agent.pk, "asked": asked})
    return Status(202, {"phone": phone, "url": f"/app/pop?{asked}"})


@of_ticket.post("/{number}/call", response={201: MessageOut}, summary="Log a telephone call")
def log_call(request: ApiRequest, number: Number, payload: CallIn) -> Any:
    """A message on the brand's telephone channel, in the agent's words: the customer does not read them.

    The number becomes the customer's when nobody else has it.
    """
    ticket = lookups.answerable(request, number)
    identity = _caller(request, ticket, payload.phone) if payload.phone.strip() else None
    message = actions.log_call(
        ticket=ticket,
        text=payload.text,
        direction=payload.direction,
        minutes=payload.minutes,
        outcome=payload.outcome,
        identity=identity,
        actor=request.actor,
        now=now(),
    )
    row = with_all(Message.objects.filter(pk=message.pk)).get()
    return Status(201, show.message(row, rights=request.rights, ticket=ticket))


def _number(text: str) -> str:
    try:
        return addresses.clean("phone", text)[1]
    except addresses.BadAddress as error:
        raise invalid("phone", str(error)) from None


def _caller(request: ApiRequest, ticket: Ticket, phone: str) -> Identity | None:
    """None when somebody else has it: families share telephones."""
    try:
        return contact_actions.add_identity(
            contact=ticket.contact,
            kind="phone",
            address=_number(phone),
            actor=request.actor,
            now=now(),
        )
    except contact_actions.AddressRefused:
        return None
