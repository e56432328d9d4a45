"""What people do to their own sign-in goes into the audit log, and to their open sockets."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from sportello.accounts.models import Agent
from sportello.accounts.telling import agent_changed, session_ended
from sportello.core import audit
from sportello.core.actors import Actor


@receiver([password_changed, password_reset])
def note_password(sender: Any, user: Agent, **kwargs: Any) -> None:
    audit.note(Actor.agent(user.pk), "agent.password", user.email, {"password": audit.CHANGED})


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def note_second_factor(sender: Any, user: Agent, authenticator: Any = None, **kwargs: Any) -> None:
    kind = getattr(authenticator, "type", "")
    audit.note(
        Actor.agent(user.pk), "agent.second_factor", user.email, {kind or "codes": audit.CHANGED}
    )


@receiver([password_changed, password_reset, authenticator_removed])
def tell_sockets(sender: Any, user: Agent, **kwargs: Any) -> None:
    """Sessions of his may have ended: his sockets ask."""
    agent_changed(user.pk)


@receiver(user_logged_out)
def tell_logged_out(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    if request.session.session_key:
        session_ended(request.session.session_key)
