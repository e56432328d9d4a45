"""Teams and their members."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sportello.accounts.actions import TeamIsPrivate, delete_team, save_team
from sportello.accounts.models import Agent, Team
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.company import TeamForm
from sportello.workspace.settings.pages import form_page, fresh, page, refused, saved


@administrators()
def teams(request: AgentRequest) -> HttpResponse:
    members = Count("grants__agent", distinct=True, filter=Q(grants__agent__is_active=True))
    rows = Team.objects.annotate(member_count=members).order_by("name")
    return page(request, "teams", "teams", {"rows": rows})


@administrators("GET", "POST")
def team(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Team, pk=pk) if pk else Team()
    form = TeamForm(request.POST or None, instance=row)
    if form.is_valid():
        save_team(team=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:teams")
    members = (
        Agent.objects.filter(grants__team=row, is_active=True).distinct().order_by("name")
        if row.pk
        else []
    )
    title = fresh(row).name if row.pk else _("New team")
    return form_page(request, "teams", form, title=title, template="team", row=row, members=members)


@administrators("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    try:
        delete_team(team=get_object_or_404(Team, pk=pk), actor=request.actor)
    except TeamIsPrivate:
        why = _(
            "A private team cannot go: its tickets would be seen by everybody. Make it public first."
        )
        return refused(request, "settings:team", pk, why=why)
    return saved(request, "settings:teams", said=_("Deleted."))
