"""The page behind the link that a claimed address received. Looking changes nothing; the button proves."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from sportello.accounts.queries import company
from sportello.core.clock import now
from sportello.tickets.actions import prove_address
from sportello.tickets.actions.holding import proving_of
from sportello.tickets.models import Message, Proving


@method_decorator(never_cache, name="dispatch")
class Proof(View):
    """``/proof/<token>``: whoever can open it reads that mailbox."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return _page(request, proving_of(token, now=now()), proven=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return _page(request, prove_address(token=token, now=now()), proven=True)


def _page(request: HttpRequest, proving: Proving | None, *, proven: bool) -> HttpResponse:
    if proving is None:
        return render(request, "widget/proof_gone.html", status=404)
    brand = proving.ticket.brand
    language = proving.ticket.language or brand.language
    with translation.override(language), timezone.override(company().time_zone):
        about = {"brand": brand, "address": proving.address, "proven": proven}
        if proven:
            about["messages"] = conversation_of(proving)
        # The site's own Referrer-Policy (same-origin) keeps the token from others; "no-referrer" would
        # make browsers send "Origin: null" with the button, and that fails the CSRF check.
        return render(request, "widget/proof.html", about)


def conversation_of(proving: Proving) -> list[Message]:
    """What was said on the site chat of this ticket, and the answers of which this address got only a line
    and the link: no notes, no other channel, nobody in copy."""
    withheld = Q(
        deliveries__recipient__address=proving.address, deliveries__options__content="neutral"
    )
    said = Message.objects.filter(
        Q(channel__provider="webchat") | withheld,
        ticket_id=proving.ticket_id,
        thread__identity__contact_id=proving.contact_id,
        direction__in=["in", "out"],
        is_held=False,
    ).exclude(deliveries__state__in=["held", "cancelled"])
    return list(
        said.select_related("agent").prefetch_related("attachments").order_by("pk").distinct()
    )
