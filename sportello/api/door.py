"""The door: before any call runs, who it is, how often, how large; after it, one shape of errors.

A call that changes something runs in one transaction and is rolled back when it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import structlog
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from sportello.accounts import tokens
from sportello.accounts.actions import authenticate_token
from sportello.accounts.queries import keep_grants, owes_second_factor, rights_of
from sportello.api import idempotency, limits
from sportello.api.problems import Problem, problem
from sportello.api.requests import ApiRequest
from sportello.core.actors import Actor
from sportello.core.clock import now

LARGEST_BODY = 36 * 1024 * 1024
"""Bytes: a file of 25 MB as base64 inside JSON."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CALLS_OUTSIDE = ("/check",)
"""Calls that talk to the network: not inside a transaction."""

log = structlog.get_logger(__name__)

type View = Callable[..., HttpResponse]


def guard(view: View) -> View:
    """Wrap one of ninja's views."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            known = _enter(request)
            with translation.override("en"):
                response = _run(known, lambda: view(known, *args, **kwargs))
        except Problem as error:
            response = error.response()
        except OperationalError:
            response = problem(
                503, "The database is busy. Try again.", headers={"Retry-After": "1"}
            )
        except Exception:
            log.exception("api.failed", method=request.method, path=request.path)
            response = problem(500, "Something went wrong here. It was noted.")
        return _finish(response)

    checked.csrf_exempt = True  # type: ignore[attr-defined]  # bearer tokens only: no cookie counts here
    return checked


def _enter(request: HttpRequest) -> ApiRequest:
    known = cast("ApiRequest", request)
    raw = _bearer(request)
    at = now()
    agent = authenticate_token(raw, now=at)
    if agent is None:
        raise Problem(
            401, "Send “Authorization: Bearer <token>”.", headers={"WWW-Authenticate": "Bearer"}
        )
    keep_grants(agent)
    known.agent, known.rights = agent, rights_of(agent)
    known.actor, known.token_hash = Actor.agent(agent.pk), tokens.digest(raw)
    limits.count(known.token_hash, now=at)
    if not known.rights.scopes:
        raise Problem(403, "This agent has no rights.")
    if owes_second_factor(agent):
        raise Problem(403, "This administrator has to set up a second factor first.")
    if any("\x00" in value for values in request.GET.lists() for value in [values[0], *values[1]]):
        raise Problem(422, "A parameter holds a NUL character.")
    _read_body(request)
    return known


def _bearer(request: HttpRequest) -> str:
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    return raw if scheme.lower() == "bearer" else ""


def _read_body(request: HttpRequest) -> None:
    if request.method in SAFE:
        return
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise Problem(413, f"A body may have up to {LARGEST_BODY // (1024 * 1024)} MB.")
    request._body = request.read()  # above Django's limit for forms
    content_type = request.content_type or ""
    uploads = content_type == "multipart/form-data" and request.path.endswith("/files")
    if request.body and content_type != "application/json" and not uploads:
        raise Problem(415, "Send JSON as application/json.")


def _run(request: ApiRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    if request.method in SAFE:
        return run()
    key = request.headers.get("Idempotency-Key")
    if key is not None and request.method == "POST":
        mark = idempotency.fingerprint("POST", request.get_full_path(), request.body)
        return idempotency.once(
            token_hash=request.token_hash, key=key, mark=mark, now=now(), run=run
        )
    if request.path.endswith(CALLS_OUTSIDE):
        return run()
    with transaction.atomic():
        response = run()
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response


def _finish(response: HttpResponse) -> HttpResponse:
    if response.status_code == 405 and "problem" not in response.get("Content-Type", ""):
        response = problem(405, headers={"Allow": response.get("Allow", "")})
    response.headers.setdefault("Cache-Control", "no-store")
    return response
