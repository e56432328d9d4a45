"""Keys for programs."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sportello.accounts.actions import create_token, revoke_token
from sportello.accounts.models import ApiToken
from sportello.core import clock
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.people import TokenForm
from sportello.workspace.settings.pages import form_page, page, saved


@administrators()
def tokens(request: AgentRequest) -> HttpResponse:
    order = (F("revoked_at").desc(nulls_first=True), "-created_at")
    rows = ApiToken.objects.select_related("agent").order_by(*order)[:200]
    return page(request, "tokens", "tokens", {"rows": rows, "now": clock.now()})


@administrators("GET", "POST")
def create(request: AgentRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if form.is_valid():
        expires_at = clock.now() + form.lifetime if form.lifetime else None
        agent = form.cleaned_data["agent"]
        raw = create_token(
            email=agent.email,
            name=form.cleaned_data["name"],
            expires_at=expires_at,
            actor=request.actor,
        )
        return page(
            request,
            "tokens",
            "token_shown",
            {"raw": raw, "agent": agent, "name": form.cleaned_data["name"]},
        )
    return form_page(
        request,
        "tokens",
        form,
        title=_("New token"),
        submit=_("Make the token"),
        back="settings:tokens",
    )


@administrators("POST")
def revoke(request: AgentRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.select_related("agent"), pk=pk, revoked_at=None)
    revoke_token(token=token, actor=request.actor)
    return saved(request, "settings:tokens", said=_("It no longer works."))
