"""Scores as somebody stated them: entered by whoever may, changed only with a line to show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.office import write_down
from models.people import posts_of
from models.placing import lineage_of
from models.tables import IndexScore, TypedScore, Unit
from workflow.vocabulary import Classification, IndexKind, Post, ScoreKind, UnitKind
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Statement:
    """One index of one unit for one year; `value` with at most two places, 0 to 100."""

    unit_id: int
    index: IndexKind
    year: int
    kind: ScoreKind
    value: Decimal
    classification: Classification | None = None
    published_on: date | None = None
    source: str = ""


class NotForYou(Exception):
    """This person may not enter this unit's score."""


def put_score(session: Session, stated: Statement, by: int | None, now: datetime) -> bool:
    """Enter or correct a score; False when it says nothing new.

    Raises `NotForYou`; `by` is None for the installation, which may enter any. A published
    score needs its day, a value lies between 0 and 100: the database refuses anything else.
    """
    if by is not None and not may_enter(session, by, stated, now):
        raise NotForYou(stated.unit_id)
    content: dict[str, Any] = {
        "value": stated.value,
        "classification": stated.classification,
        "published_on": stated.published_on,
        "source": stated.source,
    }
    same = (
        IndexScore.unit_id == stated.unit_id,
        IndexScore.index_kind == stated.index,
        IndexScore.year == stated.year,
        IndexScore.kind == stated.kind,
    )
    old = session.scalar(select(IndexScore).where(*same).with_for_update())
    before = {name: getattr(old, name) for name in content} if old else None
    if before == content:
        return False
    written = {**content, "entered_by": by, "entered_at": now}
    if old is not None:
        session.execute(update(IndexScore).where(IndexScore.id == old.id).values(**written))
    else:
        _insert(session, stated, written)
    told = {
        "unit": stated.unit_id,
        "index": stated.index,
        "year": stated.year,
        "kind": stated.kind,
        "before": before,
        "after": content,
    }
    if stated.kind is ScoreKind.PUBLISHED:
        _close_typed(session, stated)
    write_down(session, "put_score", told, by, now)
    return True


def _close_typed(session: Session, stated: Statement) -> None:
    """What is published needs no second person any more."""
    session.execute(
        update(TypedScore)
        .where(
            TypedScore.unit_id == stated.unit_id,
            TypedScore.index_kind == stated.index,
            TypedScore.year == stated.year,
            TypedScore.open,
        )
        .values(open=False)
    )


def may_enter(session: Session, person_id: int, stated: Statement, now: datetime) -> bool:
    """May this person enter this score?

    The appraisers of the bodies above the unit enter any; the unit's own clerk and heads enter
    only what it scored itself; administrators enter any.
    """
    posts = posts_of(session, person_id, office_day(now))
    line = lineage_of(session, stated.unit_id)
    if any(post is Post.ADMINISTRATOR for post, _ in posts):
        return True
    if any((Post.APPRAISER, unit.id) in posts for unit in scorers(line)):
        return True
    own = (Post.CLERK, Post.HEAD, Post.DEPUTY_HEAD)
    return stated.kind is ScoreKind.SELF and any((post, line[0].id) in posts for post in own)


def scorers(line: Sequence[Unit]) -> Sequence[Unit]:
    """The bodies that score the first unit of a lineage, nearest first."""
    return line if line[0].kind is UnitKind.PROVINCE else line[1:]


def _insert(session: Session, stated: Statement, written: dict[str, Any]) -> None:
    session.execute(
        insert(IndexScore).values(
            unit_id=stated.unit_id,
            index_kind=stated.index,
            year=stated.year,
            kind=stated.kind,
            **written,
        )
    )
