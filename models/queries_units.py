"""Units as an administrator looks for them: by name, code, kind, and whether they still exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.folding import search_key
from models.tables import Unit
from workflow.vocabulary import UnitKind

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit with the one above it; both empty for the province."""

    unit: Unit
    parent_code: str
    parent: str


@dataclass(frozen=True, slots=True)
class UnitsWanted:
    """What the list is narrowed to; empty means any."""

    words: str = ""
    kind: UnitKind | None = None
    past: bool = False
    """Are units that no longer exist shown too?"""


def units_like(
    session: Session, wanted: UnitsWanted, day: date, number: int | None = None
) -> tuple[list[UnitLine], int]:
    """Units by their Vietnamese order, one page of them or (None) all, and how many there are."""
    conditions = _conditions(wanted, day)
    total = session.scalar(select(func.count()).select_from(Unit).where(*conditions)) or 0
    above = aliased(Unit)
    query = (
        select(Unit, func.coalesce(above.code, ""), func.coalesce(above.name, ""))
        .outerjoin(above, above.id == Unit.parent_id)
        .where(*conditions)
        .order_by(Unit.sort_key, Unit.id)
    )
    if number is not None:
        query = query.limit(PAGE).offset((number - 1) * PAGE)
    return [UnitLine(*row) for row in session.execute(query)], total


def _conditions(wanted: UnitsWanted, day: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        found.append(Unit.search_key.contains(search_key(wanted.words), autoescape=True))
    if wanted.kind is not None:
        found.append(Unit.kind == wanted.kind)
    if not wanted.past:
        found.append(or_(Unit.valid_to.is_(None), Unit.valid_to >= day))
    return found
