"""Between the session and the pages: the agent's language and zone, and the second factor he owes."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation

from sportello.accounts.models import Agent
from sportello.accounts.queries import company, local_time_zone, owes_second_factor

type Next = Callable[[HttpRequest], HttpResponse]

OPEN_PREFIXES = (
    "/accounts/2fa/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/language/",
)
PAGES = ("/app", "/accounts", "/demo", "/help", "/api", "/files")


def agent_preferences(get_response: Next) -> Next:
    """Pages in the agent's own language and time zone, whatever the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(("/app", "/accounts")) or not isinstance(
            request.user, Agent
        ):
            return get_response(request)
        language = request.user.language or company().language
        request.LANGUAGE_CODE = language
        with (
            translation.override(language),
            timezone.override(ZoneInfo(local_time_zone(request.user))),
        ):
            return get_response(request)

    return middleware


def second_factor(get_response: Next) -> Next:
    """An administrator without a second factor is led to the page that sets one up, and nowhere else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _owes(request) and not request.path.startswith(OPEN_PREFIXES):
            return HttpResponseRedirect(reverse("mfa_index"))
        return get_response(request)

    return middleware


def _owes(request: HttpRequest) -> bool:
    agent = getattr(request, "user", None) if request.path.startswith(PAGES) else None
    return isinstance(agent, Agent) and owes_second_factor(agent)
