"""Fields that a company defines for itself: of which type they are, and what fits them.

The rooms keep the definitions and the values: tickets theirs, people and organizations theirs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.core.plain import storable

LONGEST = 2000
YES = (True, "true", "on", "1", "yes")
NO = (False, "false", "off", "0", "no")


class Unfit(ValueError):
    """Values that their fields cannot take; `errors` says why, by key."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class CompanyField(models.Model):
    """One field: what it is called, how programs call it, what it takes."""

    class FieldType(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        CHECKBOX = "checkbox", _("Checkbox")
        DATE = "date", _("Date")

    key = models.SlugField(_("key"))
    label = models.CharField(_("label"), max_length=100)
    type = models.CharField(
        _("type"), max_length=8, choices=FieldType.choices, default=FieldType.TEXT
    )
    choices: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=100), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.label


def fit(field: CompanyField, value: Any) -> Any:
    """The value as JSON keeps it: text, number, true or false, a date as ``2026-11-21``. Raises `Unfit`."""
    kinds = CompanyField.FieldType
    fitting: Any
    match field.type:
        case kinds.NUMBER:
            fitting = _number(value)
        case kinds.CHECKBOX:
            fitting = True if value in YES else False if value in NO else None
        case kinds.DATE:
            fitting = _date(value)
        case kinds.CHOICE:
            fitting = value if value in field.choices else None
        case _:
            fitting = storable(str(value)).strip() if isinstance(value, str | int | float) else None
    if fitting is None or (isinstance(fitting, str) and len(fitting) > LONGEST):
        raise Unfit({field.key: _why(field, value)})
    return fitting


def fill(
    fields: Iterable[CompanyField], was: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """`was` with what is given; None and "" empty a field. All that does not fit is told at once.

    What was noted under a name that no field has stays, and can be changed or emptied, as text.
    """
    known = {field.key: field for field in fields}
    kept, errors = dict(was), dict[str, str]()
    for key, value in given.items():
        if value in (None, ""):
            kept.pop(key, None)
        elif key not in known and key not in was:
            errors[key] = _now("There is no field “%(key)s”.") % {"key": key}
        elif key not in known:
            kept[key] = value if value == was[key] else storable(str(value)).strip()[:LONGEST]
        else:
            try:
                kept[key] = fit(known[key], value)
            except Unfit as unfit:
                errors |= unfit.errors
    if errors:
        raise Unfit(errors)
    return kept


def shown(field: CompanyField, value: Any) -> str:
    """As people read it, in the reader's language; what does not fit the type is shown as it is."""
    kinds = CompanyField.FieldType
    if value in (None, ""):
        return ""
    if field.type == kinds.CHECKBOX and isinstance(value, bool):
        return _now("Yes") if value else _now("No")
    if field.type == kinds.NUMBER and isinstance(value, int | float):
        return str(number_format(value, use_l10n=True, force_grouping=False))
    if field.type == kinds.DATE and (day := _date(value)):
        return date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT")
    return str(value)


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _date(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _why(field: CompanyField, value: Any) -> str:
    kinds = CompanyField.FieldType
    told = {"label": field.label, "value": str(value)[:80], "choices": ", ".join(field.choices)}
    match field.type:
        case kinds.NUMBER:
            return _now("“%(label)s” is a number, “%(value)s” is none.") % told
        case kinds.CHECKBOX:
            return _now("“%(label)s” is yes or no, not “%(value)s”.") % told
        case kinds.DATE:
            return _now("“%(label)s” is a day like 2026-11-21, “%(value)s” is none.") % told
        case kinds.CHOICE:
            return _now("“%(label)s” is one of %(choices)s.") % told
        case _:
            return _now("“%(label)s” takes up to 2000 characters of text.") % told
