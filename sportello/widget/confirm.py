"""The page behind the link that asks an address whether it is somebody's. Looking changes nothing; the button does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from sportello.contacts.confirming import confirm_link, confirmation_of
from sportello.contacts.models import Confirmation
from sportello.core.clock import now


@method_decorator(never_cache, name="dispatch")
class Confirm(View):
    """``/confirm/<token>``: whoever can open it reads that mailbox. Works once."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return _page(request, confirmation_of(token, now=now()), done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return _page(request, confirm_link(token=token, now=now()), done=True)


def _page(request: HttpRequest, row: Confirmation | None, *, done: bool) -> HttpResponse:
    if row is None:
        return render(request, "widget/confirm_gone.html", status=404)
    with translation.override(row.language):
        about = {"brand": row.channel.brand, "address": row.identity.address, "done": done}
        return render(request, "widget/confirm.html", about)
