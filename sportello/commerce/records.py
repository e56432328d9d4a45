"""What a connector says about the world: plain data, no database. None means “not told”: what is known stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, as the shop knows him. Addresses as the shop spells them."""

    external_id: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    confirmed: bool = False
    """He has an account there, and the shop had him open something that it sent to this mail address."""
    contact_id: int | None = None
    """Said by an application of ours that knows the contact; shops never do."""


@dataclass(frozen=True, slots=True)
class Line:
    external_id: str
    name: str
    quantity: Decimal = Decimal(1)
    sku: str = ""
    unit_price: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    external_id: str
    order: str = ""
    """External id or number of its order; empty when it comes inside the order."""
    updated_at: datetime | None = None
    state: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    external_id: str
    order: str = ""
    updated_at: datetime | None = None
    state: str | None = None
    reason: str | None = None
    amount: Decimal | None = None
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    external_id: str
    order: str = ""
    updated_at: datetime | None = None
    number: str | None = None
    url: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    external_id: str
    updated_at: datetime | None = None
    """When the shop last changed it; without one the moment of arrival counts."""
    number: str | None = None
    state: str | None = None
    payment: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    shipping: Decimal | None = None
    refunded: Decimal | None = None
    placed_at: datetime | None = None
    status_url: str | None = None
    store: str | None = None
    """External id of the shop where it is collected."""
    buyer: Buyer | None = None
    lines: tuple[Line, ...] | None = None
    shipments: tuple[ShipmentRecord, ...] = ()
    returns: tuple[ReturnRecord, ...] = ()
    invoices: tuple[InvoiceRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    external_id: str
    updated_at: datetime | None = None
    name: str | None = None
    state: str | None = None
    interval: str | None = None
    currency: str | None = None
    price: Decimal | None = None
    next_at: datetime | None = None
    buyer: Buyer | None = None


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    external_id: str
    updated_at: datetime | None = None
    name: str | None = None
    model: str | None = None
    serial: str | None = None
    state: str | None = None
    buyer: Buyer | None = None


@dataclass(frozen=True, slots=True)
class WarrantyRecord:
    external_id: str
    updated_at: datetime | None = None
    product: str | None = None
    serial: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    buyer: Buyer | None = None


@dataclass(frozen=True, slots=True)
class LoyaltyRecord:
    external_id: str
    updated_at: datetime | None = None
    tier: str | None = None
    points: int | None = None
    buyer: Buyer | None = None


@dataclass(frozen=True, slots=True)
class StoreRecord:
    external_id: str
    updated_at: datetime | None = None
    name: str | None = None
    city: str | None = None
    address: str | None = None
    offers_pickup: bool | None = None


@dataclass(frozen=True, slots=True)
class StockRecord:
    store: str
    """External id of the shop."""
    sku: str | None = None
    updated_at: datetime | None = None
    name: str | None = None
    quantity: int | None = None
    item: str = ""
    """The product's id in the shop, where some of what it says names no SKU."""

    @property
    def external_id(self) -> str:
        return f"{self.store}/{self.item or self.sku}"


Record = (
    OrderRecord
    | ShipmentRecord
    | ReturnRecord
    | InvoiceRecord
    | SubscriptionRecord
    | DeviceRecord
    | WarrantyRecord
    | LoyaltyRecord
    | StoreRecord
    | StockRecord
)
