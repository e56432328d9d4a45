"""Bottega Aurora, ceramics and coffee machines in Lucca: a shop that is not for sale, to try the chat on."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sportello.channels.models import Channel


@dataclass(frozen=True, slots=True)
class Product:
    picture: str
    name: str
    price: str


@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """``/demo/shop?lang=it|en``. Exists only where the demo company does."""
    chat = Channel.objects.filter(provider="webchat", is_active=True).order_by("pk").first()
    if chat is None:
        raise Http404
    asked = request.GET.get("lang", "")
    language = asked if asked in {"it", "en"} else chat.brand.language
    theme = request.GET.get("theme", "")
    with translation.override(language):
        return render(
            request,
            "demo/shop.html",
            {
                "chat": chat,
                "language": language,
                "theme": theme if theme in {"light", "dark"} else "",
                "products": _shelf(),
            },
        )


def _shelf() -> list[Product]:
    return [
        Product("demo/picture_moka.html", _("Aurora moka pot, 6 cups"), _("€38.00")),
        Product("demo/picture_cups.html", _("Alba espresso cups, set of 6"), _("€40.00")),
        Product("demo/picture_grinder.html", _("Brera grinder"), _("€129.00")),
        Product("demo/picture_due.html", _("Aurora Due, sage green"), _("€689.00, from January")),
    ]
