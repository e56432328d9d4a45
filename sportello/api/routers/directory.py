"""Who and what there is to choose from: agents, teams, brands, saved replies, tags."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Query, Router

from sportello.accounts.queries import agents_visible, teams_visible
from sportello.api import lookups, show
from sportello.api.requests import ApiRequest
from sportello.api.schemas import In, Named, Out, Page
from sportello.automation.queries import saved_replies_for
from sportello.contacts import fields
from sportello.contacts.models import ProfileField
from sportello.tickets.models import CustomField, Tag

router = Router(tags=["directory"])


class AgentOut(Out):
    id: int
    name: str
    email: str
    available: bool


class TeamOut(Out):
    id: int
    name: str
    private: bool


class SavedReplyOut(Out):
    id: int
    shortcut: str
    title: str
    text: str
    language: str
    team: Named | None
    brand: Named | None


class TagOut(Out):
    name: str
    description: str


type FieldOf = Literal["ticket", "contact", "organization"]


class FieldFilter(In):
    of: FieldOf | None = None


class FieldOut(Out):
    of: FieldOf
    key: str
    """Its name in `custom`."""
    label: str
    type: Literal["text", "number", "choice", "checkbox", "date"]
    choices: list[str]


def _page(items: list[Any]) -> dict[str, Any]:
    return {"items": items, "next_cursor": None}


@router.get("/agents", response=Page[AgentOut], summary="List agents")
def agents(request: ApiRequest) -> Any:
    """Colleagues to whom a ticket can be given."""
    rows = agents_visible(request.agent)
    return _page(
        [{"id": a.pk, "name": a.name, "email": a.email, "available": a.is_available} for a in rows]
    )


@router.get("/teams", response=Page[TeamOut], summary="List teams")
def teams(request: ApiRequest) -> Any:
    rows = teams_visible(request.agent)
    return _page([{"id": t.pk, "name": t.name, "private": t.is_private} for t in rows])


@router.get("/brands", response=Page[Named], summary="List brands")
def brands(request: ApiRequest) -> Any:
    return _page([show.named(b) for b in lookups.brands(request.rights)])


@router.get("/saved-replies", response=Page[SavedReplyOut], summary="List saved replies")
def saved_replies(request: ApiRequest) -> Any:
    rows = saved_replies_for(request.agent)
    return _page(
        [
            {
                "id": r.pk,
                "shortcut": r.shortcut,
                "title": r.title,
                "text": r.text,
                "language": r.language,
                "team": show.named(r.team),
                "brand": show.named(r.brand),
            }
            for r in rows.select_related("team", "brand")
        ]
    )


@router.get("/tags", response=Page[TagOut], summary="List tags")
def tags(request: ApiRequest) -> Any:
    """Those on offer; tickets may carry others."""
    rows = Tag.objects.order_by("name")
    return _page([{"name": t.name, "description": t.description} for t in rows])


@router.get("/fields", response=Page[FieldOut], summary="List custom fields")
def custom_fields(request: ApiRequest, filters: Query[FieldFilter]) -> Any:
    """What may stand in the `custom` of tickets, contacts and organizations, in the company's order."""
    known: dict[str, list[Any]] = {
        "ticket": list(CustomField.objects.all()),
        **{kind: fields.of(kind) for kind in ProfileField.Of.values},
    }
    return _page(
        [
            {"of": of, "key": f.key, "label": f.label, "type": f.type, "choices": list(f.choices)}
            for of, rows in known.items()
            if filters.of in {None, of}
            for f in rows
        ]
    )
