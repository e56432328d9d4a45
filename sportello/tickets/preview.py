"""The line under a ticket's subject in lists."""

from __future__ import annotations

from sportello.core.plain import storable


def preview_of(text: str) -> str:
    """One line for lists, at most 160 characters."""
    return " ".join(storable(text)[:600].split())[:160]
