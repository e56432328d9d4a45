"""The doors of this room: accepting an invitation."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sportello.accounts.actions import InvitationRefused, accept_invitation
from sportello.accounts.forms import JoinForm
from sportello.accounts.queries import find_invitation
from sportello.core import clock

GONE = 410


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form and changes nothing (mail scanners open links); POST makes the agent."""
    invitation = find_invitation(token, now=clock.now())
    if invitation is None:
        return render(request, "accounts/invitation.html", {"invitation": None}, status=GONE)
    form = JoinForm(request.POST or None, invitation=invitation)
    if form.is_valid():
        try:
            agent = accept_invitation(token=token, **form.cleaned_data)
        except InvitationRefused:
            return render(request, "accounts/invitation.html", {"invitation": None}, status=GONE)
        login(request, agent, backend="allauth.account.auth_backends.AuthenticationBackend")
        # The password was typed a moment ago: the second factor does not ask for it again.
        record_authentication(request, agent, "password", reauthenticated=True)
        return redirect("/app/")
    return render(request, "accounts/invitation.html", {"invitation": invitation, "form": form})


def closed(request: HttpRequest) -> HttpResponse:
    """allauth's pages that this house does not have: sign-up, changing one's own address."""
    raise Http404
