"""A stretch ends where something changes for its marks, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.workflow.cases import rulebook
from workflow.forecast import DEADLINE_MOVED, SCORES_IN, Stretch, joined
from workflow.score_reminders import score_stretches
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import State

PROGRAMME = rulebook().programme
CYCLE = PROGRAMME.cycle_by_id["2023-midterm"]
START = datetime(2023, 11, 1, tzinfo=UTC)


def later(days: int) -> datetime:
    return START + timedelta(days=days)


def a_move(at: datetime, instant: datetime, state: State = State.DECIDED) -> MilestoneSet:
    return MilestoneSet(state, 2, instant, "x", at, "Mưa lũ")


def test_cuts_at_which_nothing_changed_are_taken_away() -> None:
    first = Stretch((), START, START, later(2), DEADLINE_MOVED)
    second = Stretch((), START, later(2), later(5), "hết")
    assert joined([first, second]) == (Stretch((), START, START, later(5), "hết"),)


def test_another_series_a_gap_and_other_marks_stay_apart() -> None:
    (marks,) = {one.marks for one in score_stretches(PROGRAMME, CYCLE, Terms(), None)}
    assert marks
    first = Stretch(marks, START, START, later(2))
    for second in (
        Stretch(marks, later(2), later(2)),
        Stretch(marks, START, later(3)),
        Stretch(marks[1:], START, later(2)),
    ):
        assert joined([first, second]) == (first, second)
    assert joined([]) == ()


def test_scores_are_reminded_of_by_the_deadline_known_then() -> None:
    moved_at = datetime(2023, 12, 10, 3, tzinfo=UTC)
    until = datetime(2023, 12, 29, 10, tzinfo=UTC)
    terms = Terms(milestones=(a_move(moved_at, until),))
    before, after = score_stretches(PROGRAMME, CYCLE, terms, None)
    assert (before.end, before.because, after.start) == (moved_at, DEADLINE_MOVED, moved_at)
    assert {mark.deadline for mark in after.marks} == {until}
    assert until not in {mark.deadline for mark in before.marks}
    assert before.series == after.series


def test_a_move_of_another_step_cuts_nothing() -> None:
    at = datetime(2023, 12, 10, 3, tzinfo=UTC)
    other = a_move(at, datetime(2023, 12, 12, 10, tzinfo=UTC), State.SUBMITTED)
    assert len(score_stretches(PROGRAMME, CYCLE, Terms(milestones=(other,)), None)) == 1


def test_scores_that_are_in_end_it() -> None:
    whole = datetime(2023, 12, 9, 3, tzinfo=UTC)
    late = a_move(whole + timedelta(days=3), datetime(2023, 12, 29, 10, tzinfo=UTC))
    (only,) = score_stretches(PROGRAMME, CYCLE, Terms(milestones=(late,)), whole)
    assert (only.end, only.because) == (whole, SCORES_IN)
    assert replace(only, end=None).marks[0].day == date(2023, 12, 1)
