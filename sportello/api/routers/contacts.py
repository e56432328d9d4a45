"""``/contacts``: people, their addresses, and what the law lets them ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import Q
from ninja import Query, Router, Status
from pydantic import Field

from sportello.api import bought, cursors, lookups, show, story
from sportello.api.bought import OrderOut
from sportello.api.problems import NotFound, Problem, invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Data, Id, In, Page, Paged, Ref, Text
from sportello.api.shapes import ConfirmationOut, ContactOut, IdentityOut
from sportello.commerce.queries import brands_of, of_contact
from sportello.contacts import actions, merging, privacy, queries
from sportello.contacts.confirming import check_code
from sportello.contacts.models import Contact, Identity
from sportello.core.clock import now
from sportello.tickets import people
from sportello.tickets.confidential.revealing import may_reveal_all
from sportello.tickets.identifying import confirming

router = Router(tags=["contacts"])

type Name = Annotated[str, Field(max_length=200)]
type Kind = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,23}$")]


class ContactFilter(Paged):
    q: Annotated[
        str,
        Field(max_length=200, description="Part of a name or an address, or what a field says."),
    ] = ""


class IdentityIn(In):
    kind: Kind
    address: Annotated[str, Field(max_length=320)]
    verified: bool = False


class ContactIn(In):
    name: Name = ""
    identities: Annotated[list[IdentityIn], Field(max_length=20)] = []
    organization: Ref | None = None
    language: Annotated[str, Field(max_length=8)] = ""
    notes: Text = ""
    custom: Data = {}


class ContactPatch(In):
    name: Name | None = None
    organization: Ref | None = None
    language: Annotated[str, Field(max_length=8)] | None = None
    preferred_channel: Annotated[str, Field(pattern=r"^([a-z][a-z_]{0,23})?$")] | None = None
    segments: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] | None = (
        None
    )
    notes: Text | None = None
    custom: Data | None = None
    blocked: bool | None = None


class ConfirmIn(In):
    """`way` has something sent there; `code` is what came back."""

    way: Literal["link", "code"] | None = None
    code: Annotated[str, Field(max_length=20)] = ""


class IntoIn(In):
    into: Id


class EraseIn(In):
    """Nothing else: erasing cannot be taken back."""

    confirm: bool


@router.get("", response=Page[ContactOut], summary="List contacts")
def list_contacts(request: ApiRequest, filters: Query[ContactFilter]) -> Any:
    """Newest first. Those of tickets that you may see, and those without any."""
    rows = queries.search(people.visible_to(request.agent), filters.q)
    if filters.cursor:
        rows = rows.filter(pk__lt=cursors.read("contacts", filters.cursor, 1)[0])
    rows = rows.select_related("organization").prefetch_related("identities").order_by("-pk")
    found = list(rows[: filters.limit + 1])
    more, found = len(found) > filters.limit, found[: filters.limit]
    key = cursors.make("contacts", found[-1].pk) if more else None
    return {"items": [show.contact(c) for c in found], "next_cursor": key}


@router.post("", response={201: ContactOut}, summary="Add a contact")
def create_contact(request: ApiRequest, payload: ContactIn) -> Any:
    require(request.rights.can_answer)
    what: dict[str, Any] = {"actor": request.actor, "now": now()}
    organization = lookups.organization(payload.organization.id) if payload.organization else None
    contact = actions.create_contact(
        name=payload.name,
        organization=organization,
        language=payload.language,
        notes=payload.notes,
        custom=payload.custom,
        **what,
    )
    for one in payload.identities:
        actions.add_identity(
            contact=contact, kind=one.kind, address=one.address, verified=one.verified, **what
        )
    return Status(201, _shown(contact))


@router.get("/{id}", response=ContactOut, summary="Read a contact")
def get_contact(request: ApiRequest, id: Id) -> Any:
    return show.contact(lookups.contact(request, id))


@router.patch("/{id}", response=ContactOut, summary="Change a contact")
def patch_contact(request: ApiRequest, id: Id, payload: ContactPatch) -> Any:
    """Only what is named changes; in `custom`, null empties a field."""
    contact = _changeable(request, id)
    values = payload.model_dump(exclude_unset=True)
    nulls = [name for name, value in values.items() if value is None and name != "organization"]
    if nulls:
        raise Problem(422, errors=[{"field": n, "message": "This cannot be null."} for n in nulls])
    if "organization" in values:
        ref = payload.organization
        values["organization"] = lookups.organization(ref.id) if ref else None
    if values:
        actions.update_contact(contact=contact, values=values, actor=request.actor, now=now())
    return _shown(contact)


@router.get("/{id}/identities", response=Page[IdentityOut], summary="Read a contact's addresses")
def list_identities(request: ApiRequest, id: Id) -> Any:
    contact = lookups.contact(request, id)
    rows = contact.identities.order_by("pk")
    return {"items": [show.identity(i) for i in rows], "next_cursor": None}


@router.post("/{id}/identities", response={201: IdentityOut}, summary="Add an address")
def add_identity(request: ApiRequest, id: Id, payload: IdentityIn) -> Any:
    """Refused when somebody else owns it; whoever that is stays unsaid."""
    identity = actions.add_identity(
        contact=_changeable(request, id),
        kind=payload.kind,
        address=payload.address,
        verified=payload.verified,
        actor=request.actor,
        now=now(),
    )
    return Status(201, show.identity(identity))


@router.post(
    "/{id}/identities/{identity_id}/verify", response=IdentityOut, summary="Vouch for an address"
)
def verify_identity(request: ApiRequest, id: Id, identity_id: Id) -> Any:
    identity = _identity(_changeable(request, id), identity_id)
    return show.identity(actions.verify_identity(identity=identity, actor=request.actor, now=now()))


@router.post(
    "/{id}/identities/{identity_id}/confirm",
    response={200: IdentityOut, 202: ConfirmationOut},
    summary="Have an address confirmed by a link or a code",
)
def confirm_identity(request: ApiRequest, id: Id, identity_id: Id, payload: ConfirmIn) -> Any:
    """With `way` something is sent (202), with `code` it is checked (200): five tries in ten minutes.
    An address that somebody else has stays claimed, and the two are suggested to be one person."""
    identity = _identity(_changeable(request, id), identity_id)
    if bool(payload.way) == bool(payload.code):
        raise invalid("way", "Give one of way and code.")
    if payload.code:
        found = check_code(identity=identity, code=payload.code, actor=request.actor, now=now())
        return Status(200, show.identity(found))
    way = payload.way or ""
    asked = confirming.ask(
        identity=identity, way=way, agent=request.agent, actor=request.actor, now=now()
    )
    return Status(202, {"way": asked.way, "expires_at": asked.expires_at})


@router.delete("/{id}/identities/{identity_id}", response={204: None}, summary="Remove an address")
def remove_identity(request: ApiRequest, id: Id, identity_id: Id) -> Any:
    contact = _changeable(request, id)
    identity = _identity(contact, identity_id)
    # Threads that he does not see may answer to this address.
    require(people.reaches_all(request.agent, contact))
    actions.remove_identity(identity=identity, actor=request.actor, now=now())
    return Status(204, None)


@router.post("/{id}/merge", response=ContactOut, summary="Merge into another contact")
def merge(request: ApiRequest, id: Id, payload: IntoIn) -> Any:
    """Everything moves to `into`; answers with that. Only who may answer on all tickets of both."""
    contact = _changeable(request, id)
    into = people.visible_to(request.agent).filter(pk=payload.into).first()
    if into is None:
        raise invalid("into", "There is no such contact.")
    require(people.reaches_all(request.agent, contact) and people.reaches_all(request.agent, into))
    return _shown(merging.merge(contact=contact, into=into, actor=request.actor, now=now()))


@router.api_operation(
    ["GET", "POST"],
    "/{id}/export",
    summary="Export everything held of a contact",
    response=dict[str, Any],
)
def export(request: ApiRequest, id: Id) -> Any:
    """Only for who may answer on all his tickets; covered values only for who may reveal them. Noted in the audit log."""
    contact = lookups.contact(request, id)
    require(people.reaches_all(request.agent, contact))
    return privacy.export(
        contact=contact,
        actor=request.actor,
        now=now(),
        with_confidential=may_reveal_all(request.agent, contact.pk),
    )


@router.post("/{id}/erase", response={204: None}, summary="Erase a contact's data")
def erase(request: ApiRequest, id: Id, payload: EraseIn | None = None) -> Any:
    """Only for administrators. Names, addresses, words and files go; counts stay."""
    contact = lookups.contact(request, id)
    require(request.rights.is_administrator)
    if payload is not None and not payload.confirm:
        raise invalid("confirm", "Not confirmed.")
    privacy.erase(contact=contact, actor=request.actor, now=now())
    return Status(204, None)


@router.get("/{id}/orders", response=Page[OrderOut], summary="Read a contact's orders")
def orders(request: ApiRequest, id: Id, page: Query[Paged]) -> Any:
    """Newest first, with lines, parcels and returns. Only those matched by a proved address."""
    contact = lookups.contact(request, id)
    rows = of_contact(contact.pk, brands_of(request.rights))
    if page.cursor:
        placed_at, pk = cursors.read("orders", page.cursor, 2)
        placed = datetime.fromisoformat(placed_at)
        rows = rows.filter(Q(placed_at__lt=placed) | Q(placed_at=placed, pk__lt=pk))
    found = list(rows[: page.limit + 1])
    more, found = len(found) > page.limit, found[: page.limit]
    key = cursors.make("orders", found[-1].placed_at.isoformat(), found[-1].pk) if more else None
    return {"items": [bought.order(o) for o in found], "next_cursor": key}


@router.get(
    "/{id}/timeline", response=Page[story.Moment], summary="Read what happened with a contact"
)
def timeline(request: ApiRequest, id: Id, page: Query[Paged]) -> Any:
    """Messages of the tickets that you may see, and facts from outside; newest first."""
    contact = lookups.contact(request, id)
    return story.of(request, contact, page)


def _changeable(request: ApiRequest, contact_id: int) -> Contact:
    contact = lookups.contact(request, contact_id)
    require(people.may_change(request.agent, contact))
    return contact


def _identity(contact: Contact, identity_id: int) -> Identity:
    found = contact.identities.filter(pk=identity_id).first()
    if found is None:
        raise NotFound
    return found


def _shown(contact: Contact) -> Any:
    rows = Contact.objects.select_related("organization").prefetch_related("identities")
    return show.contact(rows.get(pk=contact.pk))
