"""The explainable cut-off: one list whatever the order, ties shown, missing is never zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.cases import collective, rulebook
from workflow.programme import CriterionTable, RankingTable
from workflow.ranking import (
    Contender,
    Inside,
    Row,
    TieBreak,
    standing,
    ties,
    values_of,
)
from workflow.results import RankingResult
from workflow.vocabulary import Better, TieRule

IN, OUT, TIED = Inside.IN, Inside.OUT, Inside.TIED
TABLE = RankingTable(
    criteria=(
        CriterionTable(id="a", title="Hạng", criterion="provincial_rank", better=Better.LOWER),
        CriterionTable(id="b", title="Chỉ số", criterion="par_index", unit="điểm"),
    ),
    note="Thiết lập chính sách.",
)


def one(code: str, rank: str | None, par: str | None) -> Contender:
    return Contender(code, tuple(Decimal(v) if v is not None else None for v in (rank, par)))


figures = st.one_of(st.none(), st.decimals("0", "3", places=0), st.decimals("80", "81", places=2))
contenders = st.lists(st.tuples(figures, figures), min_size=0, max_size=12).map(
    lambda many: [Contender(f"HS-{n:04d}", pair) for n, pair in enumerate(many, start=1)]
)


@given(contenders, st.integers(0, 8), st.randoms(use_true_random=False))
def test_any_order_of_entry_gives_the_same_list(many, places, random) -> None:
    shuffled = list(many)
    random.shuffle(shuffled)
    assert standing(shuffled, TABLE, places) == standing(many, TABLE, places)


@given(contenders, st.integers(0, 8))
def test_the_line_never_lets_in_more_than_there_are_places_and_never_splits_a_tie(
    many, places
) -> None:
    found = standing(many, TABLE, places)
    inside = [row for row in found.rows if row.inside is IN]
    assert len(inside) <= places
    for row in found.rows:
        same = [other for other in found.rows if other.place == row.place]
        assert {other.inside for other in same} == {row.inside}, "equals are treated as equals"
        assert row.tied is (len(same) > 1)
        assert row.values in {each.values for each in many}
    if not found.tie_at_line:
        assert len(inside) == min(places, len(many))
    else:
        assert len(inside) < places < len(inside) + len(found.tie_at_line)


@given(contenders, st.integers(0, 8), st.randoms(use_true_random=False))
def test_once_every_tie_is_broken_exactly_the_places_are_given(many, places, random) -> None:
    breaks = []
    for group in ties(standing(many, TABLE, places).rows):
        codes = [row.code for row in group]
        random.shuffle(codes)
        breaks.append(TieBreak(tuple(codes), group[0].values, "Lê Minh Tuấn", "Mạnh hơn"))
    found = standing(many, TABLE, places, breaks)
    assert found.tie_at_line == ()
    assert [row.place for row in found.rows] == list(range(1, len(many) + 1))
    assert sum(row.inside is IN for row in found.rows) == min(places, len(many))


def test_what_is_missing_stands_after_what_is_known_and_is_never_zero() -> None:
    found = standing([one("A", None, "99"), one("B", "9", None), one("C", "9", "0")], TABLE, 2)
    assert [(row.code, row.place, row.inside) for row in found.rows] == [
        ("C", 1, IN),
        ("B", 2, IN),
        ("A", 3, OUT),
    ]
    assert found.margin is not None
    assert found.margin.criterion == 0
    assert found.margin.difference is None, "a margin to a missing figure is not a number"


def test_the_margin_names_the_first_criterion_that_tells_them_apart() -> None:
    found = standing(
        [one("A", "1", "86.42"), one("B", "1", "86.00"), one("C", "2", "99")], TABLE, 1
    )
    assert found.margin is not None
    assert (found.margin.last_in, found.margin.first_out) == ("A", "B")
    assert (found.margin.criterion, found.margin.difference) == (1, Decimal("0.42"))


def test_a_tie_at_the_line_waits_for_a_person_or_follows_the_rule_of_the_file() -> None:
    many = [one("A", "1", "90"), one("B", "2", "88"), one("C", "2", "88"), one("D", "3", "85")]
    waiting = standing(many, TABLE, 2)
    assert [(row.place, row.inside) for row in waiting.rows] == [
        (1, IN),
        (2, TIED),
        (2, TIED),
        (4, OUT),
    ]
    assert waiting.tie_at_line == ("B", "C")
    strict = TABLE.model_copy(update={"tie": TieRule.ALL_OUT})
    assert [row.inside for row in standing(many, strict, 2).rows] == [IN, OUT, OUT, OUT]
    chosen = TieBreak(("C", "B"), many[1].values, "Lê Minh Tuấn", "Địa bàn khó hơn")
    broken = standing(many, TABLE, 2, [chosen])
    assert [(row.code, row.place, row.inside, row.broken) for row in broken.rows] == [
        ("A", 1, IN, False),
        ("C", 2, IN, True),
        ("B", 3, OUT, True),
        ("D", 4, OUT, False),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        [one("B", "2", "88"), one("C", "2", "88"), one("E", "2", "88")],
        [one("B", "2", "88.01"), one("C", "2", "88.01")],
    ],
    ids=["another joined the tie", "the figures moved"],
)
def test_a_break_holds_only_for_the_contenders_and_figures_it_was_made_on(changed) -> None:
    given_then = TieBreak(("C", "B"), one("B", "2", "88").values, "Lê Minh Tuấn", "x")
    assert standing(changed, TABLE, 1, [given_then]).tie_at_line != ()


def test_no_cap_draws_no_line() -> None:
    found = standing([one("A", "1", "90"), one("B", "1", "90")], TABLE, None)
    assert [row.inside for row in found.rows] == [IN, IN]
    assert found.margin is None


def test_the_real_programme_reads_its_figures_from_the_facts() -> None:
    programme = rulebook().programme
    table = programme.ranking
    assert table is not None
    assert "không có trong văn bản" in table.note
    facts = replace(collective(), ranking=None)
    cycle = programme.cycle_by_id[facts.cycle_id]
    rank, share, par, sipas, initiatives = values_of(facts, table, cycle)
    assert rank is None, "the provincial council has not met"
    assert share == Decimal("100.00")
    assert par is not None
    assert initiatives is not None
    unpublished = replace(facts, scores=())
    assert values_of(unpublished, table, cycle)[2:4] == (None, None)
    ranked = replace(facts, ranking=RankingResult("HD-1", date(2023, 12, 14), 9, 9, 9, place=2))
    assert values_of(ranked, table, cycle)[0] == Decimal(2)
    assert isinstance(Row(1, "A", (rank, share, par, sipas, initiatives), IN), Row)
