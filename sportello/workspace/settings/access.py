"""Who may open which settings page. Wrong rights answer 403 before anything is looked up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from sportello.workspace.access import AgentRequest, View, agent_page

type Decorator = Callable[[View], View]


def administrators(*methods: str) -> Decorator:
    """Only for administrators of the whole company."""
    return _guarded("may_manage", methods)


def supervisors(*methods: str) -> Decorator:
    """For supervisors and administrators: the pages that shape the daily work."""
    return _guarded("may_supervise", methods)


def everybody(*methods: str) -> Decorator:
    """For every agent with a grant: his own page."""
    return agent_page(*methods)


def _guarded(right: str, methods: tuple[str, ...]) -> Decorator:
    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not getattr(request.rights, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return agent_page(*methods)(checked)

    return decorate
