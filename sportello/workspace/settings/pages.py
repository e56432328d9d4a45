"""How every settings page is drawn: the same frame, the same form, the same word when it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sportello.workspace.access import AgentRequest
from sportello.workspace.settings import nav

UNPROCESSABLE = 422


def page(
    request: AgentRequest,
    section: str,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of that section inside the workspace's frame."""
    frame = {"settings_groups": nav.groups(request.rights), "section": "settings", "place": section}
    return render(request, f"workspace/settings/{template}.html", frame | context, status=status)


def form_page(
    request: AgentRequest,
    section: str,
    form: forms.BaseForm,
    *,
    title: str,
    template: str = "form",
    **context: Any,
) -> HttpResponse:
    """A form; 422 when it came back with errors."""
    status = UNPROCESSABLE if form.errors else 200
    return page(
        request, section, template, {"form": form, "title": title, **context}, status=status
    )


def saved(request: AgentRequest, to: str, *args: Any, said: str = "") -> HttpResponse:
    """Back to a page, which says that it is done."""
    messages.success(request, said or _("Saved."))
    return redirect(to, *args)


def refused(request: AgentRequest, to: str, *args: Any, why: str) -> HttpResponse:
    """Back to a page, which says why nothing was done."""
    messages.error(request, why)
    return redirect(to, *args)


def fresh[Row: models.Model](row: Row) -> Row:
    """The row as the database has it: a model form has already changed its own copy."""
    if not row.pk:
        return type(row)()
    return type(row)._default_manager.get(pk=row.pk)
