"""What a Shopify shop is asked every few minutes: changed orders, changed returns, changed stock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sportello.commerce.connectors.shopify import api, returns, shapes, stock
from sportello.commerce.contract import Raw, Settings, Unreadable
from sportello.commerce.records import Record
from sportello.commerce.wire import calls, changes
from sportello.commerce.wire.values import Moment, Shape, at

if TYPE_CHECKING:
    from sportello.core.net import Net

type Page = tuple[Raw, dict[str, Any]]


def parse(data: Mapping[str, Any]) -> list[Record]:
    """What a page that `poll` fetched says."""
    found: list[Record] = [order(one) for one in data.get("nodes") or []]
    for one in data.get("returned") or []:
        found += returns.of_node(_shaped(returns.Returned, one))
    for one in data.get("locations") or []:
        found.append(stock.of_location_node(_shaped(stock.NodeLocation, one)))
    for one in data.get("levels") or []:
        level = stock.of_level_node(_shaped(stock.NodeLevel, one), str(data.get("location") or ""))
        found += [level] if level else []
    return found


def order(one: Any) -> Any:
    """A node of orders as a record. Raises `Unreadable`."""
    try:
        return shapes.of_node(_shaped(shapes.Node, one))
    except ValidationError as error:
        raise Unreadable("Not an order as documented.") from error


def _shaped[S: Shape](shape: type[S], one: Any) -> S:
    try:
        return shape.model_validate(one)
    except ValidationError as error:
        raise Unreadable("Not an answer as documented.") from error


def poll(settings: Settings, cursor: Mapping[str, Any], net: Net) -> Iterator[Page]:
    """Orders first: a return must find its order. What the keys may not read is left out."""
    reached = dict(cursor)
    for fresh, after in _changed(settings, reached, net, api.CHANGED, ""):
        reached |= after
        if fresh:
            yield _raw(nodes=fresh), dict(reached)
    known = dict(reached.get("returns") or {})
    for fresh, after in _changed(settings, known, net, returns.CHANGED, returns.WITH_RETURNS):
        reached["returns"] = after
        if fresh:
            yield _raw(returned=fresh), dict(reached)
    yield from _stock(settings, reached, net)


def _changed(
    settings: Settings, known: Mapping[str, Any], net: Net, text: str, more: str
) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """(orders not seen yet, the cursor after them), oldest change first."""
    own = {name: known[name] for name in ("since", "seen") if name in known}
    start, after = changes.since(own, settings).astimezone(UTC), None
    asked = f"updated_at:>='{start:%Y-%m-%dT%H:%M:%SZ}'{more}"
    while True:
        data = calls.page(api.query(net, settings, text, query=asked, after=after))
        found = at(data, "data", "orders", "nodes")
        if not isinstance(found, list):
            return _unless_denied(data)
        nodes = [(str(n.get("legacyResourceId")), _moment(n) or start, n) for n in found]
        fresh, own = changes.unseen(nodes, own)
        yield fresh, own
        if not at(data, "data", "orders", "pageInfo", "hasNextPage"):
            return
        after = at(data, "data", "orders", "pageInfo", "endCursor")


def _stock(settings: Settings, reached: dict[str, Any], net: Net) -> Iterator[Page]:
    """All that is counted the first time, then what changed. The cursor moves once all places were read."""
    data = calls.page(api.query(net, settings, stock.LOCATIONS))
    places = at(data, "data", "locations", "nodes")
    if not isinstance(places, list):
        return _unless_denied(data)
    own = dict(reached.get("stock") or {})
    if places != own.get("places"):
        yield _raw(locations=places), dict(reached)
    since, seen = own.get("since"), list[tuple[str, datetime, None]]()
    asked = f"updated_at:>='{since}'" if since else None
    for place in places:
        id = str(place.get("legacyResourceId"))
        for levels in _levels(settings, net, id, asked):
            nodes = [(_level_id(id, n), _moment(n), n) for n in levels]
            dated = [(name, moment, n) for name, moment, n in nodes if moment]
            fresh, _ = changes.unseen(dated, own)
            seen += [(name, moment, None) for name, moment, _ in dated]
            if fresh:
                yield _raw(levels=fresh, location=id), dict(reached)
    _, own = changes.unseen(seen, own)
    reached["stock"] = own | {"places": places}
    yield Raw(b"", source="poll"), dict(reached)


def _levels(settings: Settings, net: Net, id: str, asked: str | None) -> Iterator[list[Any]]:
    after, gid = None, f"gid://shopify/Location/{id}"
    while True:
        data = calls.page(api.query(net, settings, stock.LEVELS, id=gid, after=after, query=asked))
        found = at(data, "data", "location", "inventoryLevels", "nodes")
        if not isinstance(found, list):
            return _unless_denied(data)
        yield found
        if not at(data, "data", "location", "inventoryLevels", "pageInfo", "hasNextPage"):
            return
        after = at(data, "data", "location", "inventoryLevels", "pageInfo", "endCursor")


def _unless_denied(data: Any) -> None:
    """What these keys may not read is not fetched: the check says so. Raises `Broken` for all else."""
    if not api.denied(data):
        raise calls.Broken(str(at(data, "errors", 0, "message") or "?")[:300])


def _level_id(place: str, node: Any) -> str:
    return f"{place}/{at(node, 'item', 'legacyResourceId')}"


def _moment(node: Any) -> datetime | None:
    return _shaped(_Dated, node).updatedAt


class _Dated(Shape):
    updatedAt: Moment = None  # noqa: N815  (Shopify's spelling)


def _raw(**content: Any) -> Raw:
    return Raw(json.dumps(content).encode(), source="poll")
