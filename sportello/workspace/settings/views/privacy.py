"""The privacy rules: what is covered, what is let go of, what people have asked for."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts import retention
from sportello.accounts.models import PrivacyPolicy
from sportello.contacts import requests
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.privacy import PrivacyForm
from sportello.workspace.settings.pages import form_page, saved


@administrators("GET", "POST")
def policy(request: AgentRequest) -> HttpResponse:
    row = PrivacyPolicy.objects.filter(id=1).first() or PrivacyPolicy(id=1)
    form = PrivacyForm(request.POST or None, policy=row)
    previewed = "preview" in request.POST
    if form.is_valid() and not previewed:
        retention.save_policy(values=form.values(), actor=request.actor)
        return saved(request, "settings:privacy")
    days = form.days if form.is_bound and form.is_valid() else row.days
    due = {one.rule.name: one for one in retention.due(days, now=timezone.now())}
    lines = [(field, due[name]) for name, field in form.rules()]
    return form_page(
        request,
        "privacy",
        form,
        title=_("Privacy"),
        template="privacy",
        lines=lines,
        previewed=previewed,
        requests=requests.open_requests()[:100],
        now=timezone.now(),
    )
