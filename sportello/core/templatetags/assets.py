"""``{% asset "app.js" %}``: the address of a built front-end file, by its hashed name."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django import template

register = template.Library()

DIST = Path(__file__).resolve().parents[2] / "static" / "dist"


class AssetMissingError(LookupError):
    """The front end was not built, or has no such entry."""


@register.simple_tag
def asset(name: str) -> str:
    """The URL of ``name`` (an entry of ``frontend/entries``). Raises ``AssetMissingError``."""
    manifest = DIST / "manifest.json"
    try:
        return f"/static/dist/{_entries(manifest.stat().st_mtime_ns)[name]}"
    except (FileNotFoundError, KeyError) as error:
        raise AssetMissingError(f"{name} is not built: run bin/install") from error


@lru_cache(maxsize=1)
def _entries(_built_at: int) -> dict[str, str]:
    entries: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return entries
