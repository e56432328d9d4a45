"""``/contact``: how customers reach a brand now, and when the rest opens. Nothing here needs a sign-in."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import qrcode
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from qrcode.image.svg import SvgPathFillImage

from sportello.accounts.models import Brand
from sportello.accounts.queries import company
from sportello.channels import offers
from sportello.channels.offers import Way
from sportello.core import clock

LANGUAGES = ("it", "en")


@dataclass(frozen=True, slots=True)
class Card:
    """One way as the page shows it. `code` is a QR code, for those who read on a large screen."""

    way: Way
    name: str
    words: str
    action: str
    hours: str
    code: SafeString | None


@require_safe
def page(request: HttpRequest, brand: str = "") -> HttpResponse:
    """The brand of that slug; without one, the company's first."""
    found = Brand.objects.filter(slug=brand) if brand else Brand.objects.order_by("pk")
    shown = found.first()
    if shown is None:
        raise Http404
    language = _language(request, shown)
    with translation.override(language), timezone.override(company().time_zone):
        now = clock.now()
        ways = offers.ways(now, brand=shown.pk)
        names = offers.names(ways)
        cards = [_card(way, names[way.channel.pk], language, now) for way in ways]
        context = {
            "brand": shown,
            "now": [card for card in cards if card.way.is_offered],
            "later": [card for card in cards if not card.way.is_offered and card.way.opens],
            "chat": next((way.channel for way in ways if way.is_offered and way.is_chat), None),
            "others": [code for code in LANGUAGES if code != language],
        }
        answer = render(request, "portal/contact.html", context)
    answer["Cache-Control"] = "private, max-age=30"
    answer["Vary"] = "Accept-Language"
    return answer


def _language(request: HttpRequest, brand: Brand) -> str:
    """Asked for, else the browser's, else the brand's."""
    asked = request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    if request.headers.get("Accept-Language"):
        return translation.get_language_from_request(request)[:2]
    return brand.language


def _card(way: Way, name: str, language: str, now: datetime) -> Card:
    linked = way.link and not way.link.startswith("mailto:")
    return Card(
        way,
        name,
        way.words(language),
        _action(way),
        _hours(way, now),
        _code(way.link) if way.is_offered and linked else None,
    )


def _action(way: Way) -> str:
    """What the link is called: the address itself, where it can be read aloud."""
    if (
        way.shown.startswith(("http://", "https://"))
        or way.channel.code.customer_setting == "page_id"
    ):
        return _("Open %(name)s") % {"name": _(way.channel.code.name)}
    return way.shown


def _hours(way: Way, now: datetime) -> str:
    if way.until is not None:
        return _("Until %(time)s") % {"time": _moment(way.until, now)}
    if way.opens is None:
        return ""
    when = _moment(way.opens, now)
    if way.is_offered:
        return _("We answer from %(time)s") % {"time": when}
    return _("Opens %(time)s") % {"time": when}


def _moment(at: datetime, now: datetime) -> str:
    """``19:00``, ``tomorrow at 09:00``, ``Monday at 09:00``, ``7 January at 09:00``."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    clock_time, days = f"{local:%H:%M}", (local.date() - today.date()).days
    if days == 0:
        return clock_time
    if days == 1:
        return _("tomorrow at %(time)s") % {"time": clock_time}
    day = date_format(local, "l" if days < 7 else "j F").lower()
    return _("%(day)s at %(time)s") % {"day": day, "time": clock_time}


@lru_cache(maxsize=64)
def _code(link: str) -> SafeString:
    """The link as a QR code, drawn as SVG."""
    drawing = qrcode.make(link, image_factory=SvgPathFillImage, border=2, box_size=6)
    out = io.BytesIO()
    drawing.save(out)
    svg = out.getvalue().decode().partition("?>")[2].strip()
    return mark_safe(svg)  # noqa: S308  (drawn by us: squares and numbers)
