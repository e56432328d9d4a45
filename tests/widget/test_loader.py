"""What a foreign page loads: small, cacheable, open to the sites that may, silent about everything else."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from sportello.config.frontend import DIST
from tests.widget.conftest import Door
from tests.widget.test_door import allow

KB = 1024


def size(entry: str) -> int:
    name = json.loads((DIST / "manifest.json").read_text())[entry]
    return len(gzip.compress((DIST / name).read_bytes(), 9))


def test_the_loader_and_the_chat_stay_small() -> None:
    assert size("widget.js") <= 4 * KB
    assert size("widget-app.js") <= 30 * KB


def test_loader_settings_and_app_are_served_to_other_sites(door: Door) -> None:
    allow(door, origins="https://example.com")
    loader = httpx.get(f"{door.url}/widget.js")
    assert loader.headers["content-type"].startswith("text/javascript")
    assert loader.headers["access-control-allow-origin"] == "*"
    assert loader.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=300" in loader.headers["cache-control"]
    assert loader.headers["content-encoding"] == "gzip"

    config = httpx.get(
        f"{door.url}/widget/{door.shop.chat.public_id}/config",
        headers={"origin": "https://example.com"},
    )
    assert config.headers["access-control-allow-origin"] == "https://example.com"
    assert config.json()["brand"] == "Shop"
    app = httpx.get(door.url + config.json()["app"])
    assert "immutable" in app.headers["cache-control"]
    assert "export" in app.text


@pytest.mark.parametrize(
    "name",
    ["../manifest.json", "manifest.json", "widget-app-.js", "door.js", "%2e%2e%2fmanifest.json"],
)
def test_no_other_file_is_served_as_the_app(door: Door, name: str) -> None:
    assert httpx.get(f"{door.url}/widget/assets/{name}").status_code in {404, 405}


def test_the_public_settings_hold_no_secret(door: Door) -> None:
    allow(door, secret="site-secret", origins="https://example.com")
    url = f"{door.url}/widget/{door.shop.chat.public_id}/config"
    assert httpx.get(url, headers={"origin": "https://evil-example.com"}).status_code == 403
    assert httpx.get(f"{door.url}/widget/{'0' * 32}/config").status_code == 404
    assert httpx.get(f"{door.url}/widget/{door.shop.mail.public_id}/config").status_code == 404
    text = httpx.get(url).text
    assert "site-secret" not in text
    assert "example.com" not in text.replace("help@shop.example", "")
    assert set(json.loads(text)) == {
        "brand", "colour", "language", "privacy", "mail", "greeting", "ask_question", "ask_name", "ask_email",
        "offer_files", "offer_transcript", "sound", "side", "open", "until", "opens", "app", "ways",
    }  # fmt: skip
