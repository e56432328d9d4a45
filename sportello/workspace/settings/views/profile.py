"""One's own page, and where /app/settings leads."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sportello.accounts.actions import save_profile
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import everybody
from sportello.workspace.settings.forms.notices import ROADS, NoticesForm
from sportello.workspace.settings.forms.people import ProfileForm
from sportello.workspace.settings.pages import form_page, saved


@everybody()
def index(request: AgentRequest) -> HttpResponse:
    """The first page that he may open for others' sake, else his own."""
    if request.rights.may_manage:
        return redirect("settings:company")
    return redirect("settings:replies" if request.rights.may_supervise else "settings:profile")


@everybody("GET", "POST")
def profile(request: AgentRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial=ProfileForm.initial_of(request.agent))
    if form.is_valid():
        save_profile(agent=request.agent, values=form.own, preferences=form.preferences)
        return saved(request, "settings:profile")
    kinds = set(Authenticator.objects.filter(user=request.agent).values_list("type", flat=True))
    return form_page(
        request,
        "profile",
        form,
        title=_("Profile"),
        template="profile",
        has_second_factor=bool(kinds & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}),
    )


@everybody("GET", "POST")
def notices(request: AgentRequest) -> HttpResponse:
    """What he hears, and by which road."""
    form = NoticesForm(request.POST or None, initial=NoticesForm.initial_of(request.agent))
    if request.method == "POST" and form.is_valid():
        save_profile(agent=request.agent, values={}, preferences=form.preferences)
        return saved(request, "settings:notices")
    title = _("Notifications")
    return form_page(
        request, "notices", form, title=title, template="notices", roads=ROADS.values()
    )
