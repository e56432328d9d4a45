"""Calendars of opening hours."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from sportello.accounts.actions import save_calendar
from sportello.accounts.queries import company
from sportello.hours.models import Calendar
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.hours import CalendarForm
from sportello.workspace.settings.pages import form_page, page, saved


@administrators()
def calendars(request: AgentRequest) -> HttpResponse:
    rows = [{"calendar": row, "week": _week(row)} for row in Calendar.objects.order_by("name")]
    return page(request, "hours", "hours", {"rows": rows})


@administrators("GET", "POST")
def calendar(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Calendar, pk=pk) if pk else Calendar(time_zone=company().time_zone)
    form = CalendarForm(request.POST or None, calendar=row)
    if form.is_valid():
        save_calendar(calendar=row, values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:hours")
    return form_page(request, "hours", form, title=row.name or _("New hours"), template="calendar")


def _week(calendar: Calendar) -> str:
    """``Mon 09:00–13:00, 14:00–18:00 · …``, days in a row with the same hours together."""
    groups: list[tuple[list[int], str]] = []
    for day in range(7):
        said = ", ".join(f"{a}–{b}" for a, b in calendar.weekly.get(str(day), []))
        if groups and groups[-1][1] == said:
            groups[-1][0].append(day)
        else:
            groups.append(([day], said))
    return " · ".join(f"{_days(days)} {said}" for days, said in groups if said)


def _days(days: list[int]) -> str:
    first, last = str(WEEKDAYS_ABBR[days[0]]), str(WEEKDAYS_ABBR[days[-1]])
    return first if len(days) == 1 else f"{first}–{last}"
