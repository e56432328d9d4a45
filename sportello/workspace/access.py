"""Who stands at the door: signed in, with a grant, before any view runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from sportello.accounts.models import Agent
from sportello.accounts.queries import keep_grants, rights_of, shape_of, team_of, within
from sportello.accounts.rights import Rights
from sportello.core.actors import Actor
from sportello.core.compiled import compiled
from sportello.tickets.models import Ticket
from sportello.tickets.queries import visible_to

type View = Callable[..., HttpResponseBase]
type Page = Callable[..., HttpResponse]


class AgentRequest(HttpRequest):
    """A request that passed `agent_page`."""

    agent: Agent
    rights: Rights
    actor: Actor
    seen_tickets: QuerySet[Ticket]


def agent_page(*methods: str) -> Callable[[View], Page]:
    """Only for agents with a grant, only these methods (GET unless named), never cached."""
    allowed = methods or ("GET",)

    def decorate(view: View) -> Page:
        @wraps(view)
        def checked(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not isinstance(request.user, Agent):
                return _sign_in(request)
            if request.method not in allowed and not (
                request.method == "HEAD" and "GET" in allowed
            ):
                return HttpResponseNotAllowed(allowed)
            keep_grants(request.user)
            request.agent, request.rights = request.user, rights_of(request.user)
            request.actor = Actor.agent(request.agent.pk)
            if not request.rights.scopes:
                raise PermissionDenied
            response = cast("HttpResponse", view(request, *args, **kwargs))
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return checked

    return decorate


def _sign_in(request: HttpRequest) -> HttpResponse:
    """A page goes to the door; a partial tells htmx to take the whole page there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": f"{settings.LOGIN_REDIRECT_URL}"})
    return redirect_to_login(request.get_full_path())


def seen(request: AgentRequest) -> QuerySet[Ticket]:
    """The tickets he may see: his rights are asked once a request."""
    if not hasattr(request, "seen_tickets"):
        request.seen_tickets = visible_to(request.agent)
    return request.seen_tickets.all()


def ticket_or_404(request: AgentRequest, number: int) -> Ticket:
    """The ticket, if he may see it. Unknown and hidden answer alike."""
    found = _numbered(shape_of(request.agent), number=number)
    if not found:
        raise Http404
    ticket = found[0]
    ticket.team = team_of(request.agent, ticket.team_id)
    return ticket


@compiled
def _numbered(rights: Rights, *, number: Any) -> QuerySet[Ticket]:
    tickets = Ticket.objects.filter(within(rights), number=number)
    return tickets.select_related("contact__organization", "assignee", "brand", "merged_into")


def may_answer(request: AgentRequest, ticket: Ticket) -> bool:
    """Whether he may write to the customer of this ticket, and change it."""
    private = bool(ticket.team and ticket.team.is_private)
    return request.rights.answers(ticket.team_id, private, ticket.brand_id)


def require_answer(request: AgentRequest, ticket: Ticket) -> None:
    if not may_answer(request, ticket):
        raise PermissionDenied


def is_partial(request: HttpRequest) -> bool:
    """htmx asks for a piece, not for a page (the back button asks for a page)."""
    return request.headers.get("HX-Request-Type") == "partial"
