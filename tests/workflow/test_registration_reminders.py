"""Reminders to register, when the office moves the closing and when a unit registers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.workflow.cases import rulebook
from workflow.forecast import DEADLINE_MOVED, REGISTERED, WINDOW_CLOSED, Stretch
from workflow.registration_reminders import (
    registration_stretches,
    registration_windows,
    until_registered,
)
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import State

PROGRAMME = rulebook().programme
ANNUAL, MIDTERM = (PROGRAMME.cycle_by_id[one] for one in ("2023-annual", "2023-midterm"))
FIRST = datetime(2023, 3, 31, 10, tzinfo=UTC)
LATER = datetime(2023, 4, 14, 10, tzinfo=UTC)
MOVED_AT = datetime(2023, 3, 20, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def moved(to: datetime = LATER, at: datetime = MOVED_AT) -> Terms:
    return Terms(milestones=(MilestoneSet(State.REGISTERED, 2, to, "Hằng", at, "Lùi hạn"),))


def stretches(annual: Terms, midterm: Terms) -> list[Stretch]:
    windows = [
        *registration_windows(PROGRAMME, ANNUAL, annual),
        *registration_windows(PROGRAMME, MIDTERM, midterm),
    ]
    return registration_stretches(PROGRAMME, (ANNUAL, MIDTERM), windows)


def due(found: list[Stretch]) -> list[date]:
    """The days that remind: inside their stretch."""
    return sorted(
        mark.day
        for one in found
        for mark in one.marks
        if mark.sends_at > one.start and (one.end is None or mark.sends_at < one.end)
    )


def test_two_cycles_that_close_together_remind_once() -> None:
    (only,) = stretches(Terms(), Terms())
    assert (only.end, only.because) == (FIRST + SECOND, WINDOW_CLOSED)
    assert due([only]) == [date(2023, 3, 1), date(2023, 3, 24), date(2023, 3, 30)]


def test_a_moved_closing_reminds_by_the_date_known_at_the_time() -> None:
    before, after = stretches(moved(), moved())
    assert (before.end, before.because) == (MOVED_AT, DEADLINE_MOVED)
    assert (after.start, after.end, after.because) == (MOVED_AT, LATER + SECOND, WINDOW_CLOSED)
    assert due([before, after]) == [date(2023, 3, 1), date(2023, 4, 7), date(2023, 4, 13)]


def test_one_cycle_moved_leaves_the_other_its_reminders_each_once() -> None:
    found = stretches(Terms(), moved())
    assert due(found) == [
        date(2023, 3, 1),
        date(2023, 3, 24),
        date(2023, 3, 30),
        date(2023, 4, 7),
        date(2023, 4, 13),
    ]
    keys = [mark.key("u", one.series) for one in found for mark in one.marks]
    assert len(keys) == len(set(keys))


def test_a_window_opened_again_after_it_closed_reminds_anew() -> None:
    reopened = moved(at=FIRST + timedelta(days=3))
    before, after = stretches(reopened, reopened)
    assert (before.end, before.because) == (FIRST + SECOND, WINDOW_CLOSED)
    assert after.start == FIRST + timedelta(days=3)
    assert due([after]) == [date(2023, 4, 7), date(2023, 4, 13)]


def test_who_registered_is_reminded_no_more_whatever_moves_later() -> None:
    registered = MOVED_AT - timedelta(days=1)
    (only,) = until_registered(stretches(moved(), moved()), MOVED_AT - timedelta(90), registered)
    assert (only.end, only.because) == (registered, REGISTERED)


def test_a_unit_founded_later_hears_only_what_comes_after() -> None:
    came = datetime(2023, 3, 25, tzinfo=UTC)
    found = list(until_registered(stretches(Terms(), Terms()), came, None))
    assert due(found) == [date(2023, 3, 30)]
