"""Days as people write them, in Italian and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from django.utils import timezone

_DAYS = re.compile(r"(\d{1,4})(?:d|g|gg)")


def day_of(text: str) -> date | None:
    """``2026-11-20``, ``20/11/2026``, ``20/11``, ``today``, ``ieri``, ``7d``; None for what is no day."""
    today = timezone.localdate()
    said = text.casefold()
    if ago := {"today": 0, "oggi": 0, "yesterday": 1, "ieri": 1}.get(said):
        return today - timedelta(days=ago)
    if said in {"today", "oggi"}:
        return today
    if days := _DAYS.fullmatch(said):
        return today - timedelta(days=int(days[1]))
    return next(_dates(said, today), None)


def _dates(text: str, today: date) -> Iterator[date]:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d/%m"):
        try:
            # A day without its year could be the 29th of February: read it in this very year.
            year = "" if "%Y" in form else f"/{today.year}"
            form = form if "%Y" in form else f"{form}/%Y"
            yield datetime.strptime(text + year, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue


def around(name: str, day: date) -> dict[str, datetime]:
    """From midnight to midnight where the reader is."""
    zone = timezone.get_current_timezone()
    begins = datetime.combine(day, clock.min, zone)
    ends = datetime.combine(day + timedelta(days=1), clock.min, zone)
    match name:
        case "after":
            return {"since": begins}
        case "before":
            return {"until": begins}
        case _:
            return {"since": begins, "until": ends}
