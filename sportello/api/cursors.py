"""Opaque cursors: signed, so that what comes back is what was given out, for the same list."""

from __future__ import annotations

from typing import Any

from django.core import signing

from sportello.api.problems import Problem

LONGEST = 400


def make(name: str, *values: Any) -> str:
    """A cursor of the list `name` that stands after the row with these keys."""
    return signing.dumps(list(values), salt=f"api.cursor.{name}", compress=False)


def read(name: str, text: str, size: int) -> list[Any]:
    """The keys, as many as `size`. Raises a 400 for anything that we did not give out for this list."""
    if not text.isascii() or len(text) > LONGEST:
        raise Problem(400, "This is not a cursor of this list.")
    try:
        values = signing.loads(text, salt=f"api.cursor.{name}")
    except (signing.BadSignature, ValueError) as error:
        raise Problem(400, "This is not a cursor of this list.") from error
    if not isinstance(values, list) or len(values) != size:
        raise Problem(400, "This is not a cursor of this list.")
    return values
