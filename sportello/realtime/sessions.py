"""Who sits behind a session cookie, and may he see this ticket: the same answers as the pages give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import close_old_connections
from django.utils.crypto import constant_time_compare

from sportello.accounts import tokens
from sportello.accounts.actions import note_presence
from sportello.accounts.models import Agent
from sportello.accounts.queries import owes_second_factor, rights_of
from sportello.accounts.rights import Rights
from sportello.core.clock import now
from sportello.tickets.queries import visible_to


@dataclass(frozen=True, slots=True)
class Who:
    """A signed-in agent, as far as sockets care."""

    agent_id: int
    name: str
    initials: str
    rights: Rights
    session_key: str

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def session_digest(self) -> str:
        """What other processes call this session."""
        return tokens.digest(self.session_key)

    def without_rights(self) -> Who:
        return replace(self, rights=Rights(self.agent_id, ()))


def who_is(session_key: str) -> Who | None:
    """The agent of a live session whose password has not changed since, else None. Runs in a thread."""
    if not session_key:
        return None
    try:
        engine = import_module(settings.SESSION_ENGINE)
        session = engine.SessionStore(session_key)
        if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
            return None
        agent = Agent.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
        if agent is None or not constant_time_compare(
            session.get(HASH_SESSION_KEY, ""), agent.get_session_auth_hash()
        ):
            return None
        if owes_second_factor(agent):
            return None
        return Who(agent.pk, agent.name, agent.initials, rights_of(agent), session_key)
    finally:
        close_old_connections()


def was_here(agent_id: int) -> None:
    """He did something in the workspace: no mail need tell him what he sees. Runs in a thread."""
    try:
        note_presence(agent_id=agent_id, now=now())
    finally:
        close_old_connections()


def visible_ticket(agent_id: int, number: int) -> int | None:
    """The id behind a ticket's number, if this agent may see it. Runs in a thread."""
    try:
        agent = Agent.objects.filter(pk=agent_id, is_active=True).first()
        if agent is None:
            return None
        return visible_to(agent).filter(number=number).values_list("pk", flat=True).first()
    finally:
        close_old_connections()
