"""Published scores typed by hand: two people of the same body must say the same (reading Q43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.office import write_down
from models.people import posts_of
from models.placing import lineage_of
from models.scores import NotForYou, Statement, put_score, scorers
from models.tables import IndexScore, Person, TypedScore, Unit
from workflow.vocabulary import Post, ScoreKind
from workflow.working_days import office_day


@dataclass
class SamePerson(Exception):
    """Whoever typed a figure cannot be its second person."""

    typed_id: int


@dataclass
class Gone(Exception):
    """The figure is no longer open: taken back, typed anew, or confirmed meanwhile."""

    typed_id: int


class SaidAlready(Exception):
    """This very score is published already, or this person has typed the same before."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open figure, and who typed it."""

    typed: TypedScore
    by: str


def type_score(session: Session, stated: Statement, by: int, now: datetime) -> bool:
    """Type a published score; True when it is the second person's and the score is now known.

    A figure the same person typed before is replaced. Raises `NotForYou` for anybody who is not
    an appraiser of a body above the unit, or of another body than the one that began; and
    `SaidAlready`.
    """
    body = _body(session, stated.unit_id, by, now)
    _lock(session, stated.unit_id)
    _refuse_published(session, stated)
    rows = [one.typed for one in waiting(session, [stated.unit_id]) if _about(one.typed, stated)]
    if any(row.body_id != body for row in rows):
        raise NotForYou(stated.unit_id)
    own = next((row for row in rows if row.by_id == by), None)
    other = next((row for row in rows if row.by_id != by and _agrees(row, stated)), None)
    if other is None and own is not None and _agrees(own, stated):
        raise SaidAlready
    if other is not None:
        _settle(session, other, by, now)
        return True
    if own is not None:
        _close(session, own)
    session.execute(
        insert(TypedScore).values(
            unit_id=stated.unit_id,
            index_kind=stated.index,
            year=stated.year,
            body_id=body,
            value=stated.value,
            classification=stated.classification,
            published_on=stated.published_on,
            source=stated.source,
            by_id=by,
            at=now,
        )
    )
    write_down(session, "type_score", _told(stated), by, now)
    return False


def confirm_score(session: Session, typed_id: int, by: int, now: datetime) -> None:
    """Say as the second person that a typed figure is right.

    Raises `Gone`, `SamePerson`, and `NotForYou` for anybody but another appraiser of the body.
    """
    typed = _opened(session, typed_id)
    if typed.by_id == by:
        raise SamePerson(typed_id)
    if _body(session, typed.unit_id, by, now) != typed.body_id:
        raise NotForYou(typed.unit_id)
    _settle(session, typed, by, now)


def withdraw_score(session: Session, typed_id: int, by: int, now: datetime) -> None:
    """Take back a figure one has typed oneself. Raises `Gone` and `NotForYou`."""
    typed = _opened(session, typed_id)
    if typed.by_id != by:
        raise NotForYou(typed.unit_id)
    _close(session, typed)
    write_down(session, "withdraw_typed_score", _told(_statement(typed)), by, now)


def waiting(session: Session, units: Sequence[int]) -> list[Waiting]:
    """Open figures of these units, oldest first."""
    rows = session.execute(
        select(TypedScore, Person.full_name)
        .join(Person, Person.id == TypedScore.by_id)
        .where(TypedScore.unit_id.in_(units), TypedScore.open)
        .order_by(TypedScore.id)
        .execution_options(populate_existing=True)
    )
    return [Waiting(*row) for row in rows]


def may_type(session: Session, person_id: int, unit_id: int, now: datetime) -> bool:
    """Does this person appraise for a body above the unit?"""
    try:
        _body(session, unit_id, person_id, now)
    except NotForYou:
        return False
    return True


def _body(session: Session, unit_id: int, by: int, now: datetime) -> int:
    """The nearest body above the unit this person appraises for."""
    posts = posts_of(session, by, office_day(now))
    for unit in scorers(lineage_of(session, unit_id)):
        if (Post.APPRAISER, unit.id) in posts:
            return unit.id
    raise NotForYou(unit_id)


def _lock(session: Session, unit_id: int) -> None:
    """Two people at once, one after the other: the unit's row is held until the end."""
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))


def _opened(session: Session, typed_id: int) -> TypedScore:
    """An open figure, with its unit held. Raises `Gone`."""
    unit_id = session.scalar(select(TypedScore.unit_id).where(TypedScore.id == typed_id))
    if unit_id is None:
        raise Gone(typed_id)
    _lock(session, unit_id)
    typed = session.scalar(
        select(TypedScore)
        .where(TypedScore.id == typed_id, TypedScore.open)
        .execution_options(populate_existing=True)
    )
    if typed is None:
        raise Gone(typed_id)
    return typed


def _settle(session: Session, first: TypedScore, by: int, now: datetime) -> None:
    """The score is known: it is published, and every other figure of it is closed."""
    stated = _statement(first)
    told = {**_told(stated), "typed_by": first.by_id, "confirmed_by": by}
    session.execute(
        update(TypedScore)
        .where(TypedScore.id == first.id)
        .values(open=False, confirmed_by=by, confirmed_at=now)
    )
    put_score(session, stated, by, now)
    write_down(session, "confirm_score", told, by, now)


def _close(session: Session, typed: TypedScore) -> None:
    session.execute(update(TypedScore).where(TypedScore.id == typed.id).values(open=False))


def _refuse_published(session: Session, stated: Statement) -> None:
    known = session.scalar(
        select(IndexScore).where(
            IndexScore.unit_id == stated.unit_id,
            IndexScore.index_kind == stated.index,
            IndexScore.year == stated.year,
            IndexScore.kind == ScoreKind.PUBLISHED,
        )
    )
    if known is not None and _agrees(known, stated):
        raise SaidAlready


def _about(typed: TypedScore, stated: Statement) -> bool:
    return typed.index_kind is stated.index and typed.year == stated.year


def _agrees(row: TypedScore | IndexScore, stated: Statement) -> bool:
    """The same figure, class and day; how the paper is named may differ."""
    return (row.value, row.classification, row.published_on) == (
        stated.value,
        stated.classification,
        stated.published_on,
    )


def _statement(typed: TypedScore) -> Statement:
    return Statement(
        typed.unit_id,
        typed.index_kind,
        typed.year,
        ScoreKind.PUBLISHED,
        typed.value,
        typed.classification,
        typed.published_on,
        typed.source,
    )


def _told(stated: Statement) -> dict[str, object]:
    return {
        "unit": stated.unit_id,
        "index": stated.index,
        "year": stated.year,
        "value": stated.value,
        "classification": stated.classification,
        "published_on": stated.published_on,
    }
