"""Which rule reminds on which day, and who is due what: pure, so every edge is cheap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.workflow.cases import rulebook
from workflow.deadlines import milestone_deadline
from workflow.forecast import (
    NEWER,
    NOBODY,
    NOT_THEIRS,
    TOO_OLD,
    Holding,
    Intent,
    Matter,
    Stretch,
    digest_instant,
    intents,
    leaves_at,
)
from workflow.reminders import Calendar, LiveDossier, coming, marks, registration_marks, score_marks
from workflow.terms import Terms
from workflow.vocabulary import Action, ReminderKind, Role, State

PROGRAMME = rulebook().programme
CALENDAR = Calendar()
ENTERED = datetime(2023, 3, 1, tzinfo=UTC)
AUTUMN = datetime(2023, 10, 15, tzinfo=UTC)


def live(state: State = State.REGISTERED, **more) -> LiveDossier:
    entered = more.pop("entered", ENTERED)
    return LiveDossier(1, "HS-2023-0001", "2023-midterm", state, entered, **more)


def at(month: int, day: int, hour: int = 8, *, year: int = 2023) -> datetime:
    """An office instant in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=7)


def days(found) -> list[date]:
    return [mark.day for mark in found]


@dataclass
class Few:
    """A staff of given holdings, whatever is asked."""

    found: tuple[Holding, ...] = (Holding(7, date(2021, 1, 1)),)

    def holdings(self, roles, places) -> tuple[Holding, ...]:
        return self.found


def matter(state: State = State.REGISTERED, *, end: datetime | None = None, **more) -> Matter[str]:
    here = live(state, **more)
    found = marks(PROGRAMME, here, CALENDAR)
    stretch = Stretch(found, here.series, here.since or here.series, end, "xong")
    return Matter("HS-2023-0001", "places", (stretch,))


def told(found: Matter[str], staff: Few, until: datetime) -> list[Intent]:
    return sorted(intents(found, staff, until), key=lambda one: (one.due_at, one.key))


# --- Marks ------------------------------------------------------------------------------------


def test_reminders_come_from_early_november_on() -> None:
    found = coming(PROGRAMME, live(), CALENDAR, AUTUMN)
    assert days(found) == [
        date(2023, 11, 1),
        date(2023, 11, 15),
        date(2023, 11, 23),
        date(2023, 11, 29),
        date(2023, 12, 1),
        date(2023, 12, 3),
        date(2023, 12, 7),
    ]
    assert [mark.overdue for mark in found] == [False] * 4 + [True] * 3


def test_escalations_are_shown_before_they_happen() -> None:
    found = coming(PROGRAMME, live(State.SUBMITTED), CALENDAR, AUTUMN)
    milestone = [mark for mark in found if mark.rule == "N02"]
    escalated = [mark for mark in milestone if mark.escalates_to]
    assert days(escalated) == [date(2023, 12, 11), date(2023, 12, 15)]
    assert {mark.to for mark in escalated} == {(Role.COUNCIL_SECRETARY, Role.UNIT_HEAD)}
    assert {mark.to for mark in milestone if not mark.escalates_to} == {(Role.COUNCIL_SECRETARY,)}


def test_the_last_days_of_a_year_belong_to_the_cycle_of_that_year() -> None:
    """The decision of 2025 falls into 2026; early November is that of 2025."""
    here = replace(
        live(), cycle_id="2025-annual", entered_state_at=datetime(2025, 3, 1, tzinfo=UTC)
    )
    assert date(2025, 11, 1) in days(marks(PROGRAMME, here, CALENDAR))


def test_stuck_at_80_and_100_percent_of_the_steps_working_days() -> None:
    entered = at(11, 6, 9)
    found = [
        mark
        for mark in marks(PROGRAMME, live(State.SUBMITTED, entered=entered), CALENDAR)
        if mark.kind is ReminderKind.STUCK
    ]
    assert days(found) == [
        CALENDAR.working_day(date(2023, 11, 6), 16),
        CALENDAR.working_day(date(2023, 11, 6), 20),
        CALENDAR.working_day(date(2023, 11, 6), 20) + timedelta(days=3),
    ]
    assert {mark.legal for mark in found} == {False}
    holiday = Calendar(days_off=frozenset({date(2023, 11, 20)}))
    later = marks(PROGRAMME, live(State.SUBMITTED, entered=entered), holiday)
    assert next(mark.day for mark in later if mark.rule == "N06") == date(2023, 11, 29)


