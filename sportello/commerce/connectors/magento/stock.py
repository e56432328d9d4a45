"""Where a Magento shop's goods are: the sources of its multi-source inventory, and how many of each SKU they hold.

Source items do not say when they changed, so once an hour all are read, and only pages that say something else than
the last time are handed on. Shops without that inventory answer 404: they have no places.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sportello.commerce.contract import Raw
from sportello.commerce.records import StockRecord, StoreRecord
from sportello.commerce.wire import calls
from sportello.commerce.wire.values import Amount, NullIsEmpty, Shape, Text, at

PAGE = 300
MOST_PAGES = 400
ROUND = timedelta(hours=1)


class Extension(Shape):
    is_pickup_location_active: bool = False
    frontend_name: Text = ""


class Source(Shape):
    source_code: Text
    name: Text = ""
    city: Text = ""
    street: Text = ""
    extension_attributes: Extension | None = None


class Item(Shape):
    sku: Text
    source_code: Text
    quantity: Amount = None
    status: int | None = None
    """0: out of stock, whatever the quantity."""


def of_source(one: Source) -> StoreRecord:
    more = one.extension_attributes or Extension()
    return StoreRecord(
        external_id=one.source_code,
        name=more.frontend_name or one.name or one.source_code,
        city=one.city,
        address=one.street,
        offers_pickup=more.is_pickup_location_active,
    )


def of_item(one: Item) -> StockRecord:
    count = 0 if one.status == 0 else int(one.quantity or 0)
    return StockRecord(one.source_code, one.sku, quantity=count)


def poll(
    cursor: dict[str, Any], fetch: Callable[[str, int, int], Any]
) -> Iterator[tuple[Raw, dict[str, Any]]]:
    """Pages that say something new. `fetch` takes a path, a page's number and size, and raises `NetError`."""
    began, own = datetime.now(UTC), dict(cursor.get("stock") or {})
    if own.get("at", "") > (began - ROUND).isoformat():
        return
    known, sums = own.get("pages") or [], list[int]()
    try:
        for name, path in (("sources", "inventory/sources"), ("items", "inventory/source-items")):
            for page in _pages(path, fetch):
                body = json.dumps({name: page}).encode()
                sums.append(zlib.crc32(body))
                if page and known[len(sums) - 1 : len(sums)] != sums[-1:]:
                    yield Raw(body, source="poll"), dict(cursor)
    except calls.ShopRefused:
        return
    yield Raw(b"", source="poll"), cursor | {"stock": {"at": began.isoformat(), "pages": sums}}


def _pages(path: str, fetch: Callable[[str, int, int], Any]) -> Iterator[list[Any]]:
    for number in range(1, MOST_PAGES + 1):
        data = fetch(path, number, PAGE)
        found = at(data, "items")
        page = found if isinstance(found, list) else []
        yield page
        # Magento repeats its last page for ever: the count says where it ends.
        if number * PAGE >= int(at(data, "total_count") or 0):
            return


class Page(Shape):
    """What `poll` hands on."""

    sources: Annotated[list[Source], NullIsEmpty] = []
    items: Annotated[list[Item], NullIsEmpty] = []
