"""What the pages of decisions show: who waits, which lists are open, which decisions there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.tables import Decision, DecisionList, Dossier, ListedDossier, Person, Unit
from models.words import ListState
from workflow.vocabulary import State

RECENT = 30


@dataclass(frozen=True, slots=True)
class ListLine:
    """An open list with how many stand on it."""

    id: int
    programme_id: str
    cycle_id: str
    award_form: str
    unit_id: int
    unit: str
    by: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision with how many it honours now."""

    decision: Decision
    unit: str
    count: int
    award_form: str
    cycle_id: str
    programme_id: str


def open_lists(session: Session, unit_ids: Sequence[int]) -> list[ListLine]:
    """Lists these units are preparing, the newest first."""
    standing = func.count(ListedDossier.id).filter(ListedDossier.standing)
    rows = session.execute(
        select(DecisionList, Unit.name, Person.full_name, standing)
        .join(Unit, Unit.id == DecisionList.unit_id)
        .join(Person, Person.id == DecisionList.created_by)
        .outerjoin(ListedDossier, ListedDossier.list_id == DecisionList.id)
        .where(DecisionList.unit_id.in_(unit_ids), DecisionList.state == ListState.OPEN)
        .group_by(DecisionList.id, Unit.name, Person.full_name)
        .order_by(DecisionList.id.desc())
    )
    return [
        ListLine(
            one.id,
            one.programme_id,
            one.cycle_id,
            one.award_form,
            one.unit_id,
            unit,
            by,
            one.created_at,
            count,
        )
        for one, unit, by, count in rows
    ]


def list_of(session: Session, list_id: int) -> ListLine | None:
    """One open list; None when it is closed or there is none."""
    unit = session.scalar(select(DecisionList.unit_id).where(DecisionList.id == list_id))
    lines = open_lists(session, [unit]) if unit is not None else []
    return next((one for one in lines if one.id == list_id), None)


def decisions_of(
    session: Session,
    unit_ids: Sequence[int],
    most: int | None = RECENT,
    *,
    programme_id: str = "",
    cycle_id: str = "",
) -> list[DecisionLine]:
    """Decisions of these units that honour somebody: unpublished ones first, then the newest.

    Narrowed to a programme and a cycle unless these are empty.
    """
    query = _decisions().where(Decision.unit_id.in_(unit_ids))
    if programme_id:
        query = query.where(Dossier.programme_id == programme_id)
    if cycle_id:
        query = query.where(Dossier.cycle_id == cycle_id)
    ordered = query.order_by(Decision.published_at.is_not(None), Decision.id.desc())
    return [DecisionLine(*row) for row in session.execute(ordered.limit(most))]


def decision_line(session: Session, decision_id: int) -> DecisionLine | None:
    """One decision that honours somebody."""
    row = session.execute(_decisions().where(Decision.id == decision_id)).first()
    return DecisionLine(*row) if row else None


def _decisions() -> Select[Decision, str, int, str, str, str]:
    """Each decision with its unit, and of its dossiers how many and what they have in common."""
    return (
        select(
            Decision,
            Unit.name,
            func.count(Dossier.id),
            func.min(Dossier.award_form),
            func.min(Dossier.cycle_id),
            func.min(Dossier.programme_id),
        )
        .join(Unit, Unit.id == Decision.unit_id)
        .join(Dossier, Dossier.decision_id == Decision.id)
        .group_by(Decision.id, Unit.name)
    )


def honoured(session: Session, decision_id: int) -> list[Dossier]:
    """The dossiers of a decision, revoked ones included."""
    return list(
        session.scalars(
            select(Dossier).where(Dossier.decision_id == decision_id).order_by(Dossier.code)
        )
    )


def competing(session: Session, like: Dossier) -> list[Dossier]:
    """Checked dossiers that competed with this one and are on no list: not awarded so far."""
    listed = select(ListedDossier.dossier_id).where(ListedDossier.standing)
    return list(
        session.scalars(
            select(Dossier)
            .where(
                Dossier.state == State.BOARD_CHECKED,
                Dossier.programme_id == like.programme_id,
                Dossier.cycle_id == like.cycle_id,
                Dossier.award_form == like.award_form,
                Dossier.deciding_unit_id == like.deciding_unit_id,
                Dossier.subject_kind == like.subject_kind,
                Dossier.id.not_in(listed),
            )
            .order_by(Dossier.code)
        )
    )