def test_an_open_supplement_reminds_the_unit_and_nobody_else() -> None:
    asked, due = at(12, 1, 10), at(12, 8, 17)
    here = live(State.COUNCIL_REVIEWED, supplement_due=due, supplement_asked_at=asked, since=asked)
    found = marks(PROGRAMME, here, CALENDAR)
    assert {mark.rule for mark in found} == {"N09"}
    assert days(found) == [date(2023, 12, day) for day in (6, 8, 9, 11, 15)]
    again = replace(
        here, supplement_asked_at=at(12, 20), since=at(12, 20), supplement_due=at(12, 27)
    )
    keys = {mark.key("x", here.series) for mark in found}
    assert not keys & {mark.key("x", again.series) for mark in marks(PROGRAMME, again, CALENDAR)}


def test_a_held_dossier_reminds_nobody() -> None:
    assert marks(PROGRAMME, live(held=True), CALENDAR) == ()


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN, State.REVOKED])
def test_a_closed_dossier_reminds_nobody(state: State) -> None:
    assert marks(PROGRAMME, live(state), CALENDAR) == ()


def test_a_decision_is_to_be_passed_on_within_ten_working_days() -> None:
    here = live(State.DECIDED, entered=at(12, 25, 15))
    found = marks(PROGRAMME, here, CALENDAR)
    assert {mark.deadline for mark in found} == {at(1, 8, 17, year=2024)}
    assert days(found) == [
        date(2024, 1, 1),
        date(2024, 1, 5),
        date(2024, 1, 9),
        date(2024, 1, 11),
    ]
    assert marks(PROGRAMME, replace(here, notified=True), CALENDAR) == ()


def test_missing_scores_are_told_from_december_on_every_week() -> None:
    cycle = PROGRAMME.cycle_by_id["2023-midterm"]
    found = score_marks(PROGRAMME, cycle, Terms())
    assert days(found) == [date(2023, 12, day) for day in (1, 8, 15, 22)]
    assert {mark.to for mark in found} == {(Role.APPRAISER,)}


def test_registration_reminders_stay_inside_the_window() -> None:
    cycle = PROGRAMME.cycle_by_id["2023-midterm"]
    rule = PROGRAMME.registration_reminders[0]
    found = registration_marks(PROGRAMME, cycle, rule, datetime(2023, 3, 31, 10, tzinfo=UTC))
    assert days(found) == [date(2023, 3, 1), date(2023, 3, 24), date(2023, 3, 30)]
    later = registration_marks(PROGRAMME, cycle, rule, datetime(2023, 4, 14, 10, tzinfo=UTC))
    assert days(later) == [date(2023, 3, 15), date(2023, 4, 7), date(2023, 4, 13)]


def test_nobody_is_reminded_of_what_was_not_yet_theirs() -> None:
    late_entry = live(entered=datetime(2023, 11, 28, 3, 0, tzinfo=UTC))
    found = days(marks(PROGRAMME, late_entry, CALENDAR))
    assert found[:2] == [date(2023, 11, 29), date(2023, 12, 1)]


def test_the_key_changes_with_deadline_and_round() -> None:
    first = coming(PROGRAMME, live(), CALENDAR, AUTUMN)[0]
    extended = live(extended_until=datetime(2023, 12, 6, 10, tzinfo=UTC))
    moved = coming(PROGRAMME, extended, CALENDAR, AUTUMN)[0]
    keys = {
        first.key("dossier:1", ENTERED),
        moved.key("dossier:1", ENTERED),
        first.key("dossier:1", AUTUMN),
        first.key("dossier:2", ENTERED),
    }
    assert len(keys) == 4
    deadline = milestone_deadline(PROGRAMME, "2023-midterm", State.SUBMITTED)
    assert deadline is not None
    assert first.deadline == deadline.instant


# --- Who is due what --------------------------------------------------------------------------


def test_one_second_before_eight_nothing_is_due() -> None:
    eight = at(11, 1)
    assert told(matter(), Few(), eight - timedelta(seconds=1)) == []
    assert [one.due_at for one in told(matter(), Few(), eight)] == [eight]


