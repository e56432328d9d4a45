"""The week as a form: two stretches a day, holidays one a line."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.hours.models import Calendar
from sportello.workspace.settings.forms.company import zones

STRETCHES = 2


class CalendarForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones)
    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono short"}),
        help_text=_("One date a line, as 2026-12-25."),
    )

    def __init__(self, *args: Any, calendar: Calendar, **kwargs: Any) -> None:
        initial = {
            "name": calendar.name,
            "time_zone": calendar.time_zone,
            "holidays": "\n".join(calendar.holidays),
        }
        super().__init__(*args, **{"initial": initial} | kwargs)
        for day in range(7):
            kept = calendar.weekly.get(str(day), [])
            for stretch in range(STRETCHES):
                ends = kept[stretch] if stretch < len(kept) else ("", "")
                for end, value in zip(("from", "to"), ends, strict=True):
                    label = _now("%(day)s, from") if end == "from" else _now("%(day)s, to")
                    widget = forms.TimeInput(
                        attrs={"type": "time", "aria-label": label % {"day": WEEKDAYS[day]}},
                        format="%H:%M",
                    )
                    self.fields[f"d{day}_{stretch}_{end}"] = forms.TimeField(
                        required=False, initial=_read(value), widget=widget
                    )

    @property
    def days(self) -> list[dict[str, Any]]:
        """Rows for the page: the day's name and its pairs of fields."""
        return [
            {
                "name": WEEKDAYS[day],
                "stretches": [
                    (self[f"d{day}_{s}_from"], self[f"d{day}_{s}_to"]) for s in range(STRETCHES)
                ],
            }
            for day in range(7)
        ]

    def clean_holidays(self) -> list[str]:
        found: set[str] = set()
        for line in self.cleaned_data["holidays"].splitlines():
            if not line.strip():
                continue
            try:
                found.add(date.fromisoformat(line.strip()).isoformat())
            except ValueError:
                raise forms.ValidationError(
                    _now("“%(line)s” is not a date such as 2026-12-25."),
                    params={"line": line.strip()},
                ) from None
        return sorted(found)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        weekly: dict[str, list[list[str]]] = {}
        for day in range(7):
            pairs = [
                (cleaned.get(f"d{day}_{s}_from"), cleaned.get(f"d{day}_{s}_to"))
                for s in range(STRETCHES)
            ]
            stretches = sorted([opens, closes] for opens, closes in pairs if opens and closes)
            half = any((opens is None) != (closes is None) for opens, closes in pairs)
            wrong = any(opens >= closes for opens, closes in stretches)
            overlap = len(stretches) > 1 and stretches[1][0] < stretches[0][1]
            if half or wrong or overlap:
                self.add_error(
                    None,
                    _now(
                        "%(day)s: each stretch needs a beginning before its end, and they must not overlap."
                    )
                    % {"day": WEEKDAYS[day]},
                )
            if stretches:
                weekly[str(day)] = [[_write(opens), _write(closes)] for opens, closes in stretches]
        cleaned["weekly"] = weekly
        return cleaned


def _read(value: str) -> time | None:
    return time.fromisoformat(value) if value else None


def _write(value: time) -> str:
    return value.strftime("%H:%M")
