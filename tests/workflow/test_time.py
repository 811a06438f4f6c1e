"""Office days, working days, deadlines and reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.workflow.cases import rulebook
from workflow.deadlines import milestone_deadline
from workflow.vocabulary import State
from workflow.working_days import add_working_days, office_day

PROGRAMME = rulebook().programme
CULTURE_DAY = frozenset({date(2026, 11, 24)})


def test_the_office_day_begins_at_seventeen_hours_utc() -> None:
    assert office_day(datetime(2025, 12, 31, 16, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert office_day(datetime(2025, 12, 31, 17, 0, tzinfo=UTC)) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("start", "count", "off", "end"),
    [
        (date(2026, 11, 20), 10, CULTURE_DAY, date(2026, 12, 7)),
        (date(2025, 11, 21), 10, frozenset(), date(2025, 12, 5)),
        (date(2023, 11, 30), -5, frozenset(), date(2023, 11, 23)),
        (date(2023, 11, 30), 0, frozenset(), date(2023, 11, 30)),
    ],
)
def test_working_days_skip_weekends_and_days_off(start, count, off, end) -> None:
    assert add_working_days(start, count, off) == end


def test_a_working_swap_counts_on_a_saturday() -> None:
    swap = frozenset({date(2026, 8, 22)})
    assert add_working_days(date(2026, 8, 21), 1, frozenset(), swap) == date(2026, 8, 22)


def test_one_deadline_object_moves_only_the_handing_in() -> None:
    later = datetime(2023, 12, 6, 10, 0, tzinfo=UTC)
    moved = milestone_deadline(PROGRAMME, "2023-midterm", State.SUBMITTED, extended=later)
    assert moved is not None
    assert (moved.instant, moved.original) == (later, datetime(2023, 11, 30, 10, 0, tzinfo=UTC))
    board = milestone_deadline(PROGRAMME, "2023-midterm", State.BOARD_CHECKED, extended=later)
    assert board is not None
    assert board.original is None
