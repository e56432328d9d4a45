"""``/secure/<token>``: what we asked for, given once. Looking changes nothing; nothing given is ever shown again."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from sportello.accounts.queries import company
from sportello.core.clock import now
from sportello.portal import limits
from sportello.tickets.confidential import forms
from sportello.tickets.confidential.fields import FIELDS, BadAnswer
from sportello.tickets.models import SecureForm

PER_ADDRESS = 60
"""Looks and tries of one address in ten minutes."""


@method_decorator(never_cache, name="dispatch")
class Page(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            limits.count(f"secure:{limits.client_address(request)}", PER_ADDRESS)
        except limits.TooMany:
            busy = render(request, "portal/secure_busy.html", status=429)
            busy["Retry-After"] = "600"
            return busy
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        form = forms.open_form(token, now=now())
        return _page(request, form) if form else _gone(request)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = forms.open_form(token, now=now())
        if form is None:
            return _gone(request)
        answers = {name: str(request.POST.get(name, "")) for name in form.fields}
        brand = form.ticket.brand
        with translation.override(_language(form)):
            try:
                given = _given(request, form)
                kept = forms.answer(token=token, answers=answers, given=given, now=now())
            except BadAnswer as bad:
                return _page(request, form, answers=answers, errors=bad.errors)
            except forms.TooLarge:
                errors = {"file": _("This file is too large: up to 10 MB.")}
                return _page(request, form, answers=answers, errors=errors)
            if kept is None:
                return _gone(request)
            return render(request, "portal/secure_done.html", {"brand": brand})


def _given(request: HttpRequest, form: SecureForm) -> dict[str, forms.Given]:
    """The files chosen, read only when they are small enough."""
    found = {}
    for name in form.fields:
        upload: Any = request.FILES.get(name)
        if FIELDS[name].shape != "file" or not isinstance(upload, UploadedFile):
            continue
        if (upload.size or 0) > forms.LARGEST:
            raise forms.TooLarge
        found[name] = forms.Given(upload.name or "", upload.content_type or "", upload.read())
    return found


def _language(form: SecureForm) -> str:
    return form.ticket.language or form.ticket.brand.language


def _page(
    request: HttpRequest,
    form: SecureForm,
    *,
    answers: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    with translation.override(_language(form)), timezone.override(company().time_zone):
        questions = [
            {
                "field": FIELDS[name],
                "value": (answers or {}).get(name, ""),
                "error": (errors or {}).get(name, ""),
            }
            for name in form.fields
        ]
        about = {
            "brand": form.ticket.brand,
            "number": form.ticket.number,
            "questions": questions,
            "expires_at": form.expires_at,
            "wrong": bool(errors),
        }
        return render(request, "portal/secure_form.html", about, status=422 if errors else 200)


def _gone(request: HttpRequest) -> HttpResponse:
    """Answered, withdrawn, expired and never sent look alike."""
    return render(request, "portal/secure_gone.html", status=404)
