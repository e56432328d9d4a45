"""Opening hours: lunch breaks, holidays, nights, and the two nights a year when clocks change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sportello.hours.opening import closes_at, is_open, next_opening

ROME = ZoneInfo("Europe/Rome")
WEEKDAYS = {str(day): [["09:00", "13:00"], ["14:00", "19:00"]] for day in range(5)}


@dataclass
class Hours:
    weekly: dict[str, Any]
    time_zone: str = "Europe/Rome"
    holidays: list[str] = field(default_factory=list)


SHOP = Hours(WEEKDAYS)


def rome(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ROME)  # type: ignore[arg-type, misc]


def test_open_at_the_first_minute_and_closed_at_the_last() -> None:
    assert is_open(SHOP, rome(2026, 11, 23, 9))
    assert not is_open(SHOP, rome(2026, 11, 23, 8, 59))
    assert not is_open(SHOP, rome(2026, 11, 23, 13))
    assert is_open(SHOP, rome(2026, 11, 23, 18, 59))
    assert not is_open(SHOP, rome(2026, 11, 23, 19))


def test_without_a_calendar_it_is_always_open() -> None:
    at = rome(2026, 1, 1, 3)
    assert is_open(None, at)
    assert next_opening(None, at) == at


def test_after_the_lunch_break_and_after_the_weekend() -> None:
    assert next_opening(SHOP, rome(2026, 11, 23, 13, 20)) == rome(2026, 11, 23, 14)
    assert next_opening(SHOP, rome(2026, 11, 20, 19)) == rome(2026, 11, 23, 9)


def test_open_now_means_now() -> None:
    at = rome(2026, 11, 23, 10)
    assert next_opening(SHOP, at) == at
    assert closes_at(SHOP, at) == rome(2026, 11, 23, 13)
    assert closes_at(SHOP, rome(2026, 11, 23, 13, 30)) is None


def test_a_holiday_is_closed() -> None:
    shop = Hours(WEEKDAYS, holidays=["2026-12-25", "2026-12-08"])
    assert not is_open(shop, rome(2026, 12, 8, 10))
    assert next_opening(shop, rome(2026, 12, 7, 20)) == rome(2026, 12, 9, 9)


def test_a_calendar_that_never_opens() -> None:
    assert next_opening(Hours({}), rome(2026, 1, 1)) is None


def test_a_bar_open_past_midnight() -> None:
    bar = Hours({"5": [["18:00", "02:00"]]})
    assert is_open(bar, rome(2026, 11, 22, 1, 59))
    assert not is_open(bar, rome(2026, 11, 22, 2))
    assert closes_at(bar, rome(2026, 11, 21, 20)) == rome(2026, 11, 22, 2)


def test_round_the_clock_stretches_are_one() -> None:
    always = Hours({str(day): [["00:00", "24:00"]] for day in range(5)})
    assert is_open(always, rome(2026, 11, 24, 0))
    assert closes_at(always, rome(2026, 11, 23, 12)) == rome(2026, 11, 28, 0)


def test_the_same_wall_clock_before_and_after_the_spring_change() -> None:
    # 29 March 2026: 02:00 becomes 03:00. Nine o'clock is 08:00 UTC on Friday and 07:00 UTC on Monday.
    assert next_opening(SHOP, rome(2026, 3, 27, 8)) == datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert next_opening(SHOP, rome(2026, 3, 28, 8)) == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_an_hour_that_spring_skips_and_one_that_autumn_repeats() -> None:
    night = Hours({"6": [["02:30", "04:00"]]})
    assert next_opening(night, datetime(2026, 3, 29, 0, 0, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    assert is_open(night, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))  # 02:30 summer time
    assert is_open(night, datetime(2026, 10, 25, 2, 59, tzinfo=UTC))  # 03:59 winter time
    assert not is_open(night, datetime(2026, 10, 25, 3, 0, tzinfo=UTC))


def test_a_calendar_in_another_zone() -> None:
    tokyo = Hours({"0": [["09:00", "17:00"]]}, time_zone="Asia/Tokyo")
    assert is_open(tokyo, datetime(2026, 11, 23, 0, 30, tzinfo=UTC))
    assert not is_open(tokyo, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
