"""The personal-data registry: each room says what it holds of a contact.

How to move it (merge), export it and erase it. An architecture test fails when a model that points
at a contact is not registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Holding:
    """What one model holds of a contact."""

    model: str
    """``app_label.ModelName``"""
    move: Callable[[int, int], None]
    """(from contact id, to contact id)"""
    export: Callable[[int], list[dict[str, Any]]]
    erase: Callable[[int], None]
    title: str = ""
    """English message id: the heading in a readable export."""
    confidential: bool = False
    """Exported only by who may see covered data."""
    files: Callable[[int], Iterable[tuple[str, bytes]]] | None = None
    """(path in the archive, bytes) of what hangs on it, read one after the other."""


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    _holdings[holding.model] = holding


def holdings() -> list[Holding]:
    return list(_holdings.values())
