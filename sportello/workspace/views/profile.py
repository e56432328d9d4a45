"""One person's page: who he is and how we know, what happened, what he would rather have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from sportello.contacts import actions, addresses, doubts, organizations
from sportello.contacts import confirming as confirmations
from sportello.contacts.confirmation import Confirmation
from sportello.contacts.models import Contact, Doubt, Identity, Organization
from sportello.core.fields import Unfit
from sportello.tickets import people
from sportello.tickets.identifying import confirming
from sportello.workspace import desk, filling, moments, profile
from sportello.workspace.access import AgentRequest, agent_page

REFUSED = (
    addresses.BadAddress,
    actions.AddressRefused,
    organizations.BadDomain,
    confirmations.CannotConfirm,
    confirmations.WrongCode,
)
"""What the verbs refuse: said above the page."""


def contact_or_404(request: AgentRequest, contact_id: int) -> Contact:
    """The contact, if he may see it. Unknown and hidden answer alike."""
    found = people.seen_by(request.agent, [contact_id])
    if not found:
        raise Http404
    return found[0]


@agent_page()
def person(request: AgentRequest, contact_id: int) -> HttpResponse:
    return _page(request, contact_or_404(request, contact_id))


def _page(
    request: AgentRequest,
    contact: Contact,
    problem: str = "",
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    typed = request.POST if errors else None
    context = {
        **profile.page(request, contact, typed, errors),
        **_story(request, contact),
        "section": "contacts",
        "groups": desk.groups(request),
        "view": "",
        "problem": problem,
    }
    status = 422 if problem or errors else 200
    return render(request, "workspace/contacts/person.html", context, status=status)


@agent_page()
def story(request: AgentRequest, contact_id: int) -> HttpResponse:
    """What happened, a page; htmx asks for older ones and for other filters."""
    contact = contact_or_404(request, contact_id)
    context = {"contact": contact, **_story(request, contact)}
    name = "older" if request.GET.get("before") else "story"
    return render(request, f"workspace/contacts/{name}.html", context)


def _story(request: AgentRequest, contact: Contact) -> dict[str, Any]:
    show = request.GET.get("show", "")
    show = show if show in moments.SHOWN else ""
    found = moments.page(request, contact, show=show, before=request.GET.get("before", ""))
    return {"story": found, "show": show, "filters": moments.filters()}


@agent_page("POST")
def edit(request: AgentRequest, contact_id: int, verb: str) -> HttpResponse:
    contact = contact_or_404(request, contact_id)
    if verb not in VERBS:
        raise Http404
    if not people.may_change(request.agent, contact):
        raise PermissionDenied
    by = {"actor": request.actor, "now": timezone.now()}
    try:
        VERBS[verb](request, contact, request.POST, by)
    except Unfit as unfit:
        return _page(request, contact, errors=unfit.errors)
    except REFUSED as refusal:
        return _page(request, contact, str(refusal))
    return redirect("workspace:contact", contact.pk)


def _about(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    """The whole form at once: name, preferences, segments, notes and fields."""
    kinds = set(contact.identities.values_list("kind", flat=True))
    channel, language = form.get("preferred_channel", ""), form.get("language", "")
    spoken = {code for code, _name in profile.languages(contact.language)}
    values = {
        "name": form.get("name", ""),
        "language": language if language in spoken else "",
        "preferred_channel": channel if channel in kinds else "",
        "segments": form.get("segments", "").split(","),
        "notes": form.get("notes", "")[:20_000],
        "custom": filling.given(form),
    }
    actions.update_contact(contact=contact, values=values, **by)


def _join(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    """The organization of that name, or a new one."""
    name = actions.one_line(form.get("organization", ""))
    if not name:
        return
    found = people.organizations_visible_to(request.agent).filter(name__iexact=name).first()
    organization = found or organizations.save_organization(
        organization=Organization(), values={"name": name}, **by
    )
    organizations.join(contact=contact, organization=organization, **by)


def _leave(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    organization = get_object_or_404(Organization, pk=id_of(form, "organization"))
    organizations.leave(contact=contact, organization=organization, **by)


def _address(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    """An address that he has told: it is his when nobody else has it, and proved when he proves it."""
    text = form.get("address", "").strip()
    kind = "email" if "@" in text else "phone"
    actions.add_identity(contact=contact, kind=kind, address=text, **by)


def _vouch(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    actions.verify_identity(identity=_identity(contact, form), **by)


def _forget(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    # Threads that he does not see may answer to this address.
    if not people.reaches_all(request.agent, contact):
        raise PermissionDenied
    actions.remove_identity(identity=_identity(contact, form), **by)


def _ask(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    """A link, or a code: whatever of the two was pressed."""
    way = form.get("way", "")
    if way not in Confirmation.Way.values:
        raise Http404
    confirming.ask(identity=_identity(contact, form), way=way, agent=request.agent, **by)


def _code(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    code = form.get("code", "")[:20]
    confirmations.check_code(identity=_identity(contact, form), code=code, **by)


def _clear(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    doubts.clear(identity=_identity(contact, form), **by)


def _mark(request: AgentRequest, contact: Contact, form: QueryDict, by: dict[str, Any]) -> None:
    """Several people write from it, or it may have passed to somebody else."""
    doubt = form.get("doubt", "")
    if doubt not in Doubt.values:
        raise Http404
    doubts.mark(identity=_identity(contact, form), doubt=doubt, **by)


def _identity(contact: Contact, form: QueryDict) -> Identity:
    return get_object_or_404(contact.identities, pk=id_of(form, "identity"))


def id_of(form: QueryDict, name: str) -> int:
    """A number from the page, or one that no row has."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


type Verb = Callable[[AgentRequest, Contact, QueryDict, dict[str, Any]], None]
VERBS: dict[str, Verb] = {
    "about": _about,
    "join": _join,
    "leave": _leave,
    "address": _address,
    "vouch": _vouch,
    "forget": _forget,
    "ask": _ask,
    "code": _code,
    "clear": _clear,
    "mark": _mark,
}
