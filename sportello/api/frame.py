"""The one NinjaAPI: what every call's errors become, and strict parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from sportello.accounts.models import Agent
from sportello.api.problems import NotFound, Problem, invalid, problem
from sportello.automation.webhooks.actions import BadWebhook
from sportello.channels.actions import ChannelInUse
from sportello.channels.registry import UnknownProvider
from sportello.channels.schema import BadSettings
from sportello.commerce.actions import ActRefused
from sportello.contacts.actions import AddressRefused
from sportello.contacts.addresses import BadAddress
from sportello.contacts.confirming import CannotConfirm, WrongCode
from sportello.contacts.merging import CannotMergeContacts
from sportello.core.fields import Unfit
from sportello.tickets import actions, uploads

type Handler = Callable[[HttpRequest, Any], HttpResponse]


class Bearer(HttpBearer):
    """Says in the schema how to sign in; the door has done it already."""

    def authenticate(self, request: HttpRequest, token: str) -> Agent | None:
        return getattr(request, "agent", None)


def strict(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuses query parameters that the call does not name, and those given twice."""
    operation: Any = run.__self__  # type: ignore[attr-defined]
    known: set[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":
            known |= set(model.__ninja_flatten_map__)

    @wraps(run)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        errors = [
            {"field": name, "message": "There is no such parameter."}
            for name in sorted(set(request.GET) - known)
        ]
        for name in request.GET:
            if len(request.GET.getlist(name)) > 1:
                errors.append({"field": name, "message": "Give it once."})
        if errors:
            raise Problem(422, "Some parameters cannot be used.", errors=errors)
        return run(request, *args, **kwargs)

    return checked


REFUSED: dict[type[Exception], int] = {
    actions.NotAllowed: 403,
    actions.BadValue: 422,
    actions.Empty: 422,
    actions.Unreachable: 422,
    actions.CannotMerge: 422,
    actions.Crossed: 409,
    actions.TooLate: 409,
    ActRefused: 422,
    AddressRefused: 422,
    BadAddress: 422,
    CannotConfirm: 422,
    CannotMergeContacts: 422,
    ChannelInUse: 409,
    UnknownProvider: 422,
    WrongCode: 422,
    uploads.UploadTooLarge: 413,
    uploads.InfectedUpload: 422,
    uploads.QuotaExceeded: 429,
}
"""What the verbs refuse, and with which status."""


def _refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    headers = {"Retry-After": "3600"} if isinstance(error, uploads.QuotaExceeded) else {}
    return problem(REFUSED[type(error)], str(error), headers=headers)


def _bad_settings(request: HttpRequest, error: BadSettings) -> HttpResponse:
    errors = [{"field": f"settings.{name}", "message": why} for name, why in error.errors.items()]
    return problem(422, "Some settings cannot be used.", errors=errors)


def _unfit(request: HttpRequest, error: Unfit) -> HttpResponse:
    errors = [{"field": f"custom.{key}", "message": why} for key, why in error.errors.items()]
    return problem(422, "Some fields cannot be used.", errors=errors)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = []
    for one in error.errors:
        where = [str(part) for part in one["loc"]]
        if where[:1] == ["path"]:
            return NotFound().response()
        # ("body", "payload", "field"): the name of our argument is nobody's business.
        field = ".".join(where[2:] if where[:1] == ["body"] else where[-1:])
        errors.append({"field": field, "message": one["msg"]})
    return problem(422, "Some fields cannot be used.", errors=errors)


def make() -> NinjaAPI:
    """The API with its error handlers, without routers."""
    api = NinjaAPI(
        title="Sportello",
        version="1",
        description="Everything an agent can do, for programs.",
        urls_namespace="api",
        openapi_url="/openapi.json",
        docs_url=None,
        auth=Bearer(),
    )
    api.add_decorator(strict, mode="view")
    handlers: dict[type[Exception], Handler] = dict.fromkeys(REFUSED, _refuse) | {
        BadSettings: _bad_settings,
        BadWebhook: lambda request, error: invalid(error.field, str(error)).response(),
        Unfit: _unfit,
        ValidationError: _invalid,
        Problem: lambda request, error: error.response(),
        Http404: lambda request, error: NotFound().response(),
        AuthenticationError: lambda request, error: problem(401),
        HttpError: lambda request, error: problem(error.status_code, str(error)),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
    return api
