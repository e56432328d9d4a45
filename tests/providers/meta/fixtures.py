"""Payloads captured by others, kept outside the repository: present on the builders' machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sportello.channels.contract import Raw
from sportello.channels.vendors.meta.webhook import sign

SHARED = Path(__file__).resolve().parents[4] / "shared" / "fixtures"


def payloads(*folders: str) -> Iterator[tuple[str, Any]]:
    """Name and JSON of every file below; skips when there are none (a failure with CI=true)."""
    found = [path for folder in folders for path in sorted((SHARED / folder).rglob("*.json"))]
    if not found:
        pytest.skip(f"No captured payloads in {SHARED}")
    for path in found:
        yield f"{path.parent.name}/{path.stem}", json.loads(path.read_text())


def vectors(channel: str) -> list[dict[str, Any]]:
    file = SHARED / "signature-vectors.json"
    if not file.exists():
        pytest.skip(f"No signature vectors in {SHARED}")
    return [v for v in json.loads(file.read_text()) if v["channel"].startswith(channel)]


def signed(body: bytes, secret: str) -> Raw:
    """As Meta calls."""
    headers = {"x-hub-signature-256": sign(body, secret), "content-type": "application/json"}
    return Raw(body, headers)


def raw(data: Any) -> Raw:
    return Raw(json.dumps(data).encode())
