"""``{% asset "app.js" %}``: the address of a built front-end file, by its hashed name."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings

register = template.Library()

DIST = Path(__file__).resolve().parents[2] / "static" / "dist"


class AssetMissingError(LookupError):
    """The front end was not built, or has no such entry."""


@register.simple_tag
def asset(name: str) -> str:
    """The URL of ``name`` (an entry of ``frontend/entries``). Raises ``AssetMissingError``."""
    try:
        return f"/static/dist/{_entries(_built_at())[name]}"
    except (FileNotFoundError, KeyError) as error:
        raise AssetMissingError(f"{name} is not built: run bin/install") from error


def _built_at() -> int:
    """When the front end was built; looked at again only where somebody may be building it: a page has
    hundreds of icons.
    """
    return (DIST / "manifest.json").stat().st_mtime_ns if settings.DEBUG else 0


@lru_cache(maxsize=1)
def _entries(_built_at: int) -> dict[str, str]:
    entries: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return entries
