"""``/api/v1/…`` and ``/api/docs``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from sportello.api.api import api
from sportello.api.docs import docs
from sportello.api.door import guard
from sportello.api.problems import NotFound

OPEN = frozenset({"openapi-json"})
"""Needs no token: the description is no secret."""


def nowhere(request: HttpRequest) -> HttpResponse:
    return NotFound().response()


nowhere.csrf_exempt = True  # type: ignore[attr-defined]


def _guarded(patterns: list[Any]) -> list[URLPattern]:
    for pattern in patterns:
        if pattern.name == "api-root":  # ninja finds the prefix by its name
            pattern.callback = nowhere
        elif pattern.name not in OPEN:
            pattern.callback = guard(pattern.callback)
    return patterns


_v1: Any = _guarded(api.urls[0])
urlpatterns = [
    path("v1/", ([*_v1, re_path(r"^.*$", nowhere)], "ninja", "api")),
    path("docs", docs, name="api_docs"),
    re_path(r"^.*$", nowhere),
]
