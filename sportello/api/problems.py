"""Errors as ``application/problem+json`` (RFC 9457): type, title, status, detail, errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

TYPES = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    503: "try-again",
}


class Problem(Exception):
    """Raise it anywhere behind the door to answer with it."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.errors, self.headers = list(errors), dict(headers or {})

    def response(self) -> HttpResponse:
        return problem(self.status, self.detail, errors=self.errors, headers=self.headers)


class NotFound(Problem):
    """Missing and hidden are alike."""

    def __init__(self) -> None:
        super().__init__(404, "There is nothing here that you may see.")


def invalid(field: str, message: str) -> Problem:
    """One wrong field of the body."""
    return Problem(422, message, errors=[{"field": field, "message": message}])


def problem(
    status: int,
    detail: str = "",
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The response itself."""
    body = {
        "type": f"/api/docs#{TYPES.get(status, 'error')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or HTTPStatus(status).description,
        "errors": list(errors),
    }
    response = HttpResponse(
        json.dumps(body), status=status, content_type="application/problem+json"
    )
    for name, value in (headers or {}).items():
        response[name] = value
    return response
