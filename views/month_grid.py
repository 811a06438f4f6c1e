"""One month as a table: weeks from Monday, each day with what falls on it."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from views import formats
from views.agenda_lines import Line
from views.formats import _
from workflow.reminders import Calendar
from workflow.words import phrase
from workflow.working_days import office_day

WEEKDAYS = (
    phrase("Thứ Hai"),
    phrase("Thứ Ba"),
    phrase("Thứ Tư"),
    phrase("Thứ Năm"),
    phrase("Thứ Sáu"),
    phrase("Thứ Bảy"),
    phrase("Chủ nhật"),
)
SHOWN = 4
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_EARLIEST, _LATEST = 2000, 2100


def month_of(text: str, today: date) -> date:
    """The first day of the month asked for (2023-12); of this month when it is not one."""
    found = _MONTH.fullmatch(text)
    if found and _EARLIEST <= int(found[1]) <= _LATEST and 1 <= int(found[2]) <= 12:  # noqa: PLR2004
        return date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


def grid(first: date, lines: Iterable[Line], office: Calendar, today: date) -> dict[str, Any]:
    """The month with its weeks, and the months beside it."""
    of_day: defaultdict[date, list[Line]] = defaultdict(list)
    for line in lines:
        of_day[office_day(line.instant)].append(line)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return {
        "title": _("Tháng {month}/{year}", month=first.month, year=first.year),
        "weekdays": WEEKDAYS,
        "weeks": [
            [_cell(day, first, of_day[day], office, today) for day in week] for week in weeks
        ],
        "before": _key(first - timedelta(days=1)),
        "after": _key((first + timedelta(days=31)).replace(day=1)),
    }


def _cell(
    day: date, first: date, lines: list[Line], office: Calendar, today: date
) -> dict[str, Any]:
    inside = day.month == first.month
    return {
        "number": day.day if inside else None,
        "iso": day.isoformat(),
        "text": formats.weekday(day),
        "today": inside and day == today,
        "off": inside and not office.is_working_day(day),
        "lines": [
            {"what": line.what, "url": line.url, "clock": formats.clock(line.instant)}
            for line in lines[:SHOWN]
        ]
        if inside
        else [],
        "more": max(0, len(lines) - SHOWN) if inside else 0,
    }


def _key(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"
