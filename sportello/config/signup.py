"""Sign-up is closed: agents are invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's decisions, with nobody let in who was not invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
