"""What the visitors' door writes into the spool: one JSON object per frame of a proven visitor.

``{"visitor": uuid, "identity": {…}|null, "page": {"url", "title"}, "language": "it", "at": iso}`` and one of
``"say": {"id", "text", "files": [{"key", "name", "type"}], "form": {"name", "email", "question"}}``,
``"seen": {"ids": […], "read": bool}``, ``"end": {"id"}``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

MAX_TEXT = 8_000
"""Characters of one message; the widget counts too."""


class BadFrame(ValueError):
    """Not what the door writes."""


def read(body: bytes) -> dict[str, Any]:
    """Raises `BadFrame`."""
    try:
        frame = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    if not isinstance(frame, dict):
        raise BadFrame("not an object")
    return frame


def uuid_of(value: object) -> str:
    """A canonical uuid. Raises `BadFrame` for anything else (an object where a string is due)."""
    if not isinstance(value, str) or len(value) > 45:
        raise BadFrame("no uuid")
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise BadFrame("no uuid") from error


def text_of(value: object, *, limit: int = MAX_TEXT) -> str:
    """A string without NUL and outer blanks, at most `limit` characters. Raises `BadFrame`."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadFrame("no text")
    return value.replace("\x00", "").strip()[:limit]


def mapping_of(value: object) -> Mapping[str, Any]:
    """An object, empty when absent. Raises `BadFrame`."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadFrame("no object")
    return value
