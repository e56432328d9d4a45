"""The personal-data registry: each room says what it holds of a contact.

How to move it (merge), export it and erase it. An architecture test fails when a model that points
at a contact is not registered.
"""

from __future__ import annotations

from collections.abc import Callable
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


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    _holdings[holding.model] = holding


def holdings() -> list[Holding]:
    return list(_holdings.values())
