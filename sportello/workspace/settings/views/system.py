"""How the machine is: lag, parked items, jobs, processes."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sportello.channels.models import SpoolParked
from sportello.core import audit, consumers
from sportello.core.models import Parked
from sportello.tickets import applier
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings import health
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.pages import page, refused, saved


@administrators()
def system(request: AgentRequest) -> HttpResponse:
    return page(request, "system", "system", {"health": health.read()})


@administrators("POST")
def replay_parked(request: AgentRequest, pk: int) -> HttpResponse:
    parked = get_object_or_404(Parked, pk=pk)
    audit.note(request.actor, "parked.replayed", f"{parked.consumer} · {parked.ticket_id or ''}")
    if not consumers.replay(parked):
        why = _("It failed again and stays parked, with the new traceback.")
        return refused(request, "settings:system", why=why)
    return saved(request, "settings:system", said=_("It went through."))


@administrators("POST")
def replay_spooled(request: AgentRequest, pk: int) -> HttpResponse:
    parked = get_object_or_404(SpoolParked, pk=pk)
    audit.note(request.actor, "parked.replayed", f"spool · {parked.item_id}")
    applier.replay([parked.item_id])
    return saved(request, "settings:system", said=_("It is read again in a moment."))
