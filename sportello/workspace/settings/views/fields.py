"""Fields that this company keeps: on its tickets, of its customers, of their organizations."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.contacts import fields as profile_fields
from sportello.contacts.models import ProfileField
from sportello.tickets.catalogue import delete_custom_field, save_custom_field
from sportello.tickets.models import CustomField
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.work import (
    TICKET,
    FieldForm,
    ProfileFieldForm,
    belongs_to,
)
from sportello.workspace.settings.pages import form_page, fresh, page, saved


@administrators()
def fields(request: AgentRequest) -> HttpResponse:
    about = {kind: profile_fields.of(kind) for kind in ProfileField.Of.values}
    groups = [
        {
            "of": kind,
            "name": name,
            "rows": CustomField.objects.all() if kind == TICKET else about[kind],
            "loose": [] if kind == TICKET else profile_fields.loose(kind),
        }
        for kind, name in belongs_to()
    ]
    return page(request, "fields", "fields", {"groups": groups})


@administrators("GET", "POST")
def new(request: AgentRequest) -> HttpResponse:
    """``?of=`` says what it belongs to; ``?adopt=`` makes a field of what agents noted under a name."""
    kind = request.POST.get("of") or request.GET.get("of") or TICKET
    name = request.GET.get("adopt", "").replace("\0", "")[:200]
    start = {"of": kind, "label": name[:100], "key": slugify(name)[:50]}
    if kind not in ProfileField.Of.values:
        ticket_form = FieldForm(request.POST or None, initial=start)
        if ticket_form.is_valid():
            values = ticket_form.cleaned_data
            save_custom_field(field=CustomField(), values=values, actor=request.actor)
            return saved(request, "settings:fields")
        return _form(request, ticket_form)
    form = ProfileFieldForm(request.POST or None, initial=start)
    if form.is_valid():
        made = profile_fields.save_field(
            field=ProfileField(), values=form.cleaned_data, actor=request.actor
        )
        return saved(request, "settings:fields", said=_adopted(request, made, name))
    return _form(request, form)


def _adopted(request: AgentRequest, field: ProfileField, name: str) -> str:
    if not name or name == field.key:
        return ""
    moved, stayed = profile_fields.adopt(field=field, name=name, actor=request.actor)
    said = ngettext("%(count)d value taken over.", "%(count)d values taken over.", moved)
    told = said % {"count": moved}
    if stayed:
        more = _("%(count)d did not fit and stay with the other details.") % {"count": stayed}
        told = f"{told} {more}"
    return told


def _form(request: AgentRequest, form: FieldForm | ProfileFieldForm) -> HttpResponse:
    return form_page(request, "fields", form, title=_("New field"), back="settings:fields")


@administrators("GET", "POST")
def field(request: AgentRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CustomField, pk=pk)
    form = FieldForm(request.POST or None, instance=row, initial={"of": TICKET})
    if form.is_valid():
        save_custom_field(field=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:fields")
    title, erase = fresh(row).label, reverse("settings:delete_field", args=[pk])
    return form_page(request, "fields", form, title=title, back="settings:fields", erase=erase)


@administrators("GET", "POST")
def profile_field(request: AgentRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ProfileField, pk=pk)
    form = ProfileFieldForm(request.POST or None, instance=row, initial={"of": row.of})
    if form.is_valid():
        profile_fields.save_field(field=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:fields")
    title, erase = fresh(row).label, reverse("settings:delete_profile_field", args=[pk])
    return form_page(request, "fields", form, title=title, back="settings:fields", erase=erase)


@administrators("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    delete_custom_field(field=get_object_or_404(CustomField, pk=pk), actor=request.actor)
    return saved(
        request, "settings:fields", said=_("No longer asked for. Tickets keep what they hold.")
    )


@administrators("POST")
def delete_profile_field(request: AgentRequest, pk: int) -> HttpResponse:
    profile_fields.delete_field(field=get_object_or_404(ProfileField, pk=pk), actor=request.actor)
    told = _("No longer asked for. What is known stays, among the other details.")
    return saved(request, "settings:fields", said=told)
