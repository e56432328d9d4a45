"""What an agent wants to hear, and by which road: kept in his preferences. Pure: no database."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What may be told."""

    ASSIGNED = "assigned"
    ANSWER = "answer"
    MENTION = "mention"
    FOLLOWED = "followed"
    OPENED = "opened"
    RETURNED = "returned"
    """His answer by mail did not leave: always told, by mail."""


class Road(StrEnum):
    BROWSER = "browser"
    MAIL = "mail"


CHOICES = (Kind.ASSIGNED, Kind.ANSWER, Kind.MENTION, Kind.FOLLOWED, Kind.OPENED)
LABELS: Mapping[Kind, tuple[str | Promise, str | Promise]] = {
    Kind.ASSIGNED: (_("A ticket is assigned to me"), ""),
    Kind.ANSWER: (_("A customer writes on my ticket"), ""),
    Kind.MENTION: (_("A colleague names me in a note"), ""),
    Kind.FOLLOWED: (_("Something new on a ticket that I follow"), ""),
    Kind.OPENED: (
        _("A new ticket in one of my teams"),
        _("Until somebody takes it. In a busy team this is a lot of mail."),
    ),
}
_BY_DEFAULT = {
    Road.MAIL: frozenset({Kind.ASSIGNED, Kind.ANSWER, Kind.MENTION, Kind.FOLLOWED}),
    Road.BROWSER: frozenset({Kind.ASSIGNED, Kind.ANSWER, Kind.MENTION}),
}


def wanted(preferences: Mapping[str, Any], road: Road) -> frozenset[Kind]:
    """What he hears by that road. In the browser nothing without the switch for the whole desktop."""
    if road is Road.BROWSER and not preferences.get("notify", False):
        return frozenset()
    return chosen(preferences, road)


def chosen(preferences: Mapping[str, Any], road: Road) -> frozenset[Kind]:
    """What is ticked, whether the desktop's switch is on or not."""
    kept = preferences.get("notices")
    names = kept.get(road.value) if isinstance(kept, Mapping) else None
    if not isinstance(names, list):
        return _BY_DEFAULT[road]
    return frozenset(kind for kind in CHOICES if kind.value in names)
