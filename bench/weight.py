"""What a browser loads, gzipped, against the limits."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from bench.row import Options, Row

DIST = Path(__file__).resolve().parents[1] / "sportello/static/dist"


def _sizes(*names: str) -> float:
    """Gzipped kilobytes of what these names stand for, with the chunks they import at once."""
    known = json.loads((DIST / "manifest.json").read_text())
    files = {known[name] for name in names}
    seen: set[str] = set()
    while files - seen:
        file = (files - seen).pop()
        seen.add(file)
        files |= _imported(DIST / file)
    return sum(len(gzip.compress((DIST / file).read_bytes(), 9)) for file in seen) / 1000


def _imported(path: Path) -> set[str]:
    """Chunks named by static imports; those behind ``import()`` are loaded when they are needed."""
    import re

    if path.suffix != ".js":
        return set()
    text = path.read_text("utf-8")
    found = re.findall(r"""(?:\bfrom|(?<![.\w])import)\s*["']\./([\w.-]+\.js)["']""", text)
    return {name for name in found if (DIST / name).exists()}


def browser(options: Options) -> list[Row]:
    size = _sizes("workspace.js", "workspace.css")
    return [
        Row(
            "browser",
            "JS + CSS ≤ 120",
            size,
            "KB gzip",
            ok=size <= 120,
            notes=["inbox and ticket; without the font and the icons"],
        )
    ]


def widget(options: Options) -> list[Row]:
    loader, opened = _sizes("widget.js"), _sizes("widget-app.js")
    return [
        Row("widget", "loader ≤ 4", loader, "KB gzip", ok=loader <= 4),
        Row("widget", "opened ≤ 30", opened, "KB gzip", ok=opened <= 30),
    ]
