"""``/channels``: the counter's mouths. Settings go in and never come out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from ninja import Router, Status
from pydantic import Field

from sportello.accounts.models import Brand, Team
from sportello.api import lookups, show
from sportello.api.problems import NotFound, invalid
from sportello.api.requests import ApiRequest, require
from sportello.api.schemas import Data, Id, In, Out, Page, Ref
from sportello.api.shapes import ChannelOut
from sportello.channels import actions, checks
from sportello.channels import queries as channel_queries
from sportello.channels.models import Channel
from sportello.core.clock import now

router = Router(tags=["channels"])

type Name = Annotated[str, Field(min_length=1, max_length=100)]


class PriceIn(In):
    """What one message costs; a text message: each of its parts. No amount: nobody knows."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=4)] | None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"


class TemplateOut(Out):
    name: str
    language: str
    body: str
    parameters: int
    status: str


class ChannelIn(In):
    provider: Annotated[str, Field(max_length=32)]
    name: Name
    brand: Ref | Id | None = None
    team: Ref | None = None
    settings: Data = {}
    price: PriceIn | None = None


class ChannelPatch(In):
    name: Name | None = None
    brand: Ref | Id | None = None
    team: Ref | None = None
    settings: Data | None = None
    active: bool | None = None
    price: PriceIn | None = None


class CheckOut(Out):
    title: str
    ok: bool | None
    detail: str
    milliseconds: int | None


@router.get("", response=Page[ChannelOut], summary="List channels")
def list_channels(request: ApiRequest) -> Any:
    """Those of your brands. Where webhooks go is for administrators."""
    rows = lookups.channels(request.rights)
    return {"items": [_show(request, row) for row in rows], "next_cursor": None}


@router.post("", response={201: ChannelOut}, summary="Open a channel")
def create_channel(request: ApiRequest, payload: ChannelIn) -> Any:
    require(request.rights.is_administrator)
    channel = actions.create_channel(
        provider=payload.provider,
        name=payload.name,
        brand=_brand(payload.brand),
        team=_team(payload.team),
        settings=payload.settings,
        price=_price(payload.price),
        actor=request.actor,
        now=now(),
    )
    channel_queries.forget()
    return Status(201, _show(request, channel))


@router.get("/{id}", response=ChannelOut, summary="Read a channel")
def get_channel(request: ApiRequest, id: str) -> Any:
    return _show(request, _channel(request, id))


@router.patch("/{id}", response=ChannelOut, summary="Change a channel")
def patch_channel(request: ApiRequest, id: str, payload: ChannelPatch) -> Any:
    """Settings that are not named stay; a blank secret keeps the stored one."""
    channel = _managed(request, id)
    given = payload.model_fields_set
    if given - {"active"}:
        actions.update_channel(
            channel=channel,
            name=payload.name or channel.name,
            brand=_brand(payload.brand) if payload.brand else channel.brand,
            settings={**channel.plain_settings, **(payload.settings or {})},
            team=_team(payload.team) if "team" in given else channel.team,
            calendar=channel.calendar,
            price=_price(payload.price),
            actor=request.actor,
            now=now(),
        )
    if payload.active is not None:
        actions.switch(channel=channel, on=payload.active, actor=request.actor, now=now())
    channel_queries.forget()
    return _show(request, channel)


@router.delete("/{id}", response={204: None}, summary="Switch a channel off")
def switch_off(request: ApiRequest, id: str) -> Any:
    """Off, not gone: its tickets stay. One that was never used can be deleted in the settings."""
    actions.switch(channel=_managed(request, id), on=False, actor=request.actor, now=now())
    channel_queries.forget()
    return Status(204, None)


@router.post("/{id}/check", response=Page[CheckOut], summary="Check a channel's settings")
def check(request: ApiRequest, id: str) -> Any:
    """Real calls to the provider; takes as long as they do."""
    lines = checks.check(_managed(request, id))
    items = [
        {"title": c.title, "ok": c.ok, "detail": c.detail, "milliseconds": c.milliseconds}
        for c in lines
    ]
    return {"items": items, "next_cursor": None}


@router.get("/{id}/templates", response=Page[TemplateOut], summary="List approved templates")
def list_templates(request: ApiRequest, id: str) -> Any:
    """As of the last time the provider was asked; `status` is the provider's."""
    rows = _channel(request, id).templates.all()
    names = TemplateOut.model_fields
    items = [{name: getattr(row, name) for name in names} for row in rows]
    return {"items": items, "next_cursor": None}


def _price(price: PriceIn | None) -> actions.Price | None:
    return actions.Price(price.amount, price.currency) if price else None


def _channel(request: ApiRequest, public_id: str) -> Channel:
    found = lookups.channels(request.rights).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def _managed(request: ApiRequest, public_id: str) -> Channel:
    found = _channel(request, public_id)
    require(request.rights.is_administrator)
    return found


def _brand(ref: Ref | int | None) -> Brand:
    wanted = ref.id if isinstance(ref, Ref) else ref
    rows = Brand.objects.order_by("pk")
    found = rows.filter(pk=wanted).first() if wanted else rows.first()
    if found is None:
        raise invalid("brand", "There is no such brand.")
    return found


def _team(ref: Ref | None) -> Team | None:
    if ref is None:
        return None
    found = Team.objects.filter(pk=ref.id).first()
    if found is None:
        raise invalid("team", "There is no such team.")
    return found


def _show(request: ApiRequest, row: Channel) -> dict[str, Any]:
    hears = row.code.capabilities.inbound_webhook
    return {
        "id": row.public_id,
        "provider": row.provider,
        "name": row.name,
        "brand": show.named(row.brand),
        "webhook_url": actions.webhook_url(row)
        if hears and request.rights.is_administrator
        else None,
        "status": "off" if not row.is_active else "error" if row.last_error else "on",
    }
