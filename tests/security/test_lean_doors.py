"""The doors outside Django carry the same headers as its pages, and say nothing they need not say."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.widget.conftest import Door

PATHS = {
    "GET /healthz": 200,
    "GET /readyz": None,
    "GET /metrics": 200,
    "GET /nowhere/x": 404,
    "GET /intake/unknown": 404,
    "POST /intake/unknown": 404,
    "PUT /intake/unknown": None,
    "POST /connect/unknown": 404,
    "GET /connect/unknown": None,
    "GET /widget/unknown/config": 404,
    "GET /widget/assets/..%2f..%2fmanage.py": 404,
    "GET /widget/assets/manifest.json": 404,
    "GET /static/dist/..%2f..%2fconfig/settings.py": 404,
    "GET /static/../config/settings.py": 404,
    "GET /static/dist/%2e%2e/%2e%2e/%2e%2e/pyproject.toml": 404,
    "GET /app/tickets/1/mail/1/image": 404,
    "GET /app/tickets/1/mail/1/image?u=x": 404,
    "POST /app/tickets/1/mail/1/image": None,
    "GET /ws": 404,
    "GET /accounts/login/": 200,
    "GET /unknown": 404,
}


@pytest.mark.parametrize("call", PATHS)
def test_headers(door: Door, call: str) -> None:
    method, _, path = call.partition(" ")
    request = urllib.request.Request(
        door.url + path, b"{}" if method != "GET" else None, method=method
    )
    answer: Any
    try:
        answer = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    expected = PATHS[call]
    assert expected is None or answer.status == expected
    assert answer.status < 500 or "readyz" in path
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["x-powered-by"] is None
    body = answer.read()
    assert b"Traceback" not in body
    assert b"SECRET" not in body


def test_metrics_are_not_for_who_comes_through_a_proxy(door: Door) -> None:
    request = urllib.request.Request(
        door.url + "/metrics", headers={"X-Forwarded-For": "127.0.0.1"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=10)
