"""People: who answers, with which rights."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sportello.accounts import actions
from sportello.accounts.models import Agent, Invitation
from sportello.core import clock
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.people import GrantFormSet, InviteForm, grants_of, specs
from sportello.workspace.settings.pages import form_page, page, refused, saved


def with_second_factor() -> Exists:
    counted = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=counted))


@administrators()
def agents(request: AgentRequest) -> HttpResponse:
    rows = (
        Agent.objects.annotate(has_second_factor=with_second_factor())
        .prefetch_related("grants__team", "grants__brand")
        .order_by("-is_active", "name")
    )
    waiting = Invitation.objects.filter(
        accepted_at=None, expires_at__gt=clock.now()
    ).select_related("team")
    return page(
        request, "agents", "agents", {"rows": rows, "invitations": waiting.order_by("-created_at")}
    )


@administrators("GET", "POST")
def invite(request: AgentRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if form.is_valid():
        actions.invite(**form.cleaned_data, actor=request.actor)
        said = _("The invitation is on its way to %(email)s.") % form.cleaned_data
        return saved(request, "settings:agents", said=said)
    return form_page(
        request,
        "agents",
        form,
        title=_("Invite"),
        submit=_("Send the invitation"),
        back="settings:agents",
    )


@administrators("POST")
def withdraw(request: AgentRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    actions.withdraw_invitation(invitation=invitation, actor=request.actor)
    return saved(request, "settings:agents", said=_("The invitation no longer works."))


@administrators("GET", "POST")
def agent(request: AgentRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Agent.objects.annotate(has_second_factor=with_second_factor()), pk=pk)
    formset = GrantFormSet(request.POST or None, initial=grants_of(row), prefix="g")
    if request.method == "POST" and formset.is_valid():
        try:
            actions.set_grants(agent=row, grants=specs(formset), actor=request.actor)
        except actions.LastAdministrator:
            return _somebody_must_stay(request, pk)
        return saved(request, "settings:agent", pk)
    return page(request, "agents", "agent", {"row": row, "formset": formset, "title": row.name})


@administrators("POST")
def deactivate(request: AgentRequest, pk: int) -> HttpResponse:
    try:
        actions.deactivate(agent=get_object_or_404(Agent, pk=pk), actor=request.actor)
    except actions.LastAdministrator:
        return _somebody_must_stay(request, pk)
    return saved(
        request, "settings:agent", pk, said=_("Shut out: sessions and API tokens have ended.")
    )


@administrators("POST")
def reactivate(request: AgentRequest, pk: int) -> HttpResponse:
    actions.reactivate(agent=get_object_or_404(Agent, pk=pk), actor=request.actor)
    return saved(request, "settings:agent", pk)


@administrators("POST")
def reset_second_factor(request: AgentRequest, pk: int) -> HttpResponse:
    actions.reset_second_factor(agent=get_object_or_404(Agent, pk=pk), actor=request.actor)
    return saved(request, "settings:agent", pk, said=_("Forgotten, and signed out everywhere."))


def _somebody_must_stay(request: AgentRequest, pk: int) -> HttpResponse:
    why = _("Nothing was changed: this is the last administrator. Name another one first.")
    return refused(request, "settings:agent", pk, why=why)
