"""Fields that this company keeps on its tickets."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.tickets.catalogue import delete_custom_field, save_custom_field
from sportello.tickets.models import CustomField
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.work import FieldForm
from sportello.workspace.settings.pages import form_page, fresh, page, saved


@administrators()
def fields(request: AgentRequest) -> HttpResponse:
    return page(request, "fields", "fields", {"rows": CustomField.objects.all()})


@administrators("GET", "POST")
def field(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(CustomField, pk=pk) if pk else CustomField()
    form = FieldForm(request.POST or None, instance=row)
    if form.is_valid():
        save_custom_field(field=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:fields")
    title = fresh(row).label if row.pk else _("New field")
    erase = reverse("settings:delete_field", args=[row.pk]) if row.pk else ""
    return form_page(request, "fields", form, title=title, back="settings:fields", erase=erase)


@administrators("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    delete_custom_field(field=get_object_or_404(CustomField, pk=pk), actor=request.actor)
    return saved(
        request, "settings:fields", said=_("No longer asked for. Tickets keep what they hold.")
    )
