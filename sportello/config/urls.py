"""Where the rooms' pages hang. The lean doors (webhooks, sockets, health) are in ``asgi.py``."""

from __future__ import annotations

from pathlib import Path

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from sportello.workspace import files

_PACKAGE = Path(__file__).resolve().parents[1]
_PREFIXES = {
    "workspace": "app/",
    "api": "api/",
    "accounts": "accounts/",
    "demo": "demo/",
    "widget": "",
    "core": "",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/app/"), name="home")
]
urlpatterns += [path("app/settings/", include("sportello.workspace.settings.urls"))]
urlpatterns += [
    path(prefix, include(f"sportello.{room}.urls"))
    for room, prefix in _PREFIXES.items()
    if (_PACKAGE / room / "urls.py").exists()
]
urlpatterns += [path("accounts/", include("allauth.urls"))]
urlpatterns += [path("files/<str:key>", files.serve, name="file")]
