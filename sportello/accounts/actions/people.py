"""Agents come, change their rights, and go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from sportello.accounts.events import RIGHTS_CHANGED
from sportello.accounts.models import Agent, Brand, Grant, Role, Team
from sportello.accounts.queries import administrators
from sportello.core import audit, clock, events
from sportello.core.actors import SYSTEM, Actor

GrantSpec = tuple[str, Team | None, Brand | None]


class LastAdministrator(Exception):
    """Refused: nobody would be left who can open the settings."""


@transaction.atomic
def create_agent(
    *,
    email: str,
    name: str,
    role: str = Role.AGENT,
    team: Team | None = None,
    brand: Brand | None = None,
    password: str | None = None,
    language: str = "",
    actor: Actor = SYSTEM,
    now: datetime | None = None,
) -> Agent:
    """A new agent with one grant. Without a password he cannot sign in until he resets it."""
    agent = Agent.objects.create_user(email, password, name=name, language=language)
    Grant.objects.create(agent=agent, role=Role(role), team=team, brand=brand)
    audit.note(actor, "agent.created", agent.email, {"role": [None, str(role)]})
    _record(agent, actor=actor, now=now)
    return agent


@transaction.atomic
def set_grants(
    *, agent: Agent, grants: Sequence[GrantSpec], actor: Actor, now: datetime | None = None
) -> None:
    """Replace all his grants. Raises `LastAdministrator`."""
    _lock_administrators()
    before = _spoken(agent)
    agent.grants.all().delete()
    Grant.objects.bulk_create(
        [Grant(agent=agent, role=Role(r), team=t, brand=b) for r, t, b in dict.fromkeys(grants)]
    )
    _somebody_must_stay()
    after = _spoken(agent)
    if before != after:
        audit.note(actor, "agent.rights", agent.email, {"grants": [before, after]})
        _record(agent, actor=actor, now=now)


@transaction.atomic
def deactivate(*, agent: Agent, actor: Actor, now: datetime | None = None) -> None:
    """Shut him out at once: sessions and API tokens end. His tickets stay his until reassigned."""
    now = now or clock.now()
    _lock_administrators()
    agent.is_active = False
    agent.is_available = False
    agent.save(update_fields=["is_active", "is_available"])
    _somebody_must_stay()
    for session in UserSession.objects.filter(user=agent):
        session.end()
    agent.api_tokens.filter(revoked_at=None).update(revoked_at=now)
    audit.note(actor, "agent.deactivated", agent.email, {"is_active": [True, False]})
    _record(agent, actor=actor, now=now)


@transaction.atomic
def reactivate(*, agent: Agent, actor: Actor, now: datetime | None = None) -> None:
    """Let him in again, with the grants he had. Revoked tokens stay revoked."""
    agent.is_active = True
    agent.save(update_fields=["is_active"])
    audit.note(actor, "agent.reactivated", agent.email, {"is_active": [False, True]})
    _record(agent, actor=actor, now=now)


@transaction.atomic
def reset_second_factor(*, agent: Agent, actor: Actor, now: datetime | None = None) -> None:
    """He lost his phone: forget his codes and passkeys, and end his sessions."""
    Authenticator.objects.filter(user=agent).delete()
    for session in UserSession.objects.filter(user=agent):
        session.end()
    audit.note(actor, "agent.second_factor_reset", agent.email, {"second_factor": audit.CHANGED})
    _record(agent, actor=actor, now=now)


def save_profile(
    *, agent: Agent, values: Mapping[str, Any], preferences: Mapping[str, Any]
) -> None:
    """What an agent sets for himself: name, language, zone, and how the workspace looks."""
    for name in ("name", "language", "time_zone", "is_available"):
        if name in values:
            setattr(agent, name, values[name])
    agent.preferences = {**agent.preferences, **preferences}
    agent.save(update_fields=["name", "language", "time_zone", "is_available", "preferences"])


def note_presence(*, agent_id: int, now: datetime) -> None:
    """He did something in the workspace just now."""
    Agent.objects.filter(pk=agent_id).update(seen_at=now)


def _record(agent: Agent, *, actor: Actor, now: datetime | None) -> None:
    events.record(
        RIGHTS_CHANGED,
        actor=actor,
        now=now or clock.now(),
        payload={"agent_id": agent.pk, "is_active": agent.is_active},
    )


def _lock_administrators() -> None:
    """Two administrators who demote each other at the same moment must not both succeed."""
    list(
        Grant.objects.select_for_update(no_key=True).filter(role=Role.ADMINISTRATOR).order_by("id")
    )


def _somebody_must_stay() -> None:
    if not administrators().exists():
        raise LastAdministrator


def _spoken(agent: Agent) -> list[str]:
    return sorted(
        f"{g.role} · {g.team or '*'} · {g.brand or '*'}"
        for g in agent.grants.select_related("team", "brand")
    )
