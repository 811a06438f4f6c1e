"""Years in a row with a published class, following a unit through merger and new name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.guards.indices import awaits_second, is_out, scoring_units, typed_alone
from workflow.guards.registry import guard
from workflow.table import Table
from workflow.verdicts import Finding, met, not_met, not_yet_known
from workflow.vocabulary import Classification, IndexKind, Role, ScoreKind
from workflow.words import joined, phrase, say

if TYPE_CHECKING:
    from workflow.case import Case
    from workflow.scores import Score

_CLASS_NAMES = {
    Classification.XUAT_SAC: phrase("Xuất sắc"),
    Classification.TOT: phrase("Tốt"),
    Classification.KHA: phrase("Khá"),
    Classification.TRUNG_BINH: phrase("Trung bình"),
    Classification.YEU: phrase("Yếu"),
}


class RatingStreak(Table):
    """`years` in a row of at least `at_least`, ending with the review year (reading Q15)."""

    years: int
    at_least: Classification
    allow_previous_year_end: bool = False


@dataclass(frozen=True, slots=True)
class _Year:
    year: int
    rating: Classification | None
    of: str

    def describe(self) -> str:
        """The year, its class and whose class it is, as one phrase."""
        rating = _CLASS_NAMES[self.rating] if self.rating else phrase("không có")
        return phrase("{year}: {rating} ({of})", year=self.year, rating=rating, of=self.of)


@guard("rating_streak", RatingStreak)
def rating_streak(case: Case, params: RatingStreak) -> Finding:
    """The unit was rated at least this class in each of the last years (IV.2.b)."""
    unit = scoring_units(case.facts.subject.lineage)[-1]
    last = case.cycle.year
    years = _years(case, unit.id, unit.name, last, params.years)
    if years[-1].rating is None and params.allow_previous_year_end:
        years = _years(case, unit.id, unit.name, last - 1, params.years)
    listed = joined((year.describe() for year in years), "; ")
    words = {"unit": unit.name, "listed": listed, "wanted": _CLASS_NAMES[params.at_least]}
    low = [y for y in years if y.rating and not y.rating.at_least(params.at_least)]
    gaps = [y for y in years[:-1] if y.rating is None]
    if low:
        return not_met(
            "RATING_TOO_LOW",
            say("{unit}, xếp loại {listed}; cần từ {wanted} trở lên.", **words),
            remedy=say("Không đủ số năm liên tục; đối chiếu văn bản công bố nếu sai."),
            who=Role.APPRAISER,
            value=low[0].year,
            threshold=params.at_least.value,
            whose=unit.name,
        )
    pending = [
        typed
        for year in years
        if year.rating is None
        and (typed := typed_alone(case, unit.id, IndexKind.PAR, year.year)) is not None
    ]
    if pending:
        return awaits_second(pending[0], params.years)
    if gaps:
        return not_met(
            "RATING_GAP",
            say("{unit}, xếp loại {listed}; năm trống làm đứt chuỗi liên tục.", **words),
            remedy=say("Nhập xếp loại đã công bố của năm còn trống, kèm văn bản."),
            who=Role.APPRAISER,
            value=gaps[0].year,
            threshold=params.years,
            whose=unit.name,
        )
    if years[-1].rating is None:
        return not_yet_known(
            "RATING_NOT_PUBLISHED",
            say("{unit}, xếp loại {listed}; năm cuối chưa công bố.", **words),
            remedy=say("Chờ kết quả công bố; hệ thống tự kiểm lại khi có."),
            who=Role.APPRAISER,
            threshold=params.years,
            whose=unit.name,
        )
    return met(
        say("{unit}, xếp loại {listed}.", **words),
        value=len(years),
        threshold=params.years,
        record=f"unit:{unit.id}",
        whose=unit.name,
    )


def _years(case: Case, unit_id: int, name: str, last: int, count: int) -> list[_Year]:
    return [_rating(case, unit_id, name, year) for year in range(last - count + 1, last + 1)]


def _rating(case: Case, unit_id: int, name: str, year: int) -> _Year:
    """The class of the unit in `year`, or the worst among the units it grew from (Q32)."""
    own = _published(case, unit_id, year)
    if own is not None and own.classification is not None:
        return _Year(year, own.classification, own.unit_name)
    before = [
        _rating(case, link.old_id, link.old_name, year)
        for link in case.facts.successions
        if link.new_id == unit_id and link.since.year >= year
    ]
    if not before:
        return _Year(year, None, name)
    ratings = [past.rating for past in before]
    order = list(Classification)
    known = [rating for rating in ratings if rating is not None]
    worst = max(known, key=order.index) if len(known) == len(ratings) else None
    return _Year(year, worst, " + ".join(past.of for past in before))


def _published(case: Case, unit_id: int, year: int) -> Score | None:
    return next(
        (
            score
            for score in case.facts.scores
            if score.unit_id == unit_id
            and score.index is IndexKind.PAR
            and score.year == year
            and score.kind is ScoreKind.PUBLISHED
            and is_out(score, case)
        ),
        None,
    )
