"""Templates find the built files by the names people write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.template import Context, Template

from sportello.core.templatetags import assets


def test_an_entry_is_found_by_its_plain_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"app.js": "app-1a2b.js"}))
    monkeypatch.setattr(assets, "DIST", tmp_path)
    assets._entries.cache_clear()
    assert Template('{% asset "app.js" %}').render(Context()) == "/static/dist/app-1a2b.js"
    with pytest.raises(assets.AssetMissingError, match=r"other\.js"):
        Template('{% asset "other.js" %}').render(Context())
    assets._entries.cache_clear()
