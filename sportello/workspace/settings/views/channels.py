"""The company's mouths: list, guided form, checks, switch."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.accounts.models import Brand
from sportello.channels import actions, checks, keys, registry, templates
from sportello.channels.contract import Check, Provider
from sportello.channels.models import Channel
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings import mouths
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.channel import ChannelForm
from sportello.workspace.settings.forms.offer import OfferForm
from sportello.workspace.settings.pages import UNPROCESSABLE, form_page, page, refused, saved


@administrators()
def channels(request: AgentRequest) -> HttpResponse:
    return page(request, "channels", "channels", {"lines": mouths.lines()})


@administrators()
def choose(request: AgentRequest) -> HttpResponse:
    offered = [mouths.looks(p) for p in registry.offered()]
    return page(
        request,
        "channels",
        "channel_choice",
        {"offered": sorted(offered, key=lambda o: o.name), "brands": Brand.objects.exists()},
    )


@administrators("GET", "POST")
def create(request: AgentRequest, kind: str) -> HttpResponse:
    provider = _provider(kind)
    form = ChannelForm(request.POST or None, provider=provider)
    if form.is_valid():
        made = actions.create_channel(
            provider=kind,
            **_given(form),
            is_active=request.POST.get("then") == "on",
            actor=request.actor,
        )
        return saved(request, "settings:channel", made.pk)
    title = _("New channel: %(name)s") % {"name": mouths.looks(provider).name}
    return form_page(
        request, "channels", form, title=title, template="channel", **_beside(provider)
    )


@administrators("GET", "POST")
def channel(request: AgentRequest, pk: int) -> HttpResponse:
    row = _channel(pk)
    form = ChannelForm(request.POST or None, provider=row.code, channel=row)
    if form.is_valid():
        actions.update_channel(channel=row, **_given(form), actor=request.actor)
        return saved(request, "settings:channel", pk)
    context = _beside(row.code, row)
    return form_page(request, "channels", form, title=row.name, template="channel", **context)


@administrators("POST")
def offer(request: AgentRequest, pk: int) -> HttpResponse:
    """When customers are told of it, and how."""
    row = _channel(pk)
    form = OfferForm(request.POST, channel=row)
    if form.is_valid():
        actions.offer_channel(channel=row, **form.given, actor=request.actor)
        return saved(request, "settings:channel", pk)
    beside = _beside(row.code, row) | {"offer": form}
    page_form = ChannelForm(provider=row.code, channel=row)
    context = {"form": page_form, "title": row.name} | beside
    return page(request, "channels", "channel", context, status=UNPROCESSABLE)


@administrators("POST")
def check(request: AgentRequest, pk: int) -> HttpResponse:
    row = _channel(pk)
    lines = checks.check(row)
    keys.ask(row, now=timezone.now())
    return _checked(request, lines)


@administrators("POST")
def send_test(request: AgentRequest, pk: int) -> HttpResponse:
    row = _channel(pk)
    address = request.POST.get("address", "").strip() or request.agent.email
    try:
        validate_email(address)
    except ValidationError:
        return _checked(request, [Check(_("This is not an e-mail address."), ok=False)])
    if row.code.identity_kind != "email":
        raise Http404
    return _checked(request, [checks.send_test(row, address)])


@administrators("POST")
def sync_templates(request: AgentRequest, pk: int) -> HttpResponse:
    """Ask the vendor for his approved templates, now. What was known stays when he does not answer."""
    row = _channel(pk)
    why = ""
    try:
        templates.sync(row, now=timezone.now())
    except templates.NotFetched as error:
        why = str(error)
    row.refresh_from_db(fields=["templates_at"])
    context = {"row": row, "templates": row.templates.all(), "why": why}
    return render(request, "workspace/settings/channel_templates.html", context)


@administrators("POST")
def switch(request: AgentRequest, pk: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    actions.switch(channel=_channel(pk), on=on, actor=request.actor)
    return saved(
        request,
        "settings:channel",
        pk,
        said=_("The channel is on.") if on else _("The channel is off."),
    )


@administrators("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    try:
        actions.delete_channel(channel=_channel(pk), actor=request.actor)
    except actions.ChannelInUse:
        why = _("Tickets came in by this channel, so it stays. You can turn it off.")
        return refused(request, "settings:channel", pk, why=why)
    return saved(request, "settings:channels", said=_("Deleted."))


def _channel(pk: int) -> Channel:
    return get_object_or_404(Channel.objects.select_related("brand", "team", "calendar"), pk=pk)


def _provider(kind: str) -> Provider:
    try:
        return registry.get(kind)
    except registry.UnknownProvider:
        raise Http404 from None


def _given(form: ChannelForm) -> dict[str, Any]:
    cleaned = form.cleaned_data
    return {
        "name": cleaned["channel_name"],
        "brand": cleaned["brand"],
        "team": cleaned["team"],
        "calendar": cleaned["calendar"],
        "price": form.price,
        "engage": cleaned.get("engage") or "all",
        "settings": form.settings,
    }


def _beside(provider: Provider, row: Channel | None = None) -> dict[str, Any]:
    """Everything around the form: guide, abilities, and for a saved channel its address and health."""
    context: dict[str, Any] = {
        "looks": mouths.looks(provider),
        "guide": [_(step) for step in provider.guide],
        "abilities": mouths.abilities(provider),
        "provider": provider,
    }
    if row is not None:
        context |= {
            "row": row,
            "line": mouths.lines([row])[0],
            "webhook_url": actions.webhook_url(row),
            "offer": OfferForm(channel=row),
            "tells_expiry": keys.tells(provider),
            "site": settings.SPORTELLO_URL,
            "templates": row.templates.all() if provider.capabilities.templates else None,
        }
    return context


def _checked(request: AgentRequest, lines: list[Check]) -> HttpResponse:
    return render(request, "workspace/settings/checks.html", {"checks": lines})
