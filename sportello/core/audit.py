"""Who changed which setting, from what to what. The only place that writes `AuditEntry`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth import get_user_model

from sportello.core.actors import Actor
from sportello.core.models import AuditEntry

CHANGED = "changed"
"""Stands where the value of a secret would be."""


def note(actor: Actor, action: str, subject: str, changes: Mapping[str, Any] | None = None) -> None:
    """Write one entry. `action` is ``company.saved``, `subject` what people call the thing."""
    AuditEntry.objects.create(
        actor=str(actor),
        actor_name=_name(actor)[:200],
        action=action,
        subject=subject[:200],
        changes={key: _plain(value) for key, value in (changes or {}).items()},
    )


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], secret: Collection[str] = ()
) -> dict[str, Any]:
    """What changed: ``{"name": [old, new]}``, for secrets only ``{"token": "changed"}``."""
    changes: dict[str, Any] = {}
    for key, value in after.items():
        if before.get(key) != value:
            changes[key] = CHANGED if key in secret else [before.get(key), value]
    return changes


def _name(actor: Actor) -> str:
    if actor.agent_id is None:
        return ""
    agent = get_user_model().objects.filter(pk=actor.agent_id).first()
    return str(agent) if agent else ""


def _plain(value: Any) -> Any:
    """JSON can carry it, or it is written out as words."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
