"""Pages of what changed, oldest first: where the last poll ended, and what it had seen at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

HISTORY_DAYS = 90
"""How far back the first poll goes, unless the settings say otherwise."""


def since(cursor: Mapping[str, Any], settings: Mapping[str, Any]) -> datetime:
    """The moment to ask from."""
    known = cursor.get("since")
    if isinstance(known, str):
        return datetime.fromisoformat(known)
    days = settings.get("history_days")
    back = days if isinstance(days, int) and 0 <= days <= 3650 else HISTORY_DAYS
    return (datetime.now(UTC) - timedelta(days=back)).replace(microsecond=0)


def unseen[Node](
    nodes: Sequence[tuple[str, datetime, Node]], cursor: Mapping[str, Any]
) -> tuple[list[Node], dict[str, Any]]:
    """(what the last poll had not seen, the cursor after this page). Nodes are (id, changed at, itself).

    Shops tell seconds, so the last second is asked for again; what it held is known by id.
    """
    last, seen = cursor.get("since"), set(cursor.get("seen") or ())
    fresh = [node for id, at, node in nodes if not (at.isoformat() == last and id in seen)]
    if not nodes:
        return fresh, dict(cursor)
    newest = max(at for _, at, _ in nodes)
    at_newest = [id for id, at, _ in nodes if at == newest]
    if newest.isoformat() == last:
        at_newest = sorted(seen | set(at_newest))
    return fresh, {"since": newest.isoformat(), "seen": at_newest}
