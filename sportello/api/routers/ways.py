"""``/tickets/{number}/ways``: by which channels the customer can be answered now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router

from sportello.api import lookups
from sportello.api.requests import ApiRequest
from sportello.api.schemas import Number, Out, Page
from sportello.api.shapes import ChannelRef
from sportello.core.clock import now
from sportello.tickets.ways.reachable import Way, reachable

router = Router(tags=["tickets"])


class PriceOut(Out):
    amount: float
    currency: str


class WayOut(Out):
    channel: ChannelRef
    address: str
    claimed: bool
    """Only a line and a link go there until the customer has opened it."""
    open: bool
    """Free text may go."""
    shut: str | None
    """`window` (an approved template may go), `opted_out` (STOP), or `refused` (said no to service messages)."""
    closes_at: datetime | None
    templates: int
    consent: str
    price: PriceOut | None
    """Of a message; a text message: of each of its parts."""
    last_arrived_at: datetime | None
    preferred: bool
    """The customer wrote here last."""


@router.get("/{number}/ways", response=Page[WayOut], summary="List the ways to the customer")
def list_ways(request: ApiRequest, number: Number) -> Any:
    """The best one first."""
    ticket = lookups.answerable(request, number)
    return {"items": [_show(way) for way in reachable(ticket, now=now())], "next_cursor": None}


def _show(way: Way) -> dict[str, Any]:
    mouth = way.mouth
    price = {"amount": mouth.cost, "currency": mouth.currency} if mouth.cost is not None else None
    return {
        "channel": {"id": mouth.public_id, "provider": mouth.provider.kind, "name": mouth.name},
        "address": way.identity.address,
        "claimed": way.is_neutral,
        "open": way.is_open,
        "shut": way.shut,
        "closes_at": way.closes_at,
        "templates": way.templates,
        "consent": way.consent,
        "price": price,
        "last_arrived_at": way.arrived_at,
        "preferred": way.preferred,
    }
