"""WooCommerce's REST API v3: https://developer.woocommerce.com/docs/apis/rest-api/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sportello.commerce.contract import Settings, said
from sportello.commerce.wire import calls

if TYPE_CHECKING:
    from sportello.core.net import Net


def ask(net: Net, settings: Settings, method: str, path: str, **options: Any) -> calls.Answer:
    """One call with the shop's keys. Raises `NetError`."""
    site = str(settings.get("site") or "").rstrip("/")
    keys = (str(settings.get("consumer_key") or ""), str(settings.get("consumer_secret") or ""))
    return calls.ask(
        net, method, f"{site}/wp-json/wc/v3/{path}", auth=keys, timeout=30.0, **options
    )


def listed(net: Net, settings: Settings, path: str, asked: Mapping[str, Any]) -> list[Any]:
    """A page of a list. Raises `TryLater` and `NetError`."""
    found = calls.page(ask(net, settings, "GET", path, params=dict(asked)))
    if not isinstance(found, list):
        raise calls.Broken(said("The shop answers something else than a list."))
    return found
