"""How many of a product a WooCommerce shop has. It has one stock, and says nothing of places."""

from __future__ import annotations

from urllib.parse import urlsplit

from sportello.commerce.records import StockRecord, StoreRecord
from sportello.commerce.wire.values import Amount, Moment, Shape, Text

STORE = "online"
"""External id of the one place there is."""


class Product(Shape):
    """A product or one of its variations; the bodies of ``product.*`` are the same."""

    id: Text
    type: Text = ""
    name: Text = ""
    sku: Text = ""
    manage_stock: bool | str = False
    """``parent`` on a variation that has no stock of its own."""
    stock_quantity: Amount = None
    date_modified_gmt: Moment = None


def of_product(one: Product) -> StockRecord | None:
    """None for what the shop does not count."""
    if one.manage_stock is not True or one.stock_quantity is None:
        return None
    return StockRecord(
        STORE, one.sku, one.date_modified_gmt, one.name or None, int(one.stock_quantity), one.id
    )


def place(site: str) -> StoreRecord:
    """The shop itself. Whether one can collect there it does not say."""
    return StoreRecord(STORE, name=urlsplit(site).hostname or STORE, offers_pickup=False)
