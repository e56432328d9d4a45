"""``/contacts/{id}``: who may be the same person, merges taken back, addresses that tell nobody apart."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Router, Status

from sportello.api import lookups, show
from sportello.api.problems import NotFound, invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Id, In, Page
from sportello.api.shapes import ContactOut, IdentityOut, MergeOut, SuggestionOut
from sportello.contacts import doubts, merging, suggesting
from sportello.contacts.models import Suggestion
from sportello.core.clock import now
from sportello.tickets import people

router = Router(tags=["contacts"])


class UnmergeIn(In):
    merge: Id


class DoubtIn(In):
    doubt: Literal["shared", "recycled"] | None
    """``shared``: several people write from it; ``recycled``: it may have passed to somebody else."""


@router.get("/{id}/merges", response=Page[MergeOut], summary="Read who was merged into a contact")
def list_merges(request: ApiRequest, id: Id) -> Any:
    contact = lookups.contact(request, id)
    rows = contact.merges.filter(undone_at=None).order_by("-pk")
    return {"items": [show.merge(row) for row in rows], "next_cursor": None}


@router.post("/{id}/unmerge", response=ContactOut, summary="Take a merge of contacts back")
def unmerge(request: ApiRequest, id: Id, payload: UnmergeIn) -> Any:
    """Answers with the contact that came back, under its old id, with what it had brought."""
    contact = lookups.changeable(request, id)
    require(people.reaches_all(request.agent, contact))
    row = contact.merges.filter(pk=payload.merge, undone_at=None).first()
    if row is None:
        raise invalid("merge", "There is no such merge.")
    return show.contact_of(merging.unmerge(merge=row, actor=request.actor, now=now()))


@router.get(
    "/{id}/suggestions", response=Page[SuggestionOut], summary="Read who may be the same person"
)
def list_suggestions(request: ApiRequest, id: Id) -> Any:
    """Only those whose other side you may see."""
    contact = lookups.contact(request, id)
    rows = [(row, suggesting.other_of(row, id)) for row in suggesting.open_suggestions(contact)]
    seen = people.visible_to(request.agent).filter(pk__in=[other.pk for _, other in rows])
    visible = set(seen.values_list("pk", flat=True))
    shown = [show.suggestion(row, other) for row, other in rows if other.pk in visible]
    return {"items": shown, "next_cursor": None}


@router.post(
    "/{id}/suggestions/{suggestion_id}/accept", response=ContactOut, summary="One person: merge"
)
def accept_suggestion(request: ApiRequest, id: Id, suggestion_id: Id) -> Any:
    """Answers with the contact that stays: the one with more proved addresses, then the older."""
    row = _suggestion(request, id, suggestion_id)
    require(
        people.reaches_all(request.agent, row.first)
        and people.reaches_all(request.agent, row.second)
    )
    return show.contact_of(suggesting.accept(suggestion=row, actor=request.actor, now=now()))


@router.post(
    "/{id}/suggestions/{suggestion_id}/dismiss", response={204: None}, summary="Not one person"
)
def dismiss_suggestion(request: ApiRequest, id: Id, suggestion_id: Id) -> Any:
    row = _suggestion(request, id, suggestion_id)
    suggesting.dismiss(suggestion=row, actor=request.actor, now=now())
    return Status(204, None)


@router.put(
    "/{id}/identities/{identity_id}/doubt",
    response=IdentityOut,
    summary="Mark an address that does not tell one person, or clear the mark",
)
def doubt_identity(request: ApiRequest, id: Id, identity_id: Id, payload: DoubtIn) -> Any:
    """No suggestion rests on a marked address. Null clears the mark. Noted in the audit log."""
    contact = lookups.changeable(request, id)
    identity = contact.identities.filter(pk=identity_id).first()
    if identity is None:
        raise NotFound
    by: dict[str, Any] = {"actor": request.actor, "now": now()}
    if payload.doubt:
        doubts.mark(identity=identity, doubt=payload.doubt, **by)
    else:
        doubts.clear(identity=identity, **by)
    identity.refresh_from_db()
    return show.identity(identity)


def _suggestion(request: ApiRequest, contact_id: int, suggestion_id: int) -> Suggestion:
    contact = lookups.changeable(request, contact_id)
    row = suggesting.open_suggestions(contact).filter(pk=suggestion_id).first()
    if row is None:
        raise NotFound
    lookups.contact(request, suggesting.other_of(row, contact.pk).pk)
    return row
