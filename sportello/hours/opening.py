"""Opening hours as arithmetic: pure functions of a calendar and a moment. All moments are aware; answers are UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

HORIZON = timedelta(days=400)
"""How far ahead an opening is looked for: longer than a year of holidays."""


class WeeklyHours(Protocol):
    """What is read of a calendar: see `hours.models.Calendar`."""

    time_zone: str
    weekly: Mapping[str, Sequence[Sequence[str]]] | Any
    holidays: Sequence[str] | Any


def is_open(calendar: WeeklyHours | None, at: datetime) -> bool:
    """Whether somebody is there at `at`. Without a calendar somebody always is."""
    return calendar is None or closes_at(calendar, at) is not None


def closes_at(calendar: WeeklyHours, at: datetime) -> datetime | None:
    """When the stretch that is open at `at` ends, or None when it is closed. Stretches that touch are one."""
    end: datetime | None = None
    for opens, closes in _stretches(calendar, at - timedelta(days=2), at + timedelta(days=9)):
        if (end is None and opens <= at < closes) or (end is not None and opens <= end < closes):
            end = closes
    return end


def next_opening(calendar: WeeklyHours | None, at: datetime) -> datetime | None:
    """The first moment from `at` on when it is open (`at` itself when it is), or None when it never opens."""
    if calendar is None:
        return at
    for opens, closes in _stretches(calendar, at - timedelta(days=2), at + HORIZON):
        if closes > at:
            return max(opens, at).astimezone(UTC)
    return None


def _stretches(
    calendar: WeeklyHours, first: datetime, last: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches as (opens, closes), day by day, in order of opening."""
    zone = ZoneInfo(calendar.time_zone)
    shut = set(calendar.holidays)
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    while day <= end:
        if day.isoformat() not in shut:
            for opens, closes in sorted(map(tuple, calendar.weekly.get(str(day.weekday()), []))):
                start = _moment(day, opens, zone)
                overnight = closes != "24:00" and closes <= opens
                yield start, _moment(day + timedelta(days=1) if overnight else day, closes, zone)
        day += timedelta(days=1)


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """Wall clock to UTC. An hour that the spring change skips counts as the one after it."""
    if clock == "24:00":
        return _moment(day + timedelta(days=1), "00:00", zone)
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
