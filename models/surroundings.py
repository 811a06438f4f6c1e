"""What surrounds a dossier or a registration: units, scores, successions, other dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import BindParameter, Select, bindparam, select, text
from sqlalchemy.orm import Session, aliased

from models.rows import rows, scalar
from models.tables import (
    LIVE,
    Dossier,
    IndexScore,
    Person,
    Registration,
    TypedScore,
    Unit,
    UnitSuccession,
)
from workflow import facts
from workflow import scores as scored
from workflow.vocabulary import SubjectKind
from workflow.working_days import office_day

YEARS_BACK = 6
"""Scores older than this before the review year are of no use to any rule."""


def unit_facts(unit: Unit) -> facts.UnitFacts:
    """State one unit as the law sees it."""
    return facts.UnitFacts(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        kind=unit.kind,
        scored_by_province=unit.scored_by_province,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
    )


def subject(
    session: Session, kind: SubjectKind, name: str, line: Sequence[Unit], person_id: int | None
) -> facts.SubjectFacts:
    """State who is to be honoured."""
    position = ""
    if person_id is not None:
        position = scalar(session, _POSITION, {"person": person_id}) or ""
    return facts.SubjectFacts(
        kind, name, tuple(unit_facts(unit) for unit in line), person_id, position
    )


def registration(session: Session, registration_id: int) -> facts.RegistrationFacts:
    """State a registration, with the names of the superior and of who acknowledged it."""
    row = rows(session, _REGISTRATION, {"registration": registration_id}).one()
    acknowledged = row.acknowledged_at
    return facts.RegistrationFacts(
        id=row.id,
        subject_key=row.subject_key,
        year=row.year,
        superior=row.name,
        registered_on=row.registered_on,
        acknowledged_on=office_day(acknowledged) if acknowledged else None,
        acknowledged_by=row.full_name or "",
        number=row.number,
        sent_at=row.sent_at,
    )


def successions(session: Session, line: Sequence[Unit]) -> tuple[facts.Succession, ...]:
    """All units that became part of those in `line`, however many mergers ago."""
    found = rows(session, _SUCCESSIONS, {"units": [unit.id for unit in line]})
    return tuple(facts.Succession(*row) for row in found)


def scores(
    session: Session,
    line: Sequence[Unit],
    joined: Sequence[facts.Succession],
    year: int,
) -> tuple[scored.Score, ...]:
    """Scores of the units in `line` and of their predecessors, up to the review year."""
    return tuple(
        scored.Score(
            unit_id=score.unit_id,
            unit_name=score.name,
            index=score.index_kind,
            year=score.year,
            kind=score.kind,
            value=score.value,
            classification=score.classification,
            published_on=score.published_on,
            source=score.source,
        )
        for score in rows(session, _SCORES, _of_years(line, joined, year))
    )


def typed_scores(
    session: Session, line: Sequence[Unit], joined: Sequence[facts.Succession], year: int
) -> tuple[scored.TypedScore, ...]:
    """Scores of these units that one person typed and nobody has said again yet, oldest first."""
    return tuple(
        scored.TypedScore(
            unit_id=typed.unit_id,
            unit_name=typed.name,
            index=typed.index_kind,
            year=typed.year,
            value=typed.value,
            by_id=typed.by_id,
            by=typed.full_name,
            at=typed.at,
            classification=typed.classification,
            published_on=typed.published_on,
        )
        for typed in rows(session, _TYPED_SCORES, _of_years(line, joined, year))
    )


def twins(
    session: Session, of: Dossier | Registration, *, except_id: int | None = None
) -> tuple[facts.Twin, ...]:
    """Other live dossiers of the same subject in the same programme and cycle."""
    own = {
        "programme": of.programme_id,
        "cycle": of.cycle_id,
        "subject": of.subject_key,
        "but": except_id or 0,
    }
    return tuple(facts.Twin(*row) for row in rows(session, _TWINS, own))


def with_quota(gathered: facts.DossierFacts, quota: facts.Quota | None) -> facts.DossierFacts:
    """Add the places, which can only be looked up once the rest is known."""
    return replace(gathered, quota=quota)


# --- Statements ---------------------------------------------------------------------------------
# Built once: building one anew takes longer than the database does to answer it.


def _of_years(
    line: Sequence[Unit], joined: Sequence[facts.Succession], year: int
) -> dict[str, object]:
    wanted = {unit.id for unit in line} | {one.old_id for one in joined}
    return {"units": sorted(wanted), "first": year - YEARS_BACK, "last": year}


def _successions() -> Select[int, str, int, date]:
    step = (
        select(UnitSuccession.old_id, UnitSuccession.new_id, UnitSuccession.since)
        .where(UnitSuccession.new_id.in_(_UNITS))
        .cte("step", recursive=True)
    )
    earlier = aliased(UnitSuccession)
    step = step.union(
        select(earlier.old_id, earlier.new_id, earlier.since).join(
            step, earlier.new_id == step.c.old_id
        )
    )
    return (
        select(step.c.old_id, Unit.name, step.c.new_id, step.c.since)
        .join(Unit, Unit.id == step.c.old_id)
        .order_by(step.c.since, step.c.old_id)
    )


_UNITS: BindParameter[int] = bindparam("units", expanding=True)
_FIRST: BindParameter[int] = bindparam("first")
_LAST: BindParameter[int] = bindparam("last")
_POSITION = select(Person.position).where(Person.id == bindparam("person"))
_REGISTRATION = (
    select(Registration, Unit.name, Person.full_name)
    .join(Unit, Unit.id == Registration.superior_unit_id)
    .outerjoin(Person, Person.id == Registration.acknowledged_by)
    .where(Registration.id == bindparam("registration"))
)
_SUCCESSIONS = _successions()
_SCORES = (
    select(IndexScore, Unit.name)
    .join(Unit, Unit.id == IndexScore.unit_id)
    .where(IndexScore.unit_id.in_(_UNITS), IndexScore.year.between(_FIRST, _LAST))
    .order_by(IndexScore.unit_id, IndexScore.index_kind, IndexScore.year, IndexScore.kind)
)
_TYPED_SCORES = (
    select(TypedScore, Unit.name, Person.full_name)
    .join(Unit, Unit.id == TypedScore.unit_id)
    .join(Person, Person.id == TypedScore.by_id)
    .where(TypedScore.unit_id.in_(_UNITS), TypedScore.open, TypedScore.year.between(_FIRST, _LAST))
    .order_by(TypedScore.id)
)
_TWINS = (
    select(Dossier.code, Dossier.award_form, Dossier.state)
    .where(
        Dossier.programme_id == bindparam("programme"),
        Dossier.cycle_id == bindparam("cycle"),
        Dossier.subject_key == bindparam("subject"),
        text(LIVE),
        Dossier.id != bindparam("but"),
    )
    .order_by(Dossier.code)
)
