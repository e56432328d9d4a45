"""Pages at /accounts/ that come before allauth's."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from sportello.accounts import views

urlpatterns = [
    path("invitation/<str:token>", views.join, name="accept_invitation"),
    path("language/", set_language, name="set_language"),
    path("signup/", views.closed),
    path("email/", views.closed),
    path("password/set/", views.closed),
]
