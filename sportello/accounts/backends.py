"""Refuses the demo's password wherever the demo does not run."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent

DEMO_PASSWORD = "aurora-demo"


class NotTheDemoPassword(BaseBackend):
    """First of the authentication backends: everybody's password opens nothing outside the demo."""

    def authenticate(
        self, request: HttpRequest | None, password: str | None = None, **credentials: Any
    ) -> None:
        if password == DEMO_PASSWORD and not settings.SPORTELLO_DEMO:
            raise PermissionDenied


class NotTheDemoPasswordValidator:
    """Refuses to keep it as a new password, too."""

    def validate(self, password: str, user: Agent | None = None) -> None:
        if password == DEMO_PASSWORD and not settings.SPORTELLO_DEMO:
            raise ValidationError(self.get_help_text(), code="demo_password")

    def get_help_text(self) -> str:
        return _("This is the demo's password, known to everybody.")
