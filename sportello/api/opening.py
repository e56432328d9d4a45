"""Opening a ticket by program: for whom, at which counter, within the caller's rights."""

from __future__ import annotations

from sportello.accounts.models import Brand, Team
from sportello.accounts.queries import company
from sportello.api import lookups
from sportello.api.bodies import ContactRef, TicketIn
from sportello.api.problems import Problem, invalid
from sportello.api.requests import ApiRequest, require
from sportello.channels.contract import Address
from sportello.channels.models import Channel
from sportello.contacts import addresses
from sportello.contacts.models import Contact
from sportello.contacts.queries import owner_of
from sportello.contacts.resolve import resolve
from sportello.core.clock import now
from sportello.tickets import actions, people
from sportello.tickets.models import Ticket


def open_for(request: ApiRequest, payload: TicketIn) -> Ticket:
    require(request.rights.can_answer)
    channel = lookups.channel(request, payload.channel) if payload.channel else None
    brand, team = _counter(request, channel)
    contact = person(request, payload.contact)
    return actions.open_ticket(
        contact=contact,
        subject=payload.subject,
        text=payload.text,
        actor=request.actor,
        now=now(),
        channel=channel,
        brand=brand,
        team=team,
        priority=payload.priority,
        tags=payload.tags,
    )


def _counter(request: ApiRequest, channel: Channel | None) -> tuple[Brand, Team | None]:
    """The brand and team of the channel; else the first where he may answer."""
    if channel is not None:
        private = bool(channel.team and channel.team.is_private)
        require(request.rights.answers(channel.team_id, private, channel.brand_id))
        return channel.brand, channel.team
    for brand in lookups.brands(request.rights):
        if request.rights.answers(None, False, brand.pk):
            return brand, None
        for team in Team.objects.filter(pk__in=request.rights.teams).order_by("pk"):
            if request.rights.answers(team.pk, team.is_private, brand.pk):
                return brand, team
    raise Problem(422, "There is no brand in which this agent may open a ticket.")


def person(request: ApiRequest, ref: ContactRef, *, field: str = "contact") -> Contact:
    """The contact meant, made when the address is new. One that he may not see is refused without a word."""
    if sum(value is not None for value in (ref.id, ref.email, ref.phone)) != 1:
        raise invalid(field, "Name the contact by exactly one of id, email and phone.")
    if ref.id is not None:
        found = people.visible_to(request.agent).filter(pk=ref.id).first()
        if found is None:
            raise invalid(f"{field}.id", "There is no such contact.")
        return found
    kind, typed = ("email", ref.email) if ref.email is not None else ("phone", ref.phone)
    kind, address = addresses.clean(kind, typed or "", region=company().language.upper())
    owner = owner_of(kind, address)
    if owner is None:
        # The same walk as a mail's sender: two calls at once for one new address make one contact.
        known = resolve([Address(kind, address, name=ref.name)], now=now())
        return Contact.objects.get(pk=known[kind, address].contact_id)
    if not people.visible_to(request.agent).filter(pk=owner.contact_id).exists():
        raise invalid(field, "This address cannot be used here.")
    return owner.contact
