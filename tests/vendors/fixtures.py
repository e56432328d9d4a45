"""Payloads of vendors that lie beside the repository on some machines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HOME = Path(
    os.environ.get("SPORTELLO_FIXTURES", Path(__file__).resolve().parents[3] / "shared/fixtures")
)


def payloads(*folders: str, pattern: str = "*.json") -> Iterator[tuple[str, Any]]:
    """Name and content of each JSON file. Skips the test where they are absent, fails where CI runs."""
    found = [p for folder in folders for p in sorted((HOME / folder).rglob(pattern))]
    if not found:
        missing(f"no payloads under {HOME}: {', '.join(folders)}")
    for path in found:
        yield path.name, json.loads(path.read_bytes())


def vectors(channel: str) -> dict[str, Any]:
    """The signature test vector whose channel begins so."""
    path = HOME / "signature-vectors.json"
    if not path.exists():
        missing(f"{path} is not here")
    return next(v for v in json.loads(path.read_bytes()) if v["channel"].startswith(channel))


def missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
