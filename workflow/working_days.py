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
