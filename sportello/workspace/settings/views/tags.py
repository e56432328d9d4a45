"""Tags on offer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.tickets.catalogue import delete_tag, save_tag
from sportello.tickets.models import Tag
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import supervisors
from sportello.workspace.settings.forms.work import TagForm
from sportello.workspace.settings.pages import form_page, fresh, page, saved


@supervisors()
def tags(request: AgentRequest) -> HttpResponse:
    return page(request, "tags", "tags", {"rows": Tag.objects.order_by("name")})


@supervisors("GET", "POST")
def tag(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Tag, pk=pk) if pk else Tag()
    form = TagForm(request.POST or None, instance=row)
    if form.is_valid():
        save_tag(tag=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:tags")
    title = fresh(row).name if row.pk else _("New tag")
    erase = reverse("settings:delete_tag", args=[row.pk]) if row.pk else ""
    return form_page(request, "tags", form, title=title, back="settings:tags", erase=erase)


@supervisors("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    delete_tag(tag=get_object_or_404(Tag, pk=pk), actor=request.actor)
    return saved(request, "settings:tags", said=_("No longer on offer. Tickets keep it."))
