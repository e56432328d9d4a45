"""Placeholders of saved replies and signatures: ``{{contact.name}}`` over a flat table. No logic."""

from __future__ import annotations

import re
from collections.abc import Mapping

KNOWN = (
    "contact.name",
    "contact.first_name",
    "ticket.number",
    "ticket.subject",
    "agent.name",
    "agent.first_name",
    "brand.name",
)

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+\.[a-z_]+)\s*\}\}")


def fill(text: str, table: Mapping[str, str]) -> str:
    """Replace what the table knows, once; unknown placeholders stay as they are written."""
    return _PLACEHOLDER.sub(lambda match: table.get(match[1], match[0]), text)


def unknown(text: str) -> list[str]:
    """Placeholders that nothing will ever fill."""
    return sorted({name for name in _PLACEHOLDER.findall(text) if name not in KNOWN})
