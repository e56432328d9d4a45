"""Foreign JSON with types: unknown fields pass, wrong ones make the whole `Unreadable`."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import from_json

from sportello.channels.contract import Unreadable

LONGEST_ID = 300
LONGEST_ADDRESS = 8000


def _text(value: object) -> str:
    """Vendors write ids as numbers and nothing as null; neither a NUL nor half a surrogate pair fits into a column."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("no text")


def _list(value: object) -> object:
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
NullIsEmpty = BeforeValidator(_list)


class Shape(BaseModel):
    """A foreign object. Fields that nobody has documented yet are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


S = TypeVar("S", bound=Shape)


def read[S: Shape](shape: type[S], body: bytes | dict[str, Any]) -> S:
    """Raises `Unreadable`."""
    try:
        if isinstance(body, dict):
            return shape.model_validate(body)
        return shape.model_validate_json(body)
    except (ValidationError, RecursionError) as error:
        raise Unreadable(f"Not a {shape.__name__} as documented.") from error


def peek(body: bytes) -> dict[str, Any]:
    """A cheap look at a JSON object; empty for anything else. Never raises."""
    try:
        data = from_json(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def at(data: object, *path: str | int) -> Any:
    """The value at the end of a path through objects and lists, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(data, dict):
            data = data.get(step)
        elif isinstance(step, int) and isinstance(data, list) and -1 <= step < len(data):
            data = data[step]
        else:
            return None
    return data


def key(value: object) -> str:
    """An id as a text of bearable length; empty for what is none."""
    plain = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).replace("\x00", "")[:LONGEST_ID] if plain else ""


def address(value: object) -> str:
    """A web address, which may be much longer than an id (signed ones are); empty for what is none."""
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
        return ""
    return value if value.startswith(("https://", "http://")) else ""


def digest(*parts: str) -> str:
    """A hash of what a message says."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def moment(seconds: float | None) -> datetime | None:
    """A Unix time; None for what is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def iso_moment(text: str) -> datetime | None:
    """An ISO 8601 moment; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def same(given: str, expected: str) -> bool:
    """Compared in constant time; nothing equals the empty text."""
    left, right = (x.encode("utf-8", "surrogatepass") for x in (given, expected))
    return bool(right) and hmac.compare_digest(left, right)
