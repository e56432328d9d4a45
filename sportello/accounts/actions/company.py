"""The company, its brands, teams and opening hours. Every change leaves its before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from sportello.accounts.events import RIGHTS_CHANGED
from sportello.accounts.models import Brand, Company, Invitation, Team
from sportello.accounts.queries import forget_company
from sportello.core import audit, clock, events
from sportello.core.actors import Actor
from sportello.hours.models import Calendar

COMPANY_FIELDS = (
    "name",
    "language",
    "time_zone",
    "undo_send_seconds",
    "reopen_days",
    "close_after_days",
    "continue_percent",
    "suggest_percent",
    "country",
    "chat_gone_seconds",
    "require_second_factor",
)
BRAND_FIELDS = ("name", "slug", "colour", "language", "signature", "website", "privacy_url")
TEAM_FIELDS = ("name", "slug", "is_private")
CALENDAR_FIELDS = ("name", "time_zone", "weekly", "holidays")


class TeamIsPrivate(Exception):
    """Refused: without its team its tickets would be seen by everybody. Make it public first."""


@transaction.atomic
def save_company(*, values: Mapping[str, Any], actor: Actor) -> Company:
    """Change the given settings; what is not one of `COMPANY_FIELDS` is ignored."""
    company = Company.objects.filter(id=1).first() or Company(id=1)
    _save(company, COMPANY_FIELDS, values, action="company.saved", actor=actor)
    if "require_second_factor" in values:
        events.record(RIGHTS_CHANGED, actor=actor, now=clock.now(), payload={})
    transaction.on_commit(forget_company)
    return company


@transaction.atomic
def save_brand(*, brand: Brand, values: Mapping[str, Any], actor: Actor) -> Brand:
    _save(brand, BRAND_FIELDS, values, action="brand.saved", actor=actor)
    return brand


@transaction.atomic
def save_calendar(*, calendar: Calendar, values: Mapping[str, Any], actor: Actor) -> Calendar:
    _save(calendar, CALENDAR_FIELDS, values, action="hours.saved", actor=actor)
    return calendar


@transaction.atomic
def save_team(
    *, team: Team, values: Mapping[str, Any], actor: Actor, now: datetime | None = None
) -> Team:
    """A team that turns private is hidden at once from everybody but members and administrators."""
    _save(team, TEAM_FIELDS, values, action="team.saved", actor=actor)
    events.record(RIGHTS_CHANGED, actor=actor, now=now or clock.now(), payload={"team_id": team.pk})
    return team


@transaction.atomic
def delete_team(*, team: Team, actor: Actor, now: datetime | None = None) -> None:
    """Its tickets stay, without a team; grants and open invitations bound to it go.

    Raises `TeamIsPrivate`.
    """
    if team.is_private:
        raise TeamIsPrivate(team.name)
    team_id = team.pk
    Invitation.objects.filter(team=team, accepted_at=None).delete()
    audit.note(actor, "team.deleted", team.name, {"name": [team.name, None]})
    team.delete()
    events.record(RIGHTS_CHANGED, actor=actor, now=now or clock.now(), payload={"team_id": team_id})


def _save(
    row: models.Model,
    allowed: tuple[str, ...],
    values: Mapping[str, Any],
    *,
    action: str,
    actor: Actor,
) -> None:
    before = {name: getattr(row, name) for name in allowed} if row.pk else {}
    after = {name: values[name] for name in allowed if name in values}
    for name, value in after.items():
        setattr(row, name, value)
    row.save()
    changes = audit.differences(before, after)
    if changes:
        audit.note(actor, action, str(row), changes)
