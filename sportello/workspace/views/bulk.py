"""One verb for all selected rows; each asked for its own right."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sportello.tickets.models import Ticket
from sportello.workspace.access import AgentRequest, agent_page, seen
from sportello.workspace.views.verbs import REFUSALS, apply

BULK = {"assign", "set_status", "retag", "mark_spam", "merge"}
MOST = 200


@agent_page("POST")
def do(request: AgentRequest, verb: str) -> HttpResponse:
    """How many changed, and why the others did not."""
    if verb not in BULK:
        raise Http404
    numbers = {
        int(n)
        for n in request.POST.getlist("numbers")[:MOST]
        if n.isascii() and n.isdigit() and len(n) < 19
    }
    into = request.POST.get("into", "").lstrip("#") if verb == "merge" else ""
    done, refusals = 0, []
    for ticket in _chosen(request, numbers):
        if str(ticket.number) == into:
            continue
        try:
            apply(request, ticket, verb)
            done += 1
        except REFUSALS as refusal:
            refusals.append(f"n. {ticket.number}: {refusal}")
        except PermissionDenied:
            refusals.append(
                _("n. %(number)d: your role does not allow it") % {"number": ticket.number}
            )
    said = ngettext("%(n)d ticket changed", "%(n)d tickets changed", done) % {"n": done}
    return JsonResponse({"done": done, "said": said, "refused": refusals})


def _chosen(request: AgentRequest, numbers: set[int]) -> list[Ticket]:
    found = seen(request).select_related("contact", "team", "brand").filter(number__in=numbers)
    return list(found.order_by("pk"))
