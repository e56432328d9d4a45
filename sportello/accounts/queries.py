"""Reading who is who: the company, agents, their rights, tokens."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q, QuerySet

from sportello.accounts import tokens
from sportello.accounts.models import Agent, Company, Grant, Invitation, Role, Team
from sportello.accounts.rights import ADMINISTRATOR, ANSWERING, Rights
from sportello.core.compiled import compiled

COMPANY_TTL = 2.0
_company: tuple[float, Company] | None = None


def company() -> Company:
    """The installation's settings, at most two seconds old."""
    global _company
    if _company is not None and time.monotonic() - _company[0] < COMPANY_TTL:
        return _company[1]
    found = Company.objects.filter(id=1).first() or Company(id=1)
    _company = (time.monotonic(), found)
    return found


def forget_company() -> None:
    """After a change in this process: the next `company()` asks the database."""
    global _company
    _company = None


def rights_of(agent: Agent) -> Rights:
    """His rights now. Nobody and who was deactivated have none."""
    if not agent.pk or not agent.is_active:
        return Rights(agent.pk)
    kept = agent.grants.all() if agent.kept_grants is None else agent.kept_grants
    grants = [(grant.role, grant.team_id, grant.brand_id) for grant in kept]
    if agent.is_superuser:
        grants.append((ADMINISTRATOR, None, None))
    teams = agent.kept_teams
    private = None if teams is None else tuple(sorted(t.pk for t in teams if t.is_private))
    return Rights.of(agent.pk, grants, private)


def keep_grants(agent: Agent) -> None:
    """For the length of a request: whoever asks for the rights of this very object, or for teams, has asked the
    database once.
    """
    agent.kept_grants = _grants(agent=agent.pk)
    agent.kept_teams = _teams()


def shape_of(agent: Agent) -> Rights:
    """His rights, whosever they are, with the private teams: what a compiled queryset is kept by."""
    rights = rights_of(agent)
    private = rights.private_teams
    if private is None:
        private = tuple(sorted(team.pk for team in _teams() if team.is_private))
    return replace(rights, agent_id=None, private_teams=private)


@compiled
def _grants(*, agent: Any) -> QuerySet[Grant]:
    return Grant.objects.filter(agent_id=agent)


@compiled
def _teams() -> QuerySet[Team]:
    return Team.objects.order_by("name")


def owes_second_factor(agent: Agent) -> bool:
    """Outside the demo, by the company's policy, for administrators. Recovery codes alone do not count."""
    if settings.SPORTELLO_DEMO or not company().require_second_factor:
        return False
    if not any(s.role == ADMINISTRATOR for s in rights_of(agent).scopes):
        return False
    counted = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user=agent, type__in=counted).exists()


def within(rights: Rights, *, answering: bool = False, prefix: str = "") -> Q:
    """The condition on rows with ``team`` and ``brand`` that says the same as `Rights.sees`.

    `answering` says the same as `Rights.answers`; `prefix` is the path to the ticket (``ticket__``).
    """
    condition = Q(pk__in=[])
    private = None if rights.private_teams is None else list(rights.private_teams)
    for scope in rights.scopes:
        if answering and scope.role not in ANSWERING:
            continue
        part = Q()
        if scope.brand_id is not None:
            part &= Q(**{f"{prefix}brand_id": scope.brand_id})
        if scope.role != ADMINISTRATOR:
            if scope.team_id is not None:
                part &= Q(**{f"{prefix}team_id": scope.team_id})
            else:
                if private is None:
                    private = list(
                        Team.objects.filter(is_private=True).values_list("id", flat=True)
                    )
                if private:
                    open_team = Q(**{f"{prefix}team_id__isnull": True})
                    part &= open_team | ~Q(**{f"{prefix}team_id__in": private})
        if not part:
            return Q()
        condition |= part
    return condition


def agent_by_email(email: str) -> Agent | None:
    """An active agent. Addresses are kept in lower case."""
    return Agent.objects.filter(email=email.strip().lower(), is_active=True).first()


def agents_visible(agent: Agent) -> QuerySet[Agent]:
    """Colleagues whom he may assign to and mention: every active agent with a grant."""
    return agents_known() if rights_of(agent).scopes else Agent.objects.none()


def agents_known() -> QuerySet[Agent]:
    """Every active agent with a grant, by name."""
    return (
        Agent.objects.filter(Q(grants__isnull=False) | Q(is_superuser=True), is_active=True)
        .distinct()
        .order_by("name")
    )


def answering_agents(team: Team | None = None) -> QuerySet[Agent]:
    """Active agents who may answer, those of one team if given."""
    grants = Grant.objects.filter(role__in=sorted(ANSWERING))
    if team is not None:
        grants = grants.filter(team=team)
    return Agent.objects.filter(is_active=True, pk__in=grants.values("agent_id")).order_by("name")


def teams_visible(agent: Agent) -> QuerySet[Team]:
    """Teams whose tickets he may see: public ones within his grants, private ones he is a member of."""
    rights = rights_of(agent)
    if any(s.role == ADMINISTRATOR for s in rights.scopes):
        return Team.objects.order_by("name")
    condition = Q(pk__in=rights.teams)
    if any(s.team_id is None for s in rights.scopes):
        condition |= Q(is_private=False)
    return Team.objects.filter(condition).order_by("name")


def teams_shown(agent: Agent) -> list[Team]:
    """The same as a list; within a request that has kept the teams nothing is asked."""
    if agent.kept_teams is None:
        return list(teams_visible(agent))
    scopes, own = rights_of(agent).scopes, rights_of(agent).teams
    if any(s.role == ADMINISTRATOR for s in scopes):
        return agent.kept_teams
    public = any(s.team_id is None for s in scopes)
    return [t for t in agent.kept_teams if t.pk in own or (public and not t.is_private)]


def team_of(agent: Agent, team_id: int | None) -> Team | None:
    """The team of that id, from those that the request has kept."""
    if agent.kept_teams is None:
        return Team.objects.filter(pk=team_id).first() if team_id else None
    return next((team for team in agent.kept_teams if team.pk == team_id), None)


def administrators() -> QuerySet[Agent]:
    """Active administrators of the whole company: never fewer than one."""
    return Agent.objects.filter(
        Q(grants__role=Role.ADMINISTRATOR, grants__brand__isnull=True) | Q(is_superuser=True),
        is_active=True,
    ).distinct()


def find_invitation(raw: str, *, now: datetime) -> Invitation | None:
    """The open invitation of that token. Malformed, used and expired ones are alike: None."""
    if not tokens.looks_right(raw):
        return None
    wanted = tokens.digest(raw)
    found = Invitation.objects.filter(
        token_hash=wanted, accepted_at=None, expires_at__gt=now
    ).first()
    return found if found is not None and tokens.same(found.token_hash, wanted) else None


def local_time_zone(agent: Agent) -> str:
    """The zone in which he reads times."""
    return agent.time_zone or company().time_zone


def is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
