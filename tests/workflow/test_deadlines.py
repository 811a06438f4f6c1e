"""Deadlines as objects: who moved them, by how much, and what everybody is then shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.cases import collective, rulebook
from workflow.case import Case
from workflow.deadlines import (
    Deadline,
    MoveKind,
    WholeCycle,
    deadline_of,
    deadlines_of,
)
from workflow.facts import Actor, DossierFacts
from workflow.guards.timing import Milestone, before_milestone
from workflow.proposals import derived_milestones
from workflow.reminders import Calendar, LiveDossier, marks
from workflow.terms import Grant, MilestoneSet, Stop, Terms
from workflow.verdicts import Finding
from workflow.vocabulary import PROGRESS, Outcome, State
from workflow.working_days import (
    add_working_days,
    last_working_day,
    latest_start,
    next_working_day,
    period_end,
)

PROGRAMME = rulebook().programme
FILE = datetime(2023, 11, 30, 10, 0, tzinfo=UTC)
"""17:00 on 30/11/2023, office time: handing in, as the programme's file has it."""
SET_AT = datetime(2023, 11, 1, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CULTURE_DAY = frozenset({date(2026, 11, 24)})
TET = {
    2023: (date(2023, 1, 19), date(2023, 1, 27), [date(2023, 1, day) for day in range(20, 27)]),
    2024: (date(2024, 2, 7), date(2024, 2, 15), [date(2024, 2, day) for day in range(8, 15)]),
    2025: (date(2025, 1, 24), date(2025, 2, 3), [date(2025, 1, day) for day in range(27, 32)]),
}


def moved(instant: datetime, version: int = 2, **more) -> MilestoneSet:
    first = MilestoneSet(
        State.SUBMITTED, version, instant, "Nguyễn Thị Hạnh", SET_AT, "Lùi phiên họp"
    )
    return replace(first, **more)


def dossier(*milestones: MilestoneSet, **more) -> DossierFacts:
    stops = more.pop("stops", ())
    grants = more.pop("grants", ())
    terms = Terms(milestones, grants, stops, days_off=more.pop("days_off", ()))
    return replace(collective(), terms=terms, **more)


def handing_in(facts: DossierFacts) -> Deadline:
    found = deadline_of(PROGRAMME, facts, State.SUBMITTED)
    assert found is not None
    return found


def asked(facts: DossierFacts, now: datetime) -> Finding:
    nobody = Actor(1, "Không ai")
    return before_milestone(Case(facts, nobody, PROGRAMME, now), Milestone(of=State.SUBMITTED))


def test_the_programmes_own_file_is_version_one() -> None:
    found = handing_in(dossier())
    assert (found.instant, found.version, found.sequence) == (FILE, 1, 0)
    assert (found.original, found.moves, found.set_by) == (None, (), "")
    assert (found.source, found.zone) == ("III.2.a", "Asia/Ho_Chi_Minh")


def test_a_milestone_set_anew_tells_who_moved_it_and_from_where() -> None:
    later, last = FILE + timedelta(days=4), FILE + timedelta(days=6)
    found = handing_in(dossier(moved(later), moved(last, 3, reason="Lùi lần hai", clause="III.3")))
    assert (found.instant, found.version, found.sequence) == (last, 3, 2)
    assert (found.original, found.set_by, found.set_at) == (FILE, "Nguyễn Thị Hạnh", SET_AT)
    assert (found.source, found.reason) == ("III.3", "Lùi lần hai")
    assert [(one.was, one.now_at) for one in found.moves] == [(FILE, later), (later, last)]


def test_a_milestone_may_be_set_for_one_form_of_award() -> None:
    one = moved(FILE + timedelta(days=2), award_form="GIAY_KHEN_HUYEN")
    assert handing_in(dossier(one)).version == 1
    other = handing_in(dossier(one, award_form="GIAY_KHEN_HUYEN"))
    assert (other.version, other.instant) == (2, FILE + timedelta(days=2))
    both = moved(FILE + timedelta(days=5), 3)
    assert handing_in(dossier(one, both, award_form="GIAY_KHEN_HUYEN")).version == 3
    assert handing_in(dossier(one, both)).instant == FILE + timedelta(days=5)


def test_the_sequence_never_falls_when_the_award_form_changes() -> None:
    one = moved(FILE + timedelta(days=2), award_form="GIAY_KHEN_HUYEN")
    chosen = handing_in(dossier(one, award_form="GIAY_KHEN_HUYEN"))
    assert handing_in(dossier(one)).sequence >= chosen.sequence


def test_an_extension_counts_only_when_it_is_later_than_the_milestone_now_in_force() -> None:
    until, grant = FILE + timedelta(days=3), Grant("Hoàng Văn Quyết", SET_AT)
    longer = handing_in(dossier(extended_until=until, grants=(grant,)))
    assert (longer.instant, longer.original, longer.version) == (until, FILE, 2)
    assert longer.moves[-1].kind is MoveKind.EXTENSION
    assert longer.moves[-1].by == "Hoàng Văn Quyết"
    overtaken = handing_in(dossier(moved(FILE + timedelta(days=9)), extended_until=until))
    assert overtaken.instant == FILE + timedelta(days=9)
    assert overtaken.version > longer.version


def test_a_stopped_clock_adds_its_days_and_rolls_on_to_a_working_day() -> None:
    stop = Stop(date(2023, 11, 6), date(2023, 11, 8), "Chờ xác minh", "Hoàng Văn Quyết", SET_AT)
    found = handing_in(dossier(stops=(stop,)))
    # 30/11 and three days is Sunday 03/12: the period ends on Monday 04/12.
    assert found.instant == datetime(2023, 12, 4, 10, 0, tzinfo=UTC)
    assert (found.original, found.version) == (FILE, 2)
    assert found.moves[0].kind is MoveKind.SUSPENSION
    with_holiday = handing_in(dossier(stops=(stop,), days_off=(date(2023, 12, 4),)))
    assert with_holiday.instant == datetime(2023, 12, 5, 10, 0, tzinfo=UTC)


def test_days_stopped_twice_count_once_and_a_late_stop_does_not_count() -> None:
    first = Stop(date(2023, 11, 6), date(2023, 11, 8), "a", "b", SET_AT)
    second = Stop(date(2023, 11, 7), date(2023, 11, 9), "c", "d", SET_AT)
    assert handing_in(dossier(stops=(first, second))).instant == datetime(
        2023, 12, 5, 10, 0, tzinfo=UTC
    )
    after = Stop(date(2023, 12, 10), date(2023, 12, 20), "e", "f", SET_AT)
    assert handing_in(dossier(stops=(after,))).instant == FILE


@pytest.mark.parametrize("state", PROGRESS)
@pytest.mark.parametrize("award", [one.id for one in PROGRAMME.awards])
@pytest.mark.parametrize("cycle", [one.id for one in PROGRAMME.cycles])
def test_one_second_before_and_after_each_deadline_of_the_programme(
    cycle: str, award: str, state: State
) -> None:
    facts = replace(dossier(), cycle_id=cycle, award_form=award)
    deadline = deadline_of(PROGRAMME, facts, state)
    day = PROGRAMME.cycle_by_id[cycle].closes(state)
    assert deadline is not None
    assert day is not None
    assert deadline.instant == datetime.combine(day, time(10), UTC)
    nobody, params = Actor(1, "Không ai"), Milestone(of=state)
    for late, outcome in ((-1, Outcome.MET), (0, Outcome.MET), (1, Outcome.NOT_MET)):
        now = deadline.instant + late * SECOND
        found = before_milestone(Case(facts, nobody, PROGRAMME, now), params)
        assert found.outcome is outcome, late


def test_one_second_before_and_after_on_a_moved_deadline() -> None:
    facts = dossier(moved(FILE + timedelta(days=1)))
    assert asked(facts, FILE + SECOND).outcome is Outcome.MET
    assert asked(facts, FILE + timedelta(days=1)).outcome is Outcome.MET
    assert asked(facts, FILE + timedelta(days=1) + SECOND).outcome is Outcome.NOT_MET


def test_a_cycle_has_a_deadline_for_each_state_in_order() -> None:
    found = deadlines_of(PROGRAMME, WholeCycle("2023-midterm"))
    assert [one.state for one in found] == [
        State.REGISTERED,
        State.SUBMITTED,
        State.COUNCIL_REVIEWED,
        State.BOARD_CHECKED,
        State.DECIDED,
    ]
    assert found[0].instant == datetime(2023, 3, 31, 10, tzinfo=UTC)


instants = st.integers(0, 123 * 24 * 3600).map(
    lambda seconds: datetime(2023, 10, 1, tzinfo=UTC) + seconds * SECOND
)


@given(
    sets=st.lists(
        st.tuples(instants, st.sampled_from(["", "BANG_KHEN_TINH", "GIAY_KHEN_HUYEN"])), max_size=4
    ),
    extended=st.none() | instants,
)
def test_guard_and_letter_show_the_instant_of_the_deadline(sets, extended) -> None:
    milestones = tuple(
        moved(instant, number, award_form=award) for number, (instant, award) in enumerate(sets, 2)
    )
    facts = dossier(*milestones, extended_until=extended)
    deadline = handing_in(facts)
    for late, outcome in ((0, Outcome.MET), (1, Outcome.NOT_MET)):
        finding = asked(facts, deadline.instant + late * SECOND)
        assert finding.outcome is outcome
        assert finding.evidence[0].threshold == deadline.instant
    live = LiveDossier(
        facts.id,
        facts.code,
        facts.cycle_id,
        State.REGISTERED,
        datetime(2023, 1, 1, tzinfo=UTC),
        extended,
        facts.award_form,
        facts.terms,
    )
    milestone = {rule.id: rule.milestone for rule in PROGRAMME.reminders}
    told = [
        mark.deadline
        for mark in marks(PROGRAMME, live, Calendar())
        if milestone[mark.rule] is State.SUBMITTED
    ]
    assert set(told) == {deadline.instant}


# --- Working days ------------------------------------------------------------------------------


def test_the_culture_day_is_skipped_from_2026_on() -> None:
    assert add_working_days(date(2026, 11, 20), 10, CULTURE_DAY) == date(2026, 12, 7)
    assert add_working_days(date(2026, 11, 20), 10, frozenset()) == date(2026, 12, 4)


@pytest.mark.parametrize("year", TET)
def test_no_working_day_falls_on_tet(year: int) -> None:
    before, after, off = TET[year]
    assert add_working_days(before, 1, off) == after
    assert add_working_days(after, -1, off) == before


def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day() -> None:
    off = frozenset({date(2023, 9, 1), date(2023, 9, 4)})
    assert period_end(date(2023, 8, 22), 10, off) == date(2023, 9, 5)
    assert period_end(date(2023, 8, 21), 10, off) == date(2023, 8, 31)
    assert next_working_day(date(2024, 5, 4), off, {date(2024, 5, 4)}) == date(2024, 5, 4)
    assert last_working_day(date(2023, 9, 3), off) == date(2023, 8, 31)


@pytest.mark.parametrize(
    ("decided", "days", "received"),
    [
        (date(2023, 12, 31), 25, date(2023, 11, 24)),
        (date(2024, 12, 31), 25, date(2024, 11, 26)),
        (date(2025, 12, 31), 25, date(2025, 11, 26)),
        (date(2026, 12, 31), 25, date(2026, 11, 26)),
        (date(2023, 12, 31), 10, date(2023, 12, 15)),
        (date(2026, 12, 31), 10, date(2026, 12, 17)),
    ],
)
def test_the_latest_receipt_follows_from_the_day_of_the_decision(decided, days, received) -> None:
    assert latest_start(decided, days, CULTURE_DAY) == received


def test_the_tiers_differ_by_their_own_working_days() -> None:
    decided = date(2024, 12, 31)
    received = {}
    for award in PROGRAMME.awards:
        assert award.appraisal is not None
        found = derived_milestones(award.appraisal, decided, frozenset())
        assert list(found.values()) == sorted(found.values())
        received[award.id] = found[State.SUBMITTED]
    assert received == {
        "BANG_KHEN_TINH": date(2024, 11, 26),
        "GIAY_KHEN_CO_QUAN": date(2024, 12, 13),
        "GIAY_KHEN_HUYEN": date(2024, 12, 13),
        "GIAY_KHEN_XA": date(2024, 12, 17),
    }


@given(
    start=st.dates(date(2023, 1, 1), date(2027, 12, 31)),
    count=st.integers(1, 40),
    off=st.sets(st.dates(date(2023, 1, 1), date(2027, 12, 31)), max_size=30),
)
def test_counting_back_and_forth_meet(start, count, off) -> None:
    latest = latest_start(start, count, off)
    assert add_working_days(latest, count, off) <= start
    later = next_working_day(latest + timedelta(days=1), off)
    assert add_working_days(later, count, off) > start
