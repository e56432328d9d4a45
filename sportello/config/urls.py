"""Where the rooms' pages hang. The lean doors (webhooks, sockets, health) are in ``asgi.py``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from sportello.workspace import files

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/app/"), name="home"),
    path("app/settings/", include("sportello.workspace.settings.urls")),
    path("app/", include("sportello.workspace.urls")),
    path("api/", include("sportello.api.urls")),
    path("accounts/", include("sportello.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("demo/", include("sportello.demo.urls")),
    path("", include("sportello.portal.urls")),
    path("", include("sportello.widget.urls")),
    path("files/<str:key>", files.serve, name="file"),
]
