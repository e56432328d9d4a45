"""Screen pop: an address or an order → the person's page, a choice, or a ticket for somebody new."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.models import Brand
from sportello.accounts.queries import shape_of, within
from sportello.accounts.rights import Rights
from sportello.channels.models import Channel
from sportello.contacts import actions as contact_actions
from sportello.contacts.addresses import BadAddress
from sportello.contacts.models import Contact
from sportello.core.actors import Actor
from sportello.core.compiled import compiled
from sportello.tickets import actions, people
from sportello.tickets.actions import BadValue
from sportello.tickets.actions.calling import phone_of
from sportello.tickets.models import Ticket
from sportello.workspace import desk, finding
from sportello.workspace.access import AgentRequest, agent_page

TYPED = ("phone", "email", "name", "subject", "text")


@agent_page()
def pop(request: AgentRequest) -> HttpResponse:
    """``/app/pop?phone=+39…``, also ``email=`` and ``order=``: what a telephone system opens."""
    try:
        asked = finding.Asked.of(request)
    except BadAddress as refusal:
        return _page(request, None, [], str(refusal))
    found = finding.found(request, asked) if asked.said else []
    if len(found) == 1:
        return redirect("workspace:contact", found[0].pk)
    return _page(request, asked, found)


@agent_page()
def card(request: AgentRequest) -> HttpResponse:
    """What the workspace shows when it rings: who, the last ticket, a way to open them."""
    try:
        asked = finding.Asked.of(request)
    except BadAddress:
        return HttpResponse(status=422)
    found = finding.found(request, asked)
    person = found[0] if len(found) == 1 else None
    last = _last(shape_of(request.agent), contact=person.pk) if person else []
    context = {
        "asked": asked,
        "person": person,
        "several": len(found) > 1,
        "last": last[0] if last else None,
    }
    return render(request, "workspace/pop/card.html", context)


@compiled
def _last(rights: Rights, *, contact: Any) -> QuerySet[Ticket]:
    mine = Ticket.objects.filter(within(rights), contact_id=contact, merged_into=None)
    return mine.only("number", "subject", "preview").order_by("-last_message_at", "-pk")[:1]


@agent_page("POST")
def new_ticket(request: AgentRequest) -> HttpResponse:
    """A ticket with what the caller said, for the chosen person or for a new one."""
    if not request.rights.can_answer:
        raise PermissionDenied
    form = request.POST
    subject, text = form.get("subject", ""), form.get("text", "")
    try:
        asked = finding.Asked.of(request)
        if not (subject.strip() or text.strip()):
            raise BadValue(_("A ticket needs a subject or a text."))
        contact = _chosen(request, form.get("contact", "")) or _newcomer(request, asked)
        by: dict[str, Any] = {"actor": request.actor, "now": timezone.now()}
        mouth = _telephone(asked, contact, by)
        ticket = actions.open_ticket(
            contact=contact, subject=subject, text=text, channel=mouth, **by
        )
    except (BadAddress, BadValue) as refusal:
        return _page(request, None, [], str(refusal))
    return redirect("workspace:ticket", ticket.number)


def _telephone(asked: finding.Asked, contact: Contact, by: dict[str, Any]) -> Channel | None:
    """Who rang came by telephone, if the number is known as his."""
    brand = Brand.objects.order_by("pk").first()
    if asked.address is None or asked.address[0] != "phone" or brand is None:
        return None
    if not contact.identities.filter(kind="phone").exists():
        return None
    return phone_of(brand, **by)


def _chosen(request: AgentRequest, pk: str) -> Contact | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    found = people.visible_to(request.agent).filter(pk=pk).first()
    if found is not None and not people.may_change(request.agent, found):
        raise PermissionDenied
    return found


def _newcomer(request: AgentRequest, asked: finding.Asked) -> Contact:
    """Somebody new. An address that is another's already, whom this agent may not see, stays that one's."""
    by: dict[str, Actor | object] = {"actor": request.actor, "now": timezone.now()}
    name = request.POST.get("name", "")
    contact = contact_actions.create_contact(name=name, **by)  # type: ignore[arg-type]
    if asked.address is not None:
        kind, address = asked.address
        try:
            contact_actions.add_identity(contact=contact, kind=kind, address=address, **by)  # type: ignore[arg-type]
        except contact_actions.AddressRefused:
            return contact
    return contact


def _page(
    request: AgentRequest, asked: finding.Asked | None, found: list[Contact], problem: str = ""
) -> HttpResponse:
    context = {
        "asked": asked,
        "found": found,
        "problem": problem,
        "form": {name: request.POST.get(name, "") for name in TYPED},
        "can_answer": request.rights.can_answer,
        "section": "contacts",
        "groups": desk.groups(request),
        "view": "",
    }
    return render(request, "workspace/pop/page.html", context, status=422 if problem else 200)
