"""The company's faces."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sportello.accounts.actions import save_brand
from sportello.accounts.models import Brand
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.company import BrandForm
from sportello.workspace.settings.pages import form_page, fresh, page, saved


@administrators()
def brands(request: AgentRequest) -> HttpResponse:
    rows = Brand.objects.annotate(channel_count=Count("channels")).order_by("name")
    return page(request, "brands", "brands", {"rows": rows})


@administrators("GET", "POST")
def brand(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Brand, pk=pk) if pk else Brand()
    form = BrandForm(request.POST or None, instance=row)
    if form.is_valid():
        save_brand(brand=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:brands")
    title = fresh(row).name if row.pk else _("New brand")
    return form_page(request, "brands", form, title=title, template="brand", row=row)
