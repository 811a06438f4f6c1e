"""Office days, working days, deadlines and reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.workflow.cases import rulebook
from workflow.deadlines import milestone_deadline
from workflow.reminders import Calendar, LiveDossier, coming, due, registration_due
from workflow.vocabulary import Role, State
from workflow.working_days import add_working_days, office_day

PROGRAMME = rulebook().programme
CULTURE_DAY = frozenset({date(2026, 11, 24)})


def live(state: State = State.REGISTERED, **more) -> LiveDossier:
    entered = more.pop("entered", datetime(2023, 3, 1, tzinfo=UTC))
    return LiveDossier(1, "HS-2023-0001", "2023-midterm", state, entered, **more)


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


def test_reminders_come_from_early_november_on() -> None:
    now = datetime(2023, 10, 15, tzinfo=UTC)
    days = [mark.day for mark in coming(PROGRAMME, live(), Calendar(), now)]
    assert days == [
        date(2023, 11, 1),
        date(2023, 11, 15),
        date(2023, 11, 23),
        date(2023, 11, 29),
        date(2023, 12, 1),
        date(2023, 12, 3),
        date(2023, 12, 7),
    ]
    assert due(PROGRAMME, live(), Calendar(), now) == ()


def test_after_an_outage_only_the_newest_is_sent_and_the_rest_is_named() -> None:
    found = due(PROGRAMME, live(), Calendar(), datetime(2023, 11, 24, tzinfo=UTC))
    assert [(one.mark.day, one.superseded) for one in found] == [
        (date(2023, 11, 1), True),
        (date(2023, 11, 15), True),
        (date(2023, 11, 23), False),
    ]


def test_sending_hour_is_eight_in_the_office() -> None:
    before = datetime(2023, 11, 1, 0, 59, 59, tzinfo=UTC)
    assert due(PROGRAMME, live(), Calendar(), before) == ()
    at_eight = datetime(2023, 11, 1, 1, 0, tzinfo=UTC)
    assert [one.mark.day for one in due(PROGRAMME, live(), Calendar(), at_eight)] == [
        date(2023, 11, 1)
    ]


def test_nobody_is_reminded_of_what_was_not_yet_theirs() -> None:
    late_entry = live(entered=datetime(2023, 11, 28, 3, 0, tzinfo=UTC))
    found = due(PROGRAMME, late_entry, Calendar(), datetime(2023, 12, 2, tzinfo=UTC))
    assert [one.mark.day for one in found] == [date(2023, 11, 29), date(2023, 12, 1)]


def test_another_state_reminds_other_people() -> None:
    found = coming(
        PROGRAMME, live(State.COUNCIL_REVIEWED), Calendar(), datetime(2023, 12, 5, tzinfo=UTC)
    )
    assert {mark.to for mark in found} == {(Role.APPRAISER,)}
    assert (
        coming(PROGRAMME, live(State.DECIDED), Calendar(), datetime(2023, 12, 5, tzinfo=UTC)) == ()
    )


def test_the_key_changes_with_deadline_and_round() -> None:
    now = datetime(2023, 10, 15, tzinfo=UTC)
    first = coming(PROGRAMME, live(), Calendar(), now)[0]
    moved = coming(
        PROGRAMME, live(extended_until=datetime(2023, 12, 6, 10, tzinfo=UTC)), Calendar(), now
    )[0]
    entered = datetime(2023, 3, 1, tzinfo=UTC)
    keys = {
        first.key("dossier:1", entered),
        moved.key("dossier:1", entered),
        first.key("dossier:1", now),
        first.key("dossier:2", entered),
    }
    assert len(keys) == 4


def test_registration_reminders_stop_when_the_window_closes() -> None:
    cycle = PROGRAMME.cycle_by_id["2023-midterm"]
    rule = PROGRAMME.registration_reminders[0]
    open_days = registration_due(PROGRAMME, cycle, rule, datetime(2023, 3, 25, tzinfo=UTC))
    assert [(one.mark.day, one.superseded) for one in open_days] == [
        (date(2023, 3, 1), True),
        (date(2023, 3, 24), False),
    ]
    assert registration_due(PROGRAMME, cycle, rule, datetime(2023, 4, 1, tzinfo=UTC)) == ()
