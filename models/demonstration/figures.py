"""Scores of the demonstration, published and self-scored."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from models.tables import IndexScore, Unit
from workflow.vocabulary import IndexKind, ScoreKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy.orm import Session

    from models.demonstration.season import DemoScores, UnitScores


def store_scores(session: Session, scores: DemoScores, by: int) -> int:
    """Write every score of the season; answers how many."""
    units = dict(session.execute(select(Unit.code, Unit.id)).all())
    rows = [
        row | {"entered_by": by}
        for code, figures in scores.units.items()
        for row in _rows(units[code], figures, scores)
    ]
    session.execute(insert(IndexScore), rows)
    return len(rows)


def _rows(unit_id: int, figures: UnitScores, scores: DemoScores) -> Iterator[dict[str, Any]]:
    last = max(scores.published)
    for index, values in ((IndexKind.PAR, figures.par), (IndexKind.SIPAS, figures.sipas)):
        years = range(last - len(values) + 1, last + 1)
        for year, value in zip(years, values, strict=True):
            if value is None:
                continue
            day = scores.published[year]
            yield {
                "unit_id": unit_id,
                "index_kind": index,
                "year": year,
                "kind": ScoreKind.PUBLISHED,
                "value": value,
                "classification": scores.rating(value) if index is IndexKind.PAR else None,
                "published_on": day,
                "source": scores.source,
                "entered_at": datetime.combine(day, time(3), UTC),
            }
    if figures.own is not None:
        yield {
            "unit_id": unit_id,
            "index_kind": IndexKind.PAR,
            "year": last,
            "kind": ScoreKind.SELF,
            "value": figures.own,
            "classification": None,
            "published_on": None,
            "source": scores.source,
            "entered_at": datetime(last, 11, 1, 3, tzinfo=UTC),
        }
