"""The published indices: PAR Index for collectives, PAR Index and SIPAS for individuals."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workflow.guards.registry import guard
from workflow.programme import OfHundred
from workflow.table import Table
from workflow.verdicts import Finding, met, not_applicable, not_met, not_yet_known, together
from workflow.vocabulary import IndexKind, Role, ScoreKind, UnitKind
from workflow.words import Value, phrase, say

if TYPE_CHECKING:
    from decimal import Decimal

    from workflow.case import Case
    from workflow.facts import UnitFacts
    from workflow.scores import Score, TypedScore

_NAMES = {
    IndexKind.PAR: phrase("Chỉ số cải cách hành chính"),
    IndexKind.SIPAS: phrase("Chỉ số hài lòng (SIPAS)"),
}
_KINDS = {ScoreKind.SELF: phrase("tự chấm"), ScoreKind.APPRAISED: phrase("thẩm định")}


class ParIndex(Table):
    """`minimum` on a scale of 100, inclusive (reading Q2); who is bound (reading Q1)."""

    minimum: OfHundred
    only_scored_by_province: bool = True


@guard("par_index", ParIndex)
def par_index(case: Case, params: ParIndex) -> Finding:
    """A collective's own published PAR Index of the review year reaches the minimum (IV.1.b)."""
    unit = case.facts.subject.unit
    if params.only_scored_by_province and not unit.scored_by_province:
        return not_applicable(
            say(
                "{unit} không thuộc đối tượng được UBND tỉnh đánh giá, xác định Chỉ số hằng năm.",
                unit=unit.name,
            )
        )
    return compare(case, (unit,), IndexKind.PAR, params.minimum)


class Demand(StrEnum):
    """Which of the two indices bind (reading Q5)."""

    BOTH = "both"
    EITHER = "either"
    PAR_ONLY = "par_only"


class UnitIndices(Table):
    """Minima on a scale of 100, inclusive, for the unit the person works in (reading Q6)."""

    par_minimum: OfHundred
    sipas_minimum: OfHundred
    demand: Demand = Demand.BOTH


@guard("unit_indices", UnitIndices)
def unit_indices(case: Case, params: UnitIndices) -> Finding:
    """The unit an individual works in has both indices at the minimum (IV.1.b)."""
    units = scoring_units(case.facts.subject.lineage)
    par = compare(case, units, IndexKind.PAR, params.par_minimum)
    if params.demand is Demand.PAR_ONLY:
        return par
    sipas = compare(case, units, IndexKind.SIPAS, params.sipas_minimum)
    if params.demand is Demand.EITHER:
        return next((found for found in (par, sipas) if found.code == "MET"), par)
    return together((par, sipas))


def scoring_units(lineage: tuple[UnitFacts, ...]) -> tuple[UnitFacts, ...]:
    """The unit, then for a division its parents up to the first body that is scored itself.

    A commune stands for itself: its index is the one its district gave it, never the district's
    own (reading Q7).
    """
    units: list[UnitFacts] = []
    for unit in lineage:
        units.append(unit)
        if unit.kind is not UnitKind.DIVISION:
            break
    return tuple(units)


def compare(
    case: Case, units: tuple[UnitFacts, ...], index: IndexKind, minimum: Decimal
) -> Finding:
    """The nearest unit's score of the review year against `minimum`, as published."""
    year = case.cycle.year
    for unit in units:
        found = best_score(case, unit.id, index, year)
        if found is not None and found.kind is ScoreKind.PUBLISHED:
            return _judge_score(found, minimum)
        typed = typed_alone(case, unit.id, index, year)
        if typed is not None:
            return awaits_second(typed, minimum)
        if found is not None:
            return _judge_score(found, minimum)
    last = units[-1]
    words: dict[str, Value] = {"index": _NAMES[index], "year": str(year), "unit": last.name}
    if last.scored_by_province or _scored_at_all(case, last.id, index, year):
        return not_yet_known(
            "INDEX_NOT_PUBLISHED",
            say("{index} năm {year} của {unit} chưa được công bố.", **words),
            remedy=say("Chờ kết quả công bố; hệ thống tự kiểm lại khi có."),
            who=Role.APPRAISER,
            threshold=minimum,
            whose=last.name,
        )
    return not_met(
        "INDEX_MISSING",
        say("{unit} không có {index} năm {year} của cấp nào chấm.", **words),
        remedy=say("Nhập kết quả do cấp có thẩm quyền chấm cho đơn vị, kèm văn bản công bố."),
        who=Role.APPRAISER,
        threshold=minimum,
        whose=last.name,
    )


