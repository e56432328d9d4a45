"""What an invited person fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Agent, Invitation


class JoinForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=200, help_text=_("Customers read it under your answers.")
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters."),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        self.invitation = invitation
        super().__init__(*args, **{"initial": {"name": invitation.name}} | kwargs)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        person = Agent(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        validate_password(password, person)
        return password
