"""The frame around every workspace page: who is in, what he may open, how he likes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from sportello.accounts.models import Agent
from sportello.accounts.notices import Road, wanted
from sportello.accounts.queries import company, rights_of
from sportello.accounts.rights import Rights
from sportello.channels.queries import mouths
from sportello.workspace.strings import strings

THEMES = ("system", "light", "dark")
DENSITIES = ("compact", "normal", "roomy")


@dataclass(frozen=True, slots=True)
class Shell:
    agent: Agent
    rights: Rights
    company: str
    theme: str
    density: str
    single_keys: bool
    notify: bool
    has_outbox: bool
    has_counter: bool
    """Some shop takes people in."""
    has_monitored: bool
    """Some channel only watches a part of what it hears."""
    script: dict[str, Any]
    """What the page's own code reads: translated strings, who it is, how long undo lasts."""


def of(request: HttpRequest) -> Shell:
    agent = request.user
    if not isinstance(agent, Agent):
        raise TypeError("The workspace's frame is for agents.")
    likes = agent.preferences
    rights = getattr(request, "rights", None) or rights_of(agent)
    return Shell(
        agent=agent,
        rights=rights,
        company=company().name,
        theme=likes.get("theme", "system"),
        density=likes.get("density", "normal"),
        single_keys=likes.get("single_keys", True),
        notify=likes.get("notify", False),
        has_outbox=not settings.EMAIL_URL,
        has_counter=any(m.provider.kind == "counter" and m.is_active for m in mouths().values()),
        has_monitored=any(m.engage != "all" for m in mouths().values()),
        script={
            "agent": agent.pk,
            "keys": likes.get("single_keys", True),
            "notify": sorted(wanted(likes, Road.BROWSER)),
            "teams": sorted(rights.teams),
            "t": strings(),
        },
    )
