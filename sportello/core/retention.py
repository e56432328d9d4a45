"""The retention registry: each room says what it lets go of after some days, and how.

`accounts.retention` knows the company's days and sweeps; the settings page shows what would go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing that grows old."""

    name: str
    label: str
    """English message id; `it` comes from the catalogue."""
    help: str
    days: int
    """Default; 0 keeps for ever."""
    count: Callable[[datetime], int]
    """How many are older than this moment."""
    clear: Callable[[datetime, int], int]
    """(before, at most) → how many went. Runs its own transaction."""


_rules: dict[str, Rule] = {}


def register(rule: Rule) -> None:
    _rules[rule.name] = rule


def rules() -> list[Rule]:
    """In the order in which the rooms came up."""
    return list(_rules.values())
