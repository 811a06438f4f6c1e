"""A case that is only tried is judged by the law, step by step, as a real one would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.workflow.cases import rulebook
from workflow.imagined import CODE, Imagined, Naming, lineage_of
from workflow.imagining import Tried, attempt, way
from workflow.vocabulary import (
    PROGRESS,
    Classification,
    CycleKind,
    DocumentKind,
    ScoreKind,
    State,
    SubjectKind,
    UnitKind,
)

NAMING = Naming(lambda kind: f"đơn vị {kind.value}", lambda role: f"người {role.value}")
GOOD = Imagined(
    cycle_id="2023-midterm",
    award_form="BANG_KHEN_TINH",
    kind=SubjectKind.COLLECTIVE,
    unit=UnitKind.DISTRICT,
    name="UBND huyện thử",
    registered_on=date(2023, 2, 15),
    par=Decimal("86.42"),
    sipas=Decimal("91.30"),
    classes=(Classification.TOT, Classification.TOT, Classification.XUAT_SAC),
    recognised_on=date(2023, 6, 1),
    papers=frozenset(DocumentKind),
    base=30,
)
SOMEBODY = replace(GOOD, kind=SubjectKind.INDIVIDUAL, name="Người thử", par=Decimal(91))


def tried(**other: Any) -> tuple[Tried, ...]:
    """Try the good case with some of its fields otherwise."""
    return attempt(rulebook(), replace(GOOD, **other), NAMING)


def stopped(steps: tuple[Tried, ...]) -> dict[State, set[str]]:
    """The rules that stop each step, by the state it leads to; only steps that are stopped."""
    return {
        one.step.target: {result.rule for result in one.judgement.blocking}
        for one in steps
        if not one.judgement.allowed
    }


def test_the_way_leads_through_every_state_of_progress() -> None:
    assert tuple(step.target for step in way(rulebook().programme)) == PROGRESS


@pytest.mark.parametrize("award", [one.id for one in rulebook().programme.awards])
def test_whoever_meets_everything_passes_every_step(award: str) -> None:
    programme = rulebook().programme
    form = programme.award_by_id[award]
    seen = 0
    for cycle in programme.cycles:
        for table in form.recipients:
            for unit in table.units:
                if cycle.kind not in form.cycles:
                    continue
                case = replace(
                    SOMEBODY if table.kind is SubjectKind.INDIVIDUAL else GOOD,
                    cycle_id=cycle.id,
                    award_form=award,
                    unit=unit,
                    scored=unit in {UnitKind.DEPARTMENT, UnitKind.DISTRICT},
                    registered_on=cycle.registration_opens,
                    recognised_on=programme.starts,
                    decided_on=form.decider_until if cycle.year == programme.ends.year else None,
                )
                found = stopped(attempt(rulebook(), case, NAMING))
                if form.decider_until and cycle.year == programme.ends.year:
                    # The deciding level ended before the cycle did: the text leaves no way.
                    assert found[State.DECIDED] >= {"R20d"}, (cycle.id, unit)
                else:
                    assert found == {}, (cycle.id, table.kind, unit)
                seen += 1
    assert seen


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"par": Decimal("80.00")}, {}),
        (
            {"par": Decimal("79.99")},
            {State.BOARD_CHECKED: {"R07"}, State.DECIDED: {"R07"}},
        ),
        ({"par": Decimal("79.99"), "scored": False}, {}),
        (
            {"firmness": ScoreKind.SELF},
            {State.BOARD_CHECKED: {"R07"}, State.DECIDED: {"R07"}},
        ),
        ({"submitted_on": date(2023, 11, 30)}, {}),
        ({"submitted_on": date(2023, 12, 1)}, {State.SUBMITTED: {"T01"}}),
        ({"registered_on": None}, {State.SUBMITTED: {"R05"}, State.BOARD_CHECKED: {"R05"}}),
        (
            {"declared": False},
            {State.SUBMITTED: {"R08b"}, State.BOARD_CHECKED: {"R08"}},
        ),
        ({"recognised_on": date(2021, 10, 8)}, {State.BOARD_CHECKED: {"R08"}}),
        ({"recognised_on": date(2021, 10, 9)}, {}),
        ({"used": 5}, {}),
        ({"used": 6}, {State.DECIDED: {"R13"}}),
        ({"base": 29, "used": 5}, {State.DECIDED: {"R13"}}),
        (
            {"present": 6, "votes_for": 6},
            {State.COUNCIL_REVIEWED: {"R06b"}, State.BOARD_CHECKED: {"R06b"}},
        ),
        ({"votes_for": 8}, {}),
        ({"ranked": False}, {State.DECIDED: {"R25"}}),
        ({"looked_at": False}, {State.BOARD_CHECKED: {"R06d", "R08c", "R16d"}}),
        (
            {"papers": frozenset(DocumentKind) - {DocumentKind.TO_TRINH}},
            {State.BOARD_CHECKED: {"R16"}},
        ),
        (
            {"held": True},
            {
                State.COUNCIL_REVIEWED: {"R21"},
                State.BOARD_CHECKED: {"R21"},
                State.DECIDED: {"R21"},
            },
        ),
        (
            {"same_person": True},
            {
                State.COUNCIL_REVIEWED: {"R20"},
                State.BOARD_CHECKED: {"R20"},
                State.DECIDED: {"R20"},
            },
        ),
        (
            {"twin": True},
            {
                State.REGISTERED: {"R12b"},
                State.SUBMITTED: {"R12b"},
                State.BOARD_CHECKED: {"R12b"},
                State.DECIDED: {"R12b"},
            },
        ),
        (
            {"decided_on": date(2023, 12, 14)},
            {State.DECIDED: {"R20d"}},
        ),
    ],
)
def test_one_figure_otherwise_stops_exactly_what_rests_on_it(
    other: dict[str, Any], expected: dict[State, set[str]]
) -> None:
    assert stopped(tried(**other)) == expected


def test_somebody_inside_may_neither_check_nor_decide() -> None:
    found = stopped(tried(insider=True))
    assert "R20c" in found[State.BOARD_CHECKED]
    assert "R20b" in found[State.DECIDED]
    assert State.SUBMITTED not in found


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"par": Decimal("89.99")}, "R09"),
        ({"sipas": Decimal("89.99")}, "R09"),
        ({"sipas": None}, "R09"),
        ({"classes": (Classification.TOT, Classification.KHA, Classification.TOT)}, "R14"),
        ({"classes": (Classification.TOT, None, Classification.TOT)}, "R14"),
        ({"applied": False}, "R10"),
    ],
)
def test_what_binds_a_person(other: dict[str, Any], rule: str) -> None:
    found = stopped(attempt(rulebook(), replace(SOMEBODY, **other), NAMING))
    assert rule in found[State.BOARD_CHECKED]
    assert State.SUBMITTED not in found


def test_a_persons_figures_are_those_of_whoever_scores_their_unit() -> None:
    in_division = replace(SOMEBODY, unit=UnitKind.DIVISION, scored=False)
    steps = attempt(rulebook(), in_division, NAMING)
    assert stopped(steps) == {}
    seen = next(r for r in steps[-1].judgement.results if r.rule == "R09")
    assert {one.whose for one in seen.finding.evidence} == {"đơn vị department"}


def test_a_form_the_cycle_does_not_give_is_refused() -> None:
    annual = next(one for one in rulebook().programme.cycles if one.kind is CycleKind.ANNUAL)
    found = stopped(tried(cycle_id=annual.id, registered_on=annual.registration_opens))
    assert "R12" in found[State.SUBMITTED]


def test_a_cap_a_head_sets_is_counted_and_none_is_no_limit() -> None:
    paper = {"award_form": "GIAY_KHEN_CO_QUAN", "unit": UnitKind.DIVISION, "scored": False}
    assert stopped(tried(**paper, cap=None, used=900)) == {}
    assert stopped(tried(**paper, cap=3, used=2)) == {}
    assert stopped(tried(**paper, cap=3, used=3)) == {State.DECIDED: {"R13b"}}


def test_a_division_belongs_to_whoever_decides_on_its_award() -> None:
    awards = rulebook().programme.award_by_id
    parents = {name: lineage_of(form, UnitKind.DIVISION)[1] for name, form in awards.items()}
    assert parents == {
        "BANG_KHEN_TINH": UnitKind.DEPARTMENT,
        "GIAY_KHEN_CO_QUAN": UnitKind.DEPARTMENT,
        "GIAY_KHEN_HUYEN": UnitKind.DISTRICT,
        "GIAY_KHEN_XA": UnitKind.COMMUNE,
    }


def test_no_real_dossier_is_meant() -> None:
    assert all(one.judgement.facts.code == CODE for one in tried())
