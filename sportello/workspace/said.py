"""Times and lengths as people say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _


def exact(local: datetime) -> str:
    """``Friday 21 November 2026, 10:24``. Written out: Django's formatter takes ten times as long, and a page
    has a hundred times on it.
    """
    return f"{_named(local.date(), get_language())}, {local:%H:%M}"


@lru_cache(maxsize=2048)
def _named(on: date, _language: str | None) -> str:
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month]} {on.year}"


def moment(at: datetime, now: datetime) -> str:
    """``now``, ``10:24``, ``yesterday``, ``Wed``, ``3 Nov``, ``Nov 23``."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    days = (today.date() - local.date()).days
    if timedelta(0) <= now - at < timedelta(minutes=1):
        return _("now")
    if days == 0:
        return f"{local:%H:%M}"
    if days == 1:
        return _("yesterday")
    if days == -1:
        return _("tomorrow %(time)s") % {"time": f"{local:%H:%M}"}
    if 1 < days < 7:
        return str(WEEKDAYS_ABBR[local.weekday()]).lower()
    if local.year == today.year:
        return f"{local.day} {MONTHS_3[local.month]}".lower()
    return date_format(local, "M y").lower()


def duration(length: timedelta) -> str:
    """``1 min``, ``2 h 05 min``, ``1 d 4 h``: never seconds, never a sign."""
    minutes = max(1, int(abs(length.total_seconds()) // 60))
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days:
        return (
            _("%(days)d d %(hours)d h") % {"days": days, "hours": hours_left}
            if days < 7 and hours_left
            else _("%(days)d d") % {"days": days}
        )
    if hours:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes_left}
    return _("%(minutes)d min") % {"minutes": minutes}


def ago(at: datetime, now: datetime) -> str:
    """``today``, ``yesterday``, ``3 days ago``, ``on 3 Nov``."""
    days = (timezone.localtime(now).date() - timezone.localtime(at).date()).days
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days < 30:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    return _("on %(day)s") % {"day": moment(at, now)}


def money(amount: Decimal, currency: str) -> str:
    """``0,07 €``; thousandths only where cents say nothing."""
    from babel.numbers import (
        format_currency,
    )  # what it knows of every country is loaded when it is asked

    digits = 2 if amount >= Decimal("0.01") else 4
    pattern = f"#,##0.{'0' * digits} ¤" if get_language() == "it" else f"¤#,##0.{'0' * digits}"
    return str(
        format_currency(
            amount, currency, pattern, locale=get_language() or "en", currency_digits=False
        )
    )


def day(at: datetime, now: datetime) -> str:
    """A day's heading: ``Today, Friday 21 November``."""
    local, today = timezone.localtime(at).date(), timezone.localtime(now).date()
    name = (
        date_format(local, _("l j F"))
        if local.year == today.year
        else date_format(local, _("j F Y"))
    )
    if local == today:
        return _("Today, %(day)s") % {"day": name.lower()}
    if (today - local).days == 1:
        return _("Yesterday, %(day)s") % {"day": name.lower()}
    return name[:1].upper() + name[1:].lower()
