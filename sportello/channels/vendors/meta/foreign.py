"""Readers of foreign JSON: whatever stands where a value should be, they return one of the right type."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sportello.channels.contract import Raw, Unreadable

Json = dict[str, Any]


def load(body: bytes) -> Json:
    """The object in `body`. Raises `Unreadable`."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("Not JSON.") from error
    if not isinstance(data, dict):
        raise Unreadable("JSON, but not an object.")
    return data


def peek(raw: Raw) -> Json:
    """The object in a body, or an empty one: for `envelope`, which never raises."""
    try:
        return load(raw.body)
    except Unreadable:
        return {}


def obj(value: Any, *names: str) -> Json:
    """The object found by following `names`, or an empty one."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def each(value: Any, name: str) -> Iterator[Json]:
    """The objects in the list called `name`."""
    found = value.get(name) if isinstance(value, dict) else None
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            yield item


def text(value: Any, *names: str) -> str:
    """The words found by following `names`. Ids come as numbers in old payloads: they are words, too."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # JSON can spell lone surrogates and NUL, PostgreSQL can store neither
    return str(value).replace("\0", "").encode("utf-8", "replace").decode()


def number(value: Any) -> int:
    """A whole number, 0 when it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def when(value: Any) -> datetime | None:
    """Seconds or milliseconds since 1970, as number or words, or an ISO date."""
    if isinstance(value, str) and "T" in value:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    seconds: float = number(value)
    if seconds > 100_000_000_000:
        seconds /= 1000  # a watermark compares by the millisecond
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def digest(*parts: object) -> str:
    """A stable id for what has none, and the fingerprint of what a message says."""
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()
