"""allauth's decisions as this house takes them: nobody signs up, links lead to our own address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest

from sportello.accounts import mail, sealing
from sportello.accounts.models import Agent
from sportello.accounts.telling import session_ended


class AgentAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Agents are invited; mails leave in the background, so that timing tells nothing."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        found: str = super().get_reset_password_from_key_url(key)
        return settings.SPORTELLO_URL + urlsplit(found).path

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message: EmailMessage = self.render_mail(template_prefix, email, context)
        mail.post(message)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The app's secrets are encrypted with a key outside the database."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def get_totp_label(self, user: Agent) -> str:
        return user.email


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Ending a session ends its sockets, too."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        for session in sessions:
            session.end()
            session_ended(session.session_key)
