"""The company's own page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from sportello.accounts.actions import save_company
from sportello.accounts.models import Company
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.company import CompanyForm
from sportello.workspace.settings.pages import form_page, saved


@administrators("GET", "POST")
def company(request: AgentRequest) -> HttpResponse:
    row = Company.objects.filter(id=1).first() or Company(id=1)
    form = CompanyForm(request.POST or None, instance=row)
    if form.is_valid():
        save_company(values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:company")
    return form_page(request, "company", form, title=_("Profile and rules"), template="company")