def typed_alone(case: Case, unit_id: int, index: IndexKind, year: int) -> TypedScore | None:
    """A figure one person typed by hand and no second one has said again; the first typed."""
    return next(
        (
            one
            for one in case.facts.typed
            if one.unit_id == unit_id and one.index is index and one.year == year
        ),
        None,
    )


def awaits_second(typed: TypedScore, threshold: Value) -> Finding:
    """Typed by one person, it is not known yet (reading Q43)."""
    return not_yet_known(
        "SECOND_PERSON_MISSING",
        say(
            "{index} năm {year} của {unit} do {by} nhập tay là {value}; chờ người thứ hai.",
            index=_NAMES[typed.index],
            year=str(typed.year),
            unit=typed.unit_name,
            by=typed.by,
            value=typed.value,
        ),
        remedy=say(
            "Người thẩm định khác cùng cấp đọc văn bản công bố và nhập cùng giá trị, hoặc xác nhận."
        ),
        who=Role.APPRAISER,
        value=typed.value,
        threshold=threshold,
        record=f"typed:{typed.unit_id}:{typed.index.value}:{typed.year}",
        whose=typed.unit_name,
    )


def _scored_at_all(case: Case, unit_id: int, index: IndexKind, year: int) -> bool:
    """Somebody scores this unit: the result is on its way, though not published yet."""
    return any(
        score.unit_id == unit_id and score.index is index and score.year == year
        for score in case.facts.scores
    )


def best_score(case: Case, unit_id: int, index: IndexKind, year: int) -> Score | None:
    """The firmest score there is: published, else appraised, else self-scored.

    A score counts as published only from its day of publication on.
    """
    order = {ScoreKind.PUBLISHED: 0, ScoreKind.APPRAISED: 1, ScoreKind.SELF: 2}
    known = [
        score
        for score in case.facts.scores
        if score.unit_id == unit_id
        and score.index is index
        and score.year == year
        and (score.kind is not ScoreKind.PUBLISHED or is_out(score, case))
    ]
    return min(known, key=lambda score: order[score.kind], default=None)


def is_out(score: Score, case: Case) -> bool:
    """Has this score been published by today?"""
    return score.published_on is not None and score.published_on <= case.today


def _judge_score(score: Score, minimum: Decimal) -> Finding:
    words: dict[str, Value] = {
        "index": _NAMES[score.index],
        "year": str(score.year),
        "unit": score.unit_name,
        "value": score.value,
        "minimum": minimum,
    }
    record = f"score:{score.unit_id}:{score.index.value}:{score.year}:{score.kind.value}"
    if score.kind is not ScoreKind.PUBLISHED:
        return not_yet_known(
            "INDEX_NOT_PUBLISHED",
            say(
                "{index} năm {year} của {unit} mới có điểm {kind} {value}, cần từ {minimum}; "
                "chưa có kết quả công bố.",
                kind=_KINDS[score.kind],
                **words,
            ),
            remedy=say("Chờ kết quả công bố; hệ thống tự kiểm lại khi có."),
            who=Role.APPRAISER,
            value=score.value,
            threshold=minimum,
            record=record,
            whose=score.unit_name,
        )
    if score.value < minimum:
        return not_met(
            "INDEX_TOO_LOW",
            say(
                "{index} năm {year} của {unit} là {value}, cần từ {minimum} (thiếu {short}).",
                short=minimum - score.value,
                **words,
            ),
            remedy=say("Không đủ điều kiện của năm này; đối chiếu lại văn bản công bố nếu sai."),
            who=Role.APPRAISER,
            value=score.value,
            threshold=minimum,
            record=record,
            whose=score.unit_name,
        )
    return met(
        say(
            "{index} năm {year} của {unit} là {value}, cần từ {minimum}; công bố {day}.",
            day=score.published_on or "",
            **words,
        ),
        value=score.value,
        threshold=minimum,
        record=record,
        whose=score.unit_name,
    )
