"""Saved replies."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from sportello.automation.actions import delete_reply, save_reply
from sportello.automation.models import SavedReply
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import supervisors
from sportello.workspace.settings.forms.work import ReplyForm
from sportello.workspace.settings.pages import form_page, fresh, page, saved


@supervisors()
def replies(request: AgentRequest) -> HttpResponse:
    rows = SavedReply.objects.select_related("team", "brand").order_by("shortcut", "language")
    return page(request, "replies", "replies", {"rows": rows})


@supervisors("GET", "POST")
def reply(request: AgentRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(SavedReply, pk=pk) if pk else SavedReply()
    form = ReplyForm(request.POST or None, instance=row)
    if form.is_valid():
        save_reply(reply=fresh(row), values=form.cleaned_data, actor=request.actor)
        return saved(request, "settings:replies")
    title = fresh(row).title if row.pk else _("New saved reply")
    erase = reverse("settings:delete_reply", args=[row.pk]) if row.pk else ""
    return form_page(request, "replies", form, title=title, back="settings:replies", erase=erase)


@supervisors("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    delete_reply(reply=get_object_or_404(SavedReply, pk=pk), actor=request.actor)
    return saved(request, "settings:replies", said=_("Deleted."))
