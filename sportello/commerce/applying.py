"""Records become rows: idempotent, and what is older than what is known changes nothing.

The caller holds the transaction and records the facts that come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sportello.commerce import events, ordering
from sportello.commerce.models import (
    Connection,
    Device,
    Loyalty,
    Stock,
    Store,
    Subscription,
    Warranty,
)
from sportello.commerce.records import (
    DeviceRecord,
    InvoiceRecord,
    LoyaltyRecord,
    OrderRecord,
    Record,
    ReturnRecord,
    ShipmentRecord,
    StockRecord,
    StoreRecord,
    SubscriptionRecord,
    WarrantyRecord,
)
from sportello.commerce.writing import Applied, bought, put, store_named


def apply(connection: Connection, records: Sequence[Record], *, now: datetime) -> Applied:
    """Write what the records say. Raises `TooEarly`."""
    done = Applied(now, connection)
    for record in records:
        match record:
            case OrderRecord():
                ordering.order(done, record)
            case ShipmentRecord() | ReturnRecord() | InvoiceRecord():
                ordering.attached(done, record, ordering.order_named(done, record.order))
            case StockRecord():
                _stock(done, record)
            case StoreRecord():
                put(done, Store, record, {})
            case SubscriptionRecord():
                _subscription(done, record)
            case DeviceRecord():
                row, new, changed = put(done, Device, record, bought(Device, record, record.buyer))
                if row and (new or "state" in changed):
                    done.tell(events.DEVICE_REPORTED, row.contact_id, record.updated_at, device=row.pk)  # fmt: skip
            case WarrantyRecord():
                put(done, Warranty, record, bought(Warranty, record, record.buyer))
            case LoyaltyRecord():
                put(done, Loyalty, record, bought(Loyalty, record, record.buyer))
    return done


def _subscription(done: Applied, record: SubscriptionRecord) -> None:
    extra = bought(Subscription, record, record.buyer)
    row, new, changed = put(done, Subscription, record, extra)
    if row and not new and "state" in changed:
        what = {"subscription": row.pk, "state": row.state}
        done.tell(events.SUBSCRIPTION_CHANGED, row.contact_id, record.updated_at, **what)


def _stock(done: Applied, record: StockRecord) -> None:
    put(done, Stock, record, {"store_id": store_named(done, record.store).pk})
