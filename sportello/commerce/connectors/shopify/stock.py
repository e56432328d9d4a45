"""Where a Shopify shop's goods are: its locations, and how many of each item one can buy there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sportello.commerce.records import StockRecord, StoreRecord
from sportello.commerce.wire.values import Moment, Shape, Text

LOCATIONS = """query { locations(first: 100) { nodes { legacyResourceId name address { address1 city }
  localPickupSettingsV2 { pickupTime } } } }"""
LEVELS = """query Levels($id: ID!, $after: String, $query: String) { location(id: $id) {
  inventoryLevels(first: 100, after: $after, query: $query) { nodes { updatedAt
    quantities(names: ["available"]) { quantity } item { legacyResourceId sku tracked } }
    pageInfo { hasNextPage endCursor } } } }"""
"""Both need the scopes ``read_inventory`` and ``read_locations``."""


class Level(Shape):
    """The body of ``inventory_levels/*``: it names the item by the shop's number, never by its SKU."""

    inventory_item_id: Text
    location_id: Text
    available: int | None = None
    updated_at: Moment = None


class Location(Shape):
    """The body of ``locations/*``."""

    id: Text
    name: Text = ""
    city: Text = ""
    address1: Text = ""
    updated_at: Moment = None


def of_level(one: Level, *, gone: bool, at: datetime | None) -> StockRecord:
    return StockRecord(
        store=one.location_id,
        item=one.inventory_item_id,
        updated_at=one.updated_at or at,
        quantity=0 if gone else one.available,
    )


def of_location(one: Location) -> StoreRecord:
    return StoreRecord(
        one.id, one.updated_at, one.name or one.id, one.city or None, one.address1 or None
    )


class Address(Shape):
    address1: Text = ""
    city: Text = ""


class NodeLocation(Shape):
    legacyResourceId: Text  # noqa: N815  (Shopify's spelling)
    name: Text = ""
    address: Address | None = None
    localPickupSettingsV2: dict[str, Any] | None = None  # noqa: N815


class Item(Shape):
    legacyResourceId: Text = ""  # noqa: N815
    sku: Text = ""
    tracked: bool = True


class Quantity(Shape):
    quantity: int | None = None


class NodeLevel(Shape):
    updatedAt: Moment = None  # noqa: N815
    quantities: list[Quantity] = []
    item: Item = Item()


def of_location_node(one: NodeLocation) -> StoreRecord:
    where = one.address or Address()
    return StoreRecord(
        external_id=one.legacyResourceId,
        name=one.name or one.legacyResourceId,
        city=where.city,
        address=where.address1,
        offers_pickup=one.localPickupSettingsV2 is not None,
    )


def of_level_node(one: NodeLevel, store: str) -> StockRecord | None:
    """None for what the shop does not count."""
    if not one.item.tracked or not one.item.legacyResourceId:
        return None
    return StockRecord(
        store=store,
        sku=one.item.sku,
        item=one.item.legacyResourceId,
        updated_at=one.updatedAt,
        quantity=one.quantities[0].quantity if one.quantities else None,
    )
