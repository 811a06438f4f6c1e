"""What the unit declared beside what was published, and initiatives as rows of a table."""

from __future__ import annotations

from typing import Any

from models.tables import Initiative
from views import formats, labels
from views.formats import _
from workflow.facts import UnitFacts
from workflow.guards.indices import scoring_units
from workflow.ports import Opened
from workflow.scores import Score, TypedScore
from workflow.vocabulary import IndexKind, ScoreKind


def compare(seen: Opened) -> list[dict[str, Any]]:
    """One row for each index of the review year: declared, published, difference, and by hand."""
    unit = scored_unit(seen)
    year = seen.rulebook.programme.cycle_by_id[seen.facts.cycle_id].year
    own = [one for one in seen.facts.scores if one.unit_id == unit.id and one.year == year]
    typed = [one for one in seen.facts.typed if one.unit_id == unit.id and one.year == year]
    return [
        _row(
            [one for one in own if one.index is index],
            [one for one in typed if one.index is index],
            index,
        )
        for index in labels.INDEX
    ]


def scored_unit(seen: Opened) -> UnitFacts:
    """The unit whose indices count here: the unit itself, or the body a division belongs to."""
    return scoring_units(seen.facts.subject.lineage)[-1]


def _row(scores: list[Score], typed: list[TypedScore], index: IndexKind) -> dict[str, Any]:
    def latest(*kinds: ScoreKind) -> Score | None:
        return next((one for kind in kinds for one in scores if one.kind is kind), None)

    declared = latest(ScoreKind.SELF, ScoreKind.APPRAISED)
    published = latest(ScoreKind.PUBLISHED)
    return {
        "what": labels.INDEX[index],
        "declared": _text(declared, index),
        "published": _text(published, index),
        "difference": _difference(declared, published),
        "typed": [
            _(
                "{value}{index_unit} do {by} nhập tay, chờ người thứ hai",
                value=formats.decimal(one.value),
                index_unit=labels.INDEX_UNIT[index],
                by=one.by,
            )
            for one in typed
        ],
    }


def _text(score: Score | None, index: IndexKind) -> str:
    if score is None:
        return _("chưa có")
    return f"{formats.decimal(score.value)}{labels.INDEX_UNIT[index]}"


def _difference(declared: Score | None, published: Score | None) -> str:
    if declared is None or published is None:
        return "–"
    gap = published.value - declared.value
    if not gap:
        return _("khớp")
    return f"{'+' if gap > 0 else '−'}{formats.decimal(abs(gap))}"


def initiative(row: Initiative) -> dict[str, Any]:
    """One declared initiative as a row."""
    return {
        "id": row.id,
        "title": row.title,
        "number": row.recognition_number or _("chưa ghi"),
        "day": formats.day(row.recognised_on) if row.recognised_on else _("chưa ghi"),
        "by": row.recognised_by or _("chưa ghi"),
        "applied": _("đã áp dụng") if row.applied else _("chưa áp dụng"),
    }