def test_of_each_rule_the_newest_is_sent_and_older_ones_are_named() -> None:
    now = at(11, 24)
    found = told(matter(), Few(), now)
    assert [(one.day, one.reason(now, holds=True)) for one in found] == [
        (date(2023, 11, 1), NEWER),
        (date(2023, 11, 15), NEWER),
        (date(2023, 11, 23), ""),
    ]


def test_a_stretch_that_ended_says_why() -> None:
    now = at(11, 24)
    found = told(matter(end=at(11, 20)), Few(), now)
    assert {one.reason(now, holds=True) for one in found} == {"xong"}
    assert [one.day for one in found] == [date(2023, 11, 1), date(2023, 11, 15)]


def test_after_thirty_days_a_reminder_has_expired() -> None:
    (last,) = [one for one in told(matter(), Few(), at(12, 7)) if one.day == date(2023, 12, 7)]
    assert last.reason(at(1, 6, year=2024), holds=True) == ""
    assert last.reason(at(1, 6, 9, year=2024), holds=True) == TOO_OLD
    assert last.reason(at(12, 8), holds=False) == NOT_THEIRS


def test_where_nobody_stands_it_is_noted_and_the_next_one_is_told_on_the_first_morning() -> None:
    nobody = told(matter(), Few(()), at(11, 2))
    assert [(one.person_id, one.reason(at(11, 2), holds=False)) for one in nobody] == [
        (None, NOBODY)
    ]
    newcomer = Few((Holding(9, date(2023, 11, 6)),))
    found = told(matter(), newcomer, at(11, 6))
    assert [(one.person_id, one.due_at) for one in found] == [(None, at(11, 1)), (9, at(11, 6))]
    assert told(matter(), newcomer, at(11, 6, 7))[-1].person_id is None


def test_somebody_who_comes_after_the_next_mark_is_not_told_of_the_old_one() -> None:
    found = told(matter(), Few((Holding(9, date(2023, 11, 16)),)), at(11, 20))
    assert [one.day for one in found if one.person_id == 9] == [date(2023, 11, 16)]
    assert {one.mark.day for one in found if one.person_id == 9} == {date(2023, 11, 15)}


def test_somebody_who_left_before_the_mark_is_not_told() -> None:
    staff = Few((Holding(9, date(2021, 1, 1), date(2023, 10, 31)),))
    assert [one.person_id for one in told(matter(), staff, at(11, 1))] == [None]


@pytest.mark.parametrize(
    ("lent", "told_of"),
    [
        (frozenset(), {"N01", "N02", "N06"}),
        (frozenset({Action.SUBMIT}), {"N01"}),
        (frozenset({Action.EDIT}), {"N01"}),
        (frozenset({Action.RECORD_COUNCIL_RESULT}), {"N02", "N06"}),
        (frozenset({Action.WITHDRAW}), set()),
    ],
)
def test_who_was_lent_some_steps_is_reminded_of_these_alone(lent, told_of) -> None:
    staff = Few((Holding(9, date(2021, 1, 1), None, "Phàn A Lình", lent),))
    submitted = matter(State.SUBMITTED, entered=at(11, 10))
    found = [*told(matter(), staff, at(12, 31)), *told(submitted, staff, at(12, 31))]
    assert {one.mark.rule for one in found if one.person_id == 9} == told_of


def test_keys_are_unique_however_people_come_and_go() -> None:
    staff = Few((Holding(9, date(2021, 1, 1), date(2023, 11, 2)), Holding(9, date(2023, 11, 2))))
    found = told(matter(), staff, at(12, 31))
    assert len({one.key for one in found}) == len(found) == 7


def test_digests_wait_for_the_next_working_morning_and_overdue_ones_do_not() -> None:
    assert digest_instant(at(11, 1), CALENDAR) == at(11, 1)
    assert digest_instant(at(11, 4), CALENDAR) == at(11, 6)
    assert digest_instant(at(11, 1, 9), CALENDAR) == at(11, 2)
    off = Calendar(days_off=frozenset({date(2023, 11, 6)}))
    assert digest_instant(at(11, 4), off) == at(11, 7)
    overdue = next(one for one in told(matter(), Few(), at(12, 3)) if one.day == date(2023, 12, 3))
    assert overdue.mark.day.isoweekday() == 7
    assert leaves_at(overdue, CALENDAR) == at(12, 3)
