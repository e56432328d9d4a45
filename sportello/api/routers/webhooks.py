"""``/webhooks``: who is told of facts, and how each telling went. For administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Status
from pydantic import Field

from sportello.api import cursors
from sportello.api.problems import NotFound
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Id, In, Out, Page, Paged
from sportello.automation.webhooks import actions
from sportello.automation.webhooks.models import Webhook, WebhookDelivery
from sportello.core.clock import now

router = Router(tags=["webhooks"])

type Url = Annotated[str, Field(max_length=2000)]
type Types = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=100)]


class WebhookIn(In):
    url: Url
    types: Types = []
    description: Annotated[str, Field(max_length=200)] = ""


class WebhookPatch(In):
    url: Url | None = None
    types: Types | None = None
    description: Annotated[str, Field(max_length=200)] | None = None
    active: bool | None = None


class DeliveryFilter(Paged):
    state: Literal["", "waiting", "delivered", "failed"] = ""


class WebhookOut(Out):
    id: int
    url: str
    description: str
    types: list[str]
    status: str
    """``on``, ``off`` or ``paused``."""
    reason: str
    failures: int
    created_at: datetime


class WebhookWithSecret(WebhookOut):
    secret: str
    """Shown this once."""


class WebhookDeliveryOut(Out):
    id: int
    event: int
    type: str
    state: str
    attempts: int
    status_code: int | None
    error: str
    due_at: datetime
    created_at: datetime
    settled_at: datetime | None


@router.get("", response=Page[WebhookOut], summary="List webhooks")
def list_webhooks(request: ApiRequest) -> Any:
    _administrator(request)
    rows = Webhook.objects.order_by("pk")
    return {"items": [_show(hook) for hook in rows], "next_cursor": None}


@router.post("", response={201: WebhookWithSecret}, summary="Add a webhook")
def create_webhook(request: ApiRequest, payload: WebhookIn) -> Any:
    """Hears of what happens from now on. Verify with the secret; see standardwebhooks.com."""
    _administrator(request)
    hook, secret = actions.create_webhook(
        url=payload.url,
        types=payload.types,
        description=payload.description,
        actor=request.actor,
        now=now(),
    )
    return Status(201, _show(hook) | {"secret": secret})


@router.get("/{id}", response=WebhookOut, summary="Read a webhook")
def get_webhook(request: ApiRequest, id: Id) -> Any:
    _administrator(request)
    return _show(_hook(id))


@router.patch("/{id}", response=WebhookOut, summary="Change a webhook")
def patch_webhook(request: ApiRequest, id: Id, payload: WebhookPatch) -> Any:
    """`{"active": true}` wakes a paused one: what has waited is told."""
    _administrator(request)
    values = {k: v for k, v in payload.model_dump(exclude_unset=True).items() if v is not None}
    if "active" in values:
        values["is_active"] = values.pop("active")
    return _show(
        actions.update_webhook(hook=_hook(id), values=values, actor=request.actor, now=now())
    )


@router.delete("/{id}", response={204: None}, summary="Delete a webhook")
def delete_webhook(request: ApiRequest, id: Id) -> Any:
    _administrator(request)
    actions.delete_webhook(hook=_hook(id), actor=request.actor)
    return Status(204, None)


@router.post("/{id}/secret", response=WebhookWithSecret, summary="Change the secret")
def rotate(request: ApiRequest, id: Id) -> Any:
    """Until the next change both the new and the old one sign."""
    _administrator(request)
    hook = _hook(id)
    return _show(hook) | {"secret": actions.rotate_secret(hook=hook, actor=request.actor)}


@router.get("/{id}/deliveries", response=Page[WebhookDeliveryOut], summary="Read the delivery log")
def list_deliveries(request: ApiRequest, id: Id, filters: Query[DeliveryFilter]) -> Any:
    """Newest first."""
    _administrator(request)
    rows = _hook(id).deliveries.order_by("-pk")
    if filters.state:
        rows = rows.filter(state=filters.state)
    name = f"deliveries.{id}"
    if filters.cursor:
        rows = rows.filter(pk__lt=cursors.read(name, filters.cursor, 1)[0])
    found = list(rows[: filters.limit + 1])
    more, found = len(found) > filters.limit, found[: filters.limit]
    key = cursors.make(name, found[-1].pk) if more else None
    return {"items": [_telling(d) for d in found], "next_cursor": key}


@router.post(
    "/{id}/deliveries/{delivery_id}/replay",
    response={202: WebhookDeliveryOut},
    summary="Tell it again",
)
def replay(request: ApiRequest, id: Id, delivery_id: Id) -> Any:
    """Under the same webhook-id."""
    _administrator(request)
    delivery = _hook(id).deliveries.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    return Status(202, _telling(actions.replay(delivery=delivery, actor=request.actor, now=now())))


def _administrator(request: ApiRequest) -> None:
    require(request.rights.is_administrator)


def _hook(id: int) -> Webhook:
    found = Webhook.objects.filter(pk=id).first()
    if found is None:
        raise NotFound
    return found


def _show(hook: Webhook) -> dict[str, Any]:
    return {
        "id": hook.pk,
        "url": hook.url,
        "description": hook.description,
        "types": list(hook.types),
        "status": "off" if not hook.is_active else "paused" if hook.paused_at else "on",
        "reason": hook.paused_reason,
        "failures": hook.failures,
        "created_at": hook.created_at,
    }


def _telling(row: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "event": row.event_id,
        "type": row.event_type,
        "state": row.state,
        "attempts": row.attempts,
        "status_code": row.status_code,
        "error": row.error,
        "due_at": row.due_at,
        "created_at": row.created_at,
        "settled_at": row.settled_at,
    }
