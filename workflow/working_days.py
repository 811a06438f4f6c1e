"""Office days and working days. The calendar table decides; this module only counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Container

OFFICE_ZONE = "Asia/Ho_Chi_Minh"
_SATURDAY = 5


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def office_day(instant: datetime, zone: str = OFFICE_ZONE) -> date:
    """The day an aware instant falls on in the office's zone."""
    return instant.astimezone(_zone(zone)).date()


def closing_instant(day: date, at: time, zone: str = OFFICE_ZONE) -> datetime:
    """The last instant (inclusive, UTC) of a deadline on `day` at office time `at`."""
    return datetime.combine(day, at, _zone(zone)).astimezone(UTC)


def is_working_day(
    day: date, days_off: Container[date], extra: Container[date] = frozenset()
) -> bool:
    """Monday to Friday and not a holiday, or a day worked in exchange (`extra`)."""
    if day in extra:
        return True
    return day.weekday() < _SATURDAY and day not in days_off


def add_working_days(
    start: date, count: int, days_off: Container[date], extra: Container[date] = frozenset()
) -> date:
    """The `count`-th working day after `start`, or before it when `count` is negative.

    The day of the event is not counted (Bộ luật Dân sự 2015, điều 147).
    """
    step = timedelta(days=1 if count >= 0 else -1)
    day, left = start, abs(count)
    while left:
        day += step
        if is_working_day(day, days_off, extra):
            left -= 1
    return day


def next_working_day(
    day: date, days_off: Container[date], extra: Container[date] = frozenset()
) -> date:
    """`day` itself when the office works on it, or the next day it does.

    A period that ends on a day off ends on the next working day (Bộ luật Dân sự 2015, điều 148).
    """
    while not is_working_day(day, days_off, extra):
        day += timedelta(days=1)
    return day


def last_working_day(
    day: date, days_off: Container[date], extra: Container[date] = frozenset()
) -> date:
    """`day` itself when the office works on it, or the nearest working day before it."""
    while not is_working_day(day, days_off, extra):
        day -= timedelta(days=1)
    return day


def period_end(
    start: date, days: int, days_off: Container[date], extra: Container[date] = frozenset()
) -> date:
    """The last day of a period of `days` calendar days from the event on `start`.

    The day of the event is not counted, and the end rolls on to a working day (Bộ luật Dân sự
    2015, điều 147 and 148).
    """
    return next_working_day(start + timedelta(days=days), days_off, extra)


def latest_start(
    end: date, count: int, days_off: Container[date], extra: Container[date] = frozenset()
) -> date:
    """The latest working day from which `count` working days still fit up to `end`, inclusive.

    The day itself is not counted; an `end` on a day off leaves the working days before it.
    """
    return add_working_days(last_working_day(end, days_off, extra), -count, days_off, extra)
