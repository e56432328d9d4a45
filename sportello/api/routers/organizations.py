"""``/organizations``: business customers, whom their people belong to, and what was agreed with them."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Q
from ninja import Query, Router, Status
from pydantic import Field

from sportello.api import cursors, lookups, show
from sportello.api.problems import Problem, invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Data, Id, In, Page, Paged, Text
from sportello.api.shapes import OrganizationOut
from sportello.contacts.models import Organization
from sportello.contacts.organizations import BadDomain, save_organization
from sportello.core.clock import now
from sportello.tickets import people

router = Router(tags=["organizations"])

type Name = Annotated[str, Field(min_length=1, max_length=200)]
type Domains = Annotated[list[Annotated[str, Field(max_length=253)]], Field(max_length=50)]


class OrganizationFilter(Paged):
    q: Annotated[str, Field(max_length=200, description="Part of a name, or a domain.")] = ""


class OrganizationIn(In):
    name: Name
    domains: Domains = []
    notes: Text = ""
    custom: Data = {}


class OrganizationPatch(In):
    name: Name | None = None
    domains: Domains | None = None
    notes: Text | None = None
    custom: Data | None = None


@router.get("", response=Page[OrganizationOut], summary="List organizations")
def list_organizations(request: ApiRequest, filters: Query[OrganizationFilter]) -> Any:
    """Newest first. Those with a ticket or a person that you may see, and those with neither."""
    rows = people.organizations_visible_to(request.agent)
    if q := " ".join(filters.q.split()):
        rows = rows.filter(Q(name__icontains=q) | Q(domains__contains=[q.lower().lstrip("@")]))
    if filters.cursor:
        rows = rows.filter(pk__lt=cursors.read("organizations", filters.cursor, 1)[0])
    found = list(rows.order_by("-pk")[: filters.limit + 1])
    more, found = len(found) > filters.limit, found[: filters.limit]
    key = cursors.make("organizations", found[-1].pk) if more else None
    return {"items": [show.organization(o) for o in found], "next_cursor": key}


@router.post("", response={201: OrganizationOut}, summary="Add an organization")
def create_organization(request: ApiRequest, payload: OrganizationIn) -> Any:
    """People with a proved mail address at one of its domains belong to it at once."""
    require(request.rights.can_answer)
    return Status(201, _saved(request, Organization(), payload.model_dump()))


@router.get("/{id}", response=OrganizationOut, summary="Read an organization")
def get_organization(request: ApiRequest, id: Id) -> Any:
    return show.organization(lookups.visible_organization(request, id))


@router.patch("/{id}", response=OrganizationOut, summary="Change an organization")
def patch_organization(request: ApiRequest, id: Id, payload: OrganizationPatch) -> Any:
    """Only what is named changes; in `custom`, null empties a field."""
    found = lookups.visible_organization(request, id)
    require(request.rights.can_answer)
    values = payload.model_dump(exclude_unset=True)
    nulls = [name for name, value in values.items() if value is None]
    if nulls:
        raise Problem(422, errors=[{"field": n, "message": "This cannot be null."} for n in nulls])
    return _saved(request, found, values)


def _saved(request: ApiRequest, row: Organization, values: dict[str, Any]) -> Any:
    if "name" in values:
        values["name"] = " ".join(values["name"].split())
        if not values["name"]:
            raise invalid("name", "An organization needs a name.")
    try:
        made = save_organization(organization=row, values=values, actor=request.actor, now=now())
    except BadDomain as refusal:
        raise invalid("domains", str(refusal)) from refusal
    return show.organization(made)
