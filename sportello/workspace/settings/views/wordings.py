"""What people agree to: the texts in their versions, and how many have said yes to each."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.queries import company
from sportello.contacts import wordings
from sportello.contacts.ledger import Purpose, Wording
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.wording import WordingForm
from sportello.workspace.settings.pages import form_page, page, refused, saved


@administrators()
def every(request: AgentRequest) -> HttpResponse:
    now = timezone.now()
    rows = list(wordings.every())
    shown = {
        next((w.pk for w in theirs if w.valid_from <= now), 0)
        for _key, theirs in groupby(rows, key=lambda w: (w.purpose, w.language))
    }
    by_purpose = {
        purpose: [(w, w.pk in shown, w.valid_from > now) for w in rows if w.purpose == purpose]
        for purpose in Purpose
    }
    return page(request, "wordings", "wordings", {"purposes": list(by_purpose.items())})


@administrators("GET", "POST")
def new(request: AgentRequest) -> HttpResponse:
    """``?from=`` begins with the text of an earlier version."""
    form = WordingForm(request.POST or None, initial=_start(request))
    if form.is_valid():
        try:
            wordings.write(**form.values(), actor=request.actor, now=timezone.now())
        except wordings.BadWording as refusal:
            form.add_error("version", str(refusal))
        else:
            return saved(request, "settings:wordings")
    return form_page(request, "wordings", form, title=_("New wording"), back="settings:wordings")


def _start(request: AgentRequest) -> dict[str, str]:
    asked = request.GET.get("from", "")
    purpose = request.GET.get("purpose", "")
    row = (
        Wording.objects.filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdigit() and len(asked) < 19
        else None
    )
    if row is not None:
        return {"purpose": row.purpose, "language": row.language, "text": row.text}
    known = purpose if purpose in Purpose.values else Purpose.MARKETING.value
    return {"purpose": known, "language": company().language}


@administrators("POST")
def withdraw(request: AgentRequest, pk: int) -> HttpResponse:
    try:
        wordings.withdraw(wording=get_object_or_404(Wording, pk=pk), actor=request.actor)
    except wordings.BadWording as refusal:
        return refused(request, "settings:wordings", why=str(refusal))
    return saved(request, "settings:wordings", said=_("Withdrawn."))
