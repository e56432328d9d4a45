"""Telling open sockets that a session has ended, or that somebody's may have."""

from __future__ import annotations

from django.db import transaction

from sportello.accounts import tokens
from sportello.core import live


def session_ended(key: str) -> None:
    """Other processes learn the digest of the session, never its key."""
    transaction.on_commit(lambda: live.publish("sessions", {"ended": tokens.digest(key)}))


def agent_changed(agent_id: int) -> None:
    """His sockets ask who sits there."""
    transaction.on_commit(lambda: live.publish("sessions", {"agent": agent_id}))
