"""What somebody bought, as the card beside a ticket and the profile show it, and as it is quoted into an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sportello.accounts.rights import Rights
from sportello.commerce import money, queries
from sportello.commerce.contract import Act
from sportello.commerce.models import Deed, Order, OrderState, Shipment, Stock, Subscription
from sportello.commerce.reasons import SENTENCES, Reason

ON_CARD = 3
LOOKS = {
    "placed": ("", "circle"),
    "processing": ("", "package"),
    "ready_for_pickup": ("ok", "house"),
    "shipped": ("", "truck"),
    "delivered": ("ok", "check"),
    "cancelled": ("off", "ban"),
    "returned": ("warn", "undo-2"),
}
"""State → class of the pill and icon."""
GOODS = {"subscription": "refresh-cw", "warranty": "shield-check", "device": "smartphone", "loyalty": "star"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Good:
    """Something besides orders, in a line."""

    icon: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the shop was asked to do, and what came of it, in the reader's language."""

    icon: str
    title: str
    state: str
    why: str
    """Our sentence; empty when all went well."""
    words: str
    """What the shop itself said."""


@dataclass(frozen=True, slots=True)
class Back:
    """A return as the card shows it."""

    reason: str
    amount: str
    state: str


@dataclass(frozen=True, slots=True)
class Bought:
    """One order as the card shows it."""

    order: Order
    total: str
    refunded: str
    state: str
    tone: str
    icon: str
    parcels: list[Shipment]
    lines: list[tuple[str, str, str]]
    """(name, quantity when it is not one, price)"""
    returns: list[Back]
    deeds: list[Asked]
    acts: frozenset[Act]


@dataclass(frozen=True, slots=True)
class Card:
    orders: list[Bought]
    more: bool
    goods: list[Good]
    claimed: list[Order]
    """Orders with an address that he has not proved: their numbers only."""

    @property
    def is_empty(self) -> bool:
        return not (self.orders or self.goods or self.claimed)


def card(contact_id: int, rights: Rights, *, most: int = ON_CARD) -> Card:
    """As far as the agent's brands go."""
    brands = queries.brands_of(rights)
    found = queries.newest_of(contact_id, brands, most + 1)
    claimed = list(queries.claimed_by(contact_id, brands)[:3])
    orders = [bought(order) for order in found[:most]]
    return Card(orders, len(found) > most, goods(contact_id, brands), claimed)


def bought(order: Order) -> Bought:
    tone, icon = LOOKS.get(order.state, ("", "package"))
    lines = [
        (
            line.name,
            "" if line.quantity == 1 else f"{line.quantity.normalize():f}",
            money.shown(line.total, order.currency),
        )
        for line in order.lines.all()
    ]
    return Bought(
        order=order,
        total=money.shown(order.total, order.currency),
        refunded=money.shown(order.refunded, order.currency) if order.refunded else "",
        state=str(order.get_state_display()),
        tone=tone,
        icon=icon,
        parcels=list(order.shipments.all()),
        lines=lines,
        returns=[
            Back(one.reason, money.shown(one.amount, order.currency), str(one.get_state_display()))
            for one in order.returns.all()
        ],
        deeds=[_asked(deed, order.currency) for deed in list(order.deeds.all())[:3]],
        acts=queries.acts_on(order),
    )


DEED_ICONS = {"done": "check", "failed": "triangle-alert", "unknown": "triangle-alert"}


def _asked(deed: Deed, currency: str) -> Asked:
    amount = money.shown(deed.amount, currency)
    title = str(deed.get_kind_display()) + (f", {amount}" if amount else "")
    icon = DEED_ICONS.get(deed.state, "clock")
    return Asked(icon, title, str(deed.get_state_display()), because(deed), deed.words)


def because(deed: Deed) -> str:
    """Why the shop did not do it (yet), in the reader's language."""
    if deed.state == "done" or deed.why not in set(Reason):
        return ""
    return _(SENTENCES[Reason(deed.why)]).format(**deed.values)


def goods(contact_id: int, brands: frozenset[int] | None) -> list[Good]:
    return [
        Good(GOODS[kind], title, _detail(kind, state, at))
        for kind, title, state, at in queries.goods_in_short(contact_id, brands)
    ]


def _detail(kind: str, state: str, at: datetime | None) -> str:
    day = _day(at) if at else ""
    match kind:
        case "subscription":
            if state == "active" and day:
                return _("next on %(day)s") % {"day": day}
            return str(dict(Subscription.State.choices).get(state, state))
        case "warranty":
            over = at is not None and at < timezone.now()
            said = _("ended on %(day)s") if over else _("until %(day)s")
            return said % {"day": day} if day else state
        case "loyalty":
            return _("%(n)s points") % {"n": state}
    return state


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M Y").lower()


def quote(order: Order, language: str) -> str:
    """A neat block for the answer, in the customer's language: number, state, parcels, goods."""
    with translation.override(language or translation.get_language()):
        lines = [_("Order %(number)s of %(day)s") % {"number": order.number, "day": _day(order.placed_at)}]  # fmt: skip
        for line in order.lines.all():
            price = money.shown(line.total, order.currency)
            lines.append(f"  {line.quantity.normalize():f} × {line.name}" + (f", {price}" if price else ""))  # fmt: skip
        if order.total:
            lines.append(_("Total: %(total)s") % {"total": money.shown(order.total, order.currency)})  # fmt: skip
        lines.append(_("State: %(state)s") % {"state": order.get_state_display()})
        if order.store and order.state == OrderState.READY:
            lines.append(_("To be collected at: %(shop)s") % {"shop": _where(order)})
        for parcel in order.shipments.all():
            named = " ".join(filter(None, [parcel.carrier, parcel.tracking_number]))
            lines.append(pgettext("parcel", "Parcel: %(name)s") % {"name": named or parcel.external_id})  # fmt: skip
            if parcel.tracking_url:
                lines.append(f"  {parcel.tracking_url}")
        return "\n".join(lines)


def _where(order: Order) -> str:
    shop = order.store
    return ", ".join(filter(None, [shop.name, shop.address, shop.city])) if shop else ""


def stock(order: Order) -> list[tuple[str, list[Stock]]]:
    """Product → shops that have it, for who asks where to collect or exchange."""
    names = {line.sku: line.name for line in order.lines.all() if line.sku}
    found: dict[str, list[Stock]] = {}
    for row in queries.stock_of(list(names)):
        found.setdefault(row.sku, []).append(row)
    return [(names[sku], rows) for sku, rows in found.items()]
