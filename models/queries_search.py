"""What a search finds beside dossiers: units, nominated people and decisions, as the reader may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.concealing import hidden_from
from models.queries_dossiers import has_dossiers
from models.searching import Words, closeness
from models.tables import Decision, Dossier, PersonPhrase, Unit, UnitPhrase

MOST = 8
"""So many of each kind are shown."""
LOOKED_AT = 200
"""Out of so many the best are chosen."""


@dataclass(frozen=True, slots=True)
class UnitHit:
    """A unit with dossiers the reader may see."""

    id: int
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A nominated person with the dossiers the reader may see, newest first."""

    name: str
    unit: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionHit:
    """A decision about dossiers the reader may see, and how many of those it is about."""

    id: int
    number: str
    dated: date
    dossiers: int


def units_found(
    session: Session, words: Words, person_id: int, day: date, seen: ColumnElement[bool]
) -> list[UnitHit]:
    """Units by name or code, those that fit best first."""
    if words.is_code:
        return []
    above = aliased(Unit)
    named = select(UnitPhrase.unit_id).where(*_begins(UnitPhrase.phrase, words))
    rows = session.execute(
        select(Unit.id, Unit.name, above.name)
        .outerjoin(above, above.id == Unit.parent_id)
        .where(Unit.id.in_(named), has_dossiers(session, person_id, day, seen))
        .order_by(Unit.sort_key, Unit.id)
        .limit(LOOKED_AT)
    ).all()
    found = [UnitHit(number, name, parent or "") for number, name, parent in rows]
    return sorted(found, key=lambda one: closeness(words, "", one.name))


def people_found(session: Session, words: Words, seen: ColumnElement[bool]) -> list[PersonHit]:
    """Nominated people by name, those that fit best first, then by given name."""
    if words.is_code:
        return []
    named = select(PersonPhrase.person_id).where(*_begins(PersonPhrase.phrase, words))
    rows = session.execute(
        select(Dossier.person_id, Dossier.subject_name, Unit.name, Dossier.code)
        .join(Unit, Unit.id == Dossier.unit_id)
        .where(Dossier.person_id.in_(named), seen)
        .order_by(Dossier.sort_key, Dossier.code.desc())
        .limit(LOOKED_AT)
    ).all()
    found: dict[int | None, PersonHit] = {}
    for number, name, unit, code in rows:
        before = found.get(number)
        codes = (*before.codes, code) if before else (code,)
        found[number] = PersonHit(before.name if before else name, unit, codes)
    return sorted(found.values(), key=lambda one: closeness(words, "", one.name))


def decisions_found(
    session: Session, words: Words, person_id: int, day: date, seen: ColumnElement[bool]
) -> list[DecisionHit]:
    """Decisions by number, the newest first; not those the reader is not to know of yet."""
    paper = aliased(Decision)
    rows = session.execute(
        select(paper.id, paper.number, paper.dated, func.count(Dossier.id))
        .join(Dossier, Dossier.decision_id == paper.id)
        .where(words.numbers(paper), seen, ~hidden_from(person_id, day))
        .group_by(paper.id, paper.number, paper.dated)
        .order_by(paper.dated.desc(), paper.id.desc())
        .limit(MOST + 1)
    )
    return [DecisionHit(*row) for row in rows]


def _begins(column: InstrumentedAttribute[str], words: Words) -> tuple[ColumnElement[bool], ...]:
    first, last = words.span
    return column >= first, column < last
