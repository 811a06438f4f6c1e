"""When units are reminded to register, and how that changes when the office moves the closing.

Pure: from the programme, the versions of the closing and when a unit registered. A closing that
was in force for a while reminds in that while only, whatever came later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from workflow.deadlines import WholeCycle, deadline_of
from workflow.forecast import DEADLINE_MOVED, REGISTERED, WINDOW_CLOSED, Stretch
from workflow.reminders import registration_marks
from workflow.vocabulary import State
from workflow.working_days import closing_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from workflow.programme import Cycle, Programme
    from workflow.terms import Terms


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which one closing (UTC, inclusive) was in force; `end` None while it still is."""

    closes: datetime
    start: datetime
    end: datetime | None = None


def registration_windows(programme: Programme, cycle: Cycle, terms: Terms) -> list[Window]:
    """Every closing the cycle had, oldest first, each with when it was in force."""
    deadline = deadline_of(programme, WholeCycle(cycle.id, terms=terms), State.REGISTERED)
    if deadline is None:
        return []
    opens = closing_instant(cycle.registration_opens, time(0), programme.zone)
    found = [Window(deadline.original or deadline.instant, opens)]
    for move in deadline.moves:
        at = max(opens, move.at or opens)
        found[-1] = replace(found[-1], end=at)
        found.append(Window(move.now_at, at))
    return [one for one in found if one.end is None or one.end > one.start]


def registration_stretches(
    programme: Programme, cycles: Sequence[Cycle], windows: Iterable[Window]
) -> list[Stretch]:
    """One stretch for each closing and time in force; what two cycles share counts once."""
    cycle = cycles[0]
    opens = closing_instant(cycle.registration_opens, time(0), programme.zone)
    found = []
    for one in _together(windows):
        shut = one.closes + timedelta(seconds=1)
        if shut <= one.start:
            continue
        marks = tuple(
            mark
            for rule in programme.registration_reminders
            for mark in registration_marks(programme, cycle, rule, one.closes)
        )
        moved = one.end is not None and one.end < shut
        end, because = (one.end, DEADLINE_MOVED) if moved else (shut, WINDOW_CLOSED)
        found.append(Stretch(marks, opens, one.start, end, because))
    return found


def until_registered(
    stretches: Iterable[Stretch], came: datetime, registered_at: datetime | None
) -> Iterator[Stretch]:
    """The stretches of one unit that is there since `came`, up to its registration."""
    for one in stretches:
        start = max(one.start, came)
        end, because = one.end, one.because
        if registered_at is not None and (end is None or registered_at < end):
            end, because = registered_at, REGISTERED
        if end is None or end > start:
            yield replace(one, start=start, end=end, because=because)


def _together(windows: Iterable[Window]) -> list[Window]:
    """Windows of one closing that touch or overlap become one."""
    found: list[Window] = []
    for one in sorted(windows, key=lambda each: (each.closes, each.start)):
        last = found[-1] if found else None
        if last is None or last.closes != one.closes or _before(last.end, one.start):
            found.append(one)
        else:
            found[-1] = replace(last, end=_later(last.end, one.end))
    return sorted(found, key=lambda each: (each.start, each.closes))


def _before(end: datetime | None, start: datetime) -> bool:
    return end is not None and end < start


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return None if first is None or second is None else max(first, second)
