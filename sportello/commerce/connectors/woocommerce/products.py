"""The stock of a WooCommerce shop, fetched: what was edited with every poll, everything once a day.

An order takes from the stock without touching the day on which the product was changed, so that asking for changes
alone would miss what matters most. Webhooks tell it at once; the daily round finds what they missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sportello.commerce.connectors.woocommerce import api
from sportello.commerce.contract import Raw, Settings
from sportello.commerce.wire import calls

if TYPE_CHECKING:
    from sportello.core.net import Net

PAGE = 100
MOST_PAGES = 400
ROUND = timedelta(days=1)
OVERLAP = timedelta(minutes=2)
"""The shop's clock is not ours."""


def poll(
    settings: Settings, cursor: dict[str, Any], net: Net
) -> Iterator[tuple[Raw, dict[str, Any]]]:
    """Pages of products; the cursor moves once all were read. What these keys may not read is left out."""
    began, own = datetime.now(UTC), dict(cursor.get("stock") or {})
    asked: dict[str, Any] = {"orderby": "id", "order": "asc", "per_page": PAGE}
    everything = own.get("round", "") < (began - ROUND).isoformat()
    if not everything:
        start = datetime.fromisoformat(own["since"]) - OVERLAP
        asked |= {"modified_after": f"{start:%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true"}
    try:
        for found in _pages(net, settings, "products", asked):
            counted = [_short(one) for one in _with_variations(net, settings, found)]
            if counted:
                yield Raw(json.dumps({"products": counted}).encode(), source="poll"), dict(cursor)
    except calls.ShopRefused:
        return
    own["since"] = began.isoformat()
    if everything:
        own["round"] = began.isoformat()
    yield Raw(b"", source="poll"), cursor | {"stock": own}


def _pages(net: Net, settings: Settings, path: str, asked: dict[str, Any]) -> Iterator[list[Any]]:
    for number in range(1, MOST_PAGES + 1):
        found = api.listed(net, settings, path, asked | {"page": number})
        yield [one for one in found if isinstance(one, dict)]
        if len(found) < PAGE:
            return


def _with_variations(net: Net, settings: Settings, found: list[Any]) -> Iterator[Any]:
    for one in found:
        yield one
        if one.get("type") == "variable":
            where = f"products/{one.get('id')}/variations"
            for page in _pages(net, settings, where, {"per_page": PAGE}):
                yield from ({"name": one.get("name")} | variation for variation in page)


def _short(one: dict[str, Any]) -> dict[str, Any]:
    """Products are long: descriptions, pictures, prices. What is read of them is not."""
    names = ("id", "name", "sku", "manage_stock", "stock_quantity", "date_modified_gmt")
    return {name: one.get(name) for name in names}
