"""What inbox and ticket cost over the wire. The rich editor comes only when somebody asks for it."""

from __future__ import annotations

import gzip
import json
import re

from sportello.core.templatetags.assets import DIST

BUDGET = 120 * 1024


def test_the_desk_stays_within_its_budget() -> None:
    manifest = json.loads((DIST / "manifest.json").read_text())
    wanted = {manifest["workspace.js"], manifest["workspace.css"], manifest["sprite.svg"]}
    code = (DIST / manifest["workspace.js"]).read_text()
    statically = set(re.findall(r'(?:from|import)"\./([\w.-]+\.js)"', code))
    assert not [name for name in statically if "rich" in name]
    size = sum(len(gzip.compress((DIST / name).read_bytes(), 6)) for name in wanted | statically)
    assert size <= BUDGET, size
