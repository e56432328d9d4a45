"""Reads of this room. Whose they are is asked by the door with `tickets.people`: an order is seen with its contact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from sportello.accounts.rights import Rights
from sportello.commerce.contract import Act
from sportello.commerce.models import (
    Arrival,
    Connection,
    Deed,
    Device,
    Loyalty,
    Order,
    Stock,
    Subscription,
    Warranty,
)
from sportello.commerce.ordering import number_key
from sportello.contacts.models import Proof
from sportello.contacts.queries import identities_of
from sportello.core import sql
from sportello.core.compiled import compiled

NUMBERS_READ = 40
"""Candidates for order numbers that one text may name."""
_WORD = re.compile(r"#?[A-Za-z]{0,6}[-/ ]?\d[\dA-Za-z/-]{2,20}")
_OPEN = ("placed", "processing", "ready_for_pickup")


def brands_of(rights: Rights) -> frozenset[int] | None:
    """The brands whose shops an agent looks into; None means all."""
    if any(scope.brand_id is None for scope in rights.scopes):
        return None
    return frozenset(scope.brand_id for scope in rights.scopes if scope.brand_id is not None)


def _of_brands(brands: frozenset[int] | None) -> Q:
    """Shops without a brand are everybody's."""
    if brands is None:
        return Q()
    return Q(connection__brand=None) | Q(connection__brand__in=brands)


def of_contact(contact_id: int, brands: frozenset[int] | None = None) -> QuerySet[Order]:
    """Newest first, with what a card shows; of these brands' shops."""
    rows = Order.objects.filter(_of_brands(brands), contact_id=contact_id)
    rows = rows.select_related("connection", "store").prefetch_related(*_RELATED, _deeds())
    return rows.order_by("-placed_at", "-pk")


_RELATED = ("lines", "shipments", "returns", "invoices")


def _deeds() -> Prefetch[Any]:
    return Prefetch("deeds", Deed.objects.order_by("-pk"))


def newest_of(contact_id: int, brands: frozenset[int] | None, most: int) -> list[Order]:
    """The same as a list, for the card that is drawn beside every ticket: most people have not bought anything."""
    found = _newest(brands, most, contact=contact_id)
    if found:
        prefetch_related_objects(found, *_RELATED, _deeds())
    return found


@compiled
def _newest(brands: frozenset[int] | None, most: int, *, contact: Any) -> QuerySet[Order]:
    rows = Order.objects.filter(_of_brands(brands), contact_id=contact)
    return rows.select_related("connection", "store").order_by("-placed_at", "-pk")[:most]


def claimed_by(contact_id: int, brands: frozenset[int] | None = None) -> QuerySet[Order]:
    """Orders of nobody that carry an address which this contact has not proved: shown with a warning, by number only."""
    mine = identities_of(contact=contact_id)
    known = [(one.kind, one.address) for one in mine if one.proof != Proof.VERIFIED]
    emails = [address for kind, address in known if kind == "email"]
    phones = [address for kind, address in known if kind in {"phone", "sms", "whatsapp"}]
    if not known:
        return Order.objects.none()
    same = Q(email__in=[e for e in emails if e]) | Q(phone__in=[p for p in phones if p])
    open_to_all = Order.objects.filter(same, _of_brands(brands))
    return open_to_all.filter(contact=None, is_erased=False).order_by("-placed_at")


def orders_named(text: str, *, contact_id: int | None = None) -> list[Order]:
    """The orders whose numbers stand in a text, in its order; of one contact, when it is named.

    Only whole words that are some order's number: a date or a telephone number names nothing.
    """
    keys = numbers_in(text)
    if not keys:
        return []
    rows = Order.objects.filter(number_key__in=keys)
    if contact_id is not None:
        rows = rows.filter(contact_id=contact_id)
    places = {key: at for at, key in enumerate(keys)}
    return sorted(rows, key=lambda order: (places[order.number_key], -order.placed_at.timestamp()))


def numbers_in(text: str) -> list[str]:
    """What may be an order's number in a text, as orders keep it, in its order."""
    keys: dict[str, None] = {}
    for word in _WORD.findall(text[:20_000]):
        key = number_key(word)
        if len(key) >= 4:
            keys.setdefault(key)
        if len(keys) >= NUMBERS_READ:
            break
    return list(keys)


def acts_on(order: Order) -> frozenset[Act]:
    """What the shop allows with this order as it stands."""
    if not order.connection.is_active:
        return frozenset()
    allowed = set(order.connection.code.acts)
    if order.payment not in {"paid", "partly_refunded"} or order.refunded >= order.total:
        allowed.discard(Act.REFUND)
    if order.state not in _OPEN:
        allowed.discard(Act.CANCEL)
    return frozenset(allowed)


def goods_of(contact_id: int) -> dict[str, Sequence[Subscription | Device | Warranty | Loyalty]]:
    """What he has besides orders."""
    own = {"contact_id": contact_id}
    return {
        "subscriptions": list(Subscription.objects.filter(**own).order_by("state", "-pk")[:10]),
        "devices": list(Device.objects.filter(**own).order_by("-updated_at")[:10]),
        "warranties": list(Warranty.objects.filter(**own).order_by("-ends_at")[:10]),
        "loyalties": list(Loyalty.objects.filter(**own).order_by("-points")[:3]),
    }


def stock_of(skus: Sequence[str]) -> list[Stock]:
    """Where these products are: first the shops where one can collect them, then warehouses."""
    rows = Stock.objects.filter(sku__in=[s for s in skus if s]).select_related("store")
    return list(rows.order_by("sku", "-store__offers_pickup", "store__name"))


def connections() -> QuerySet[Connection]:
    return Connection.objects.select_related("brand").order_by("name", "pk")


def parked(connection_id: int) -> QuerySet[Arrival]:
    """What could not be read or applied, newest first."""
    rows = Arrival.objects.filter(connection_id=connection_id).exclude(parked_at=None)
    return rows.order_by("-pk")


def by_public_id(public_id: str) -> Connection | None:
    return Connection.objects.filter(public_id=public_id).first()


def goods_in_short(
    contact_id: int, brands: frozenset[int] | None = None
) -> list[tuple[str, str, str, datetime | None]]:
    """(kind, title, state, moment) of what he has besides orders, in one statement: for the card."""
    wanted = None if brands is None else sorted(brands)
    rows = sql.fetch(_IN_SHORT, [contact_id, wanted])
    return [(kind, title, state, at) for kind, title, state, at in rows]


_IN_SHORT = """
SELECT g.kind, g.title, g.state, g.at FROM (SELECT %s::bigint AS c, %s::bigint[] AS brands) w, LATERAL (
  SELECT 'subscription', name, state, next_at, connection_id FROM commerce_subscription x WHERE contact_id = w.c AND state <> 'ended'
  UNION ALL SELECT 'warranty', product, serial, ends_at, connection_id FROM commerce_warranty x WHERE contact_id = w.c
  UNION ALL SELECT 'device', name, state, updated_at, connection_id FROM commerce_device x WHERE contact_id = w.c
  UNION ALL SELECT 'loyalty', tier, points::text, NULL, connection_id FROM commerce_loyalty x WHERE contact_id = w.c
) g(kind, title, state, at, connection_id)
JOIN commerce_connection c ON c.id = g.connection_id
WHERE c.brand_id IS NULL OR w.brands IS NULL OR c.brand_id = ANY(w.brands)
LIMIT 12
"""
