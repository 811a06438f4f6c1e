"""Until a decision is published, only the deciding side knows: others see the dossier as before.

Two forms of one rule: a condition for filters and counts, and a change of rows already read. The
record itself is untouched; a row shown otherwise is never written back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.tables import Decision, Dossier, HistoryLine
from models.visibility import reads_all, serves_at
from workflow.facts import DossierFacts
from workflow.vocabulary import Action, State

if TYPE_CHECKING:
    from models.queries_history import Line

SHOWN = State.BOARD_CHECKED
"""Where a dossier with an unpublished decision stands for those who are not to know."""


def hidden_from(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL over `Dossier`: it is decided, not published, and this person is not to know yet."""
    unpublished = exists().where(
        Decision.id == Dossier.decision_id, Decision.published_at.is_(None)
    )
    return and_(
        Dossier.state == State.DECIDED,
        unpublished,
        ~serves_at(Dossier.deciding_unit_id, person_id, day),
        ~reads_all(person_id, day),
    )


def shown_state(person_id: int, day: date) -> ColumnElement[State]:
    """SQL: the state this person is shown."""
    shown = literal(SHOWN, Dossier.state.type)
    return case((hidden_from(person_id, day), shown), else_=Dossier.state)


def shown_since(person_id: int, day: date) -> ColumnElement[datetime]:
    """SQL: since when the dossier stands where this person is shown it (UTC)."""
    entered = _entered_shown().scalar_subquery()
    return case((hidden_from(person_id, day), entered), else_=Dossier.entered_state_at)


def _entered_shown() -> Select[datetime]:
    return select(func.max(HistoryLine.at)).where(
        HistoryLine.dossier_id == Dossier.id, HistoryLine.to_state == SHOWN.value
    )


def told_state() -> ColumnElement[State]:
    """SQL: the state as everybody is shown it, for figures that leave the house."""
    unpublished = exists().where(
        Decision.id == Dossier.decision_id, Decision.published_at.is_(None)
    )
    hidden = and_(Dossier.state == State.DECIDED, unpublished)
    return case((hidden, literal(SHOWN, Dossier.state.type)), else_=Dossier.state)


def conceal(
    session: Session, dossiers: Sequence[Dossier], person_id: int, day: date
) -> frozenset[int]:
    """Show what this person is not to know as it stood before; returns the ids concerned.

    Asks the database only when one of the rows is decided at all.
    """
    decided = [one.id for one in dossiers if one.state is State.DECIDED]
    if not decided:
        return frozenset()
    entered = _entered_shown().scalar_subquery()
    found = {
        row.id: row.entered
        for row in session.execute(
            select(Dossier.id, entered.label("entered")).where(
                Dossier.id.in_(decided), hidden_from(person_id, day)
            )
        )
    }
    for one in dossiers:
        if one.id in found:
            set_committed_value(one, "state", SHOWN)
            set_committed_value(one, "decision_id", None)
            set_committed_value(one, "entered_state_at", found[one.id])
    return frozenset(found)


def knows(session: Session, dossier: Dossier, person_id: int, day: date) -> bool:
    """May this person hear of what was last decided about the dossier?"""
    decision = session.get(Decision, dossier.decision_id) if dossier.decision_id else None
    if decision is not None and decision.published_at is not None:
        return True
    return is_inside(session, dossier, person_id, day)


def is_hidden_from(session: Session, dossier: Dossier, person_id: int, day: date) -> bool:
    """Is this row decided without this person being told yet?"""
    if dossier.state is not State.DECIDED:
        return False
    hidden = select(Dossier.id).where(Dossier.id == dossier.id, hidden_from(person_id, day))
    return session.scalar(hidden) is not None


def is_inside(session: Session, dossier: Dossier, person_id: int, day: date) -> bool:
    """Does the person belong to the deciding side, or read everything?"""
    serving = serves_at(Dossier.deciding_unit_id, person_id, day)
    known = or_(serving, reads_all(person_id, day))
    found = session.scalar(select(Dossier.id).where(Dossier.id == dossier.id, known))
    return found is not None


def facts_before(facts: DossierFacts) -> DossierFacts:
    """The facts as they were before the decision, for somebody who is not to know of it.

    Being signed is no secret: a dossier on a list that is still being prepared says the same.
    """
    acts = tuple(act for act in facts.acts if act.action not in _OF_THE_DECISION)
    return replace(facts, state=SHOWN, decision=None, acts=acts, signing=True)


def lines_told(
    session: Session, dossier: Dossier, lines: list[Line], person_id: int, day: date
) -> list[Line]:
    """The history, newest first, without what only the deciding side knows.

    Others never learn of a decision that was taken back before it was published, nor of one that
    is not published yet. `dossier` is the row as this person is shown it.
    """
    told, drop = [], dossier.state is SHOWN and bool(lines) and lines[0].to_state == _DECIDED
    if not drop and all(line.action != Action.RETRACT for line in lines):
        return lines
    if is_inside(session, dossier, person_id, day):
        return lines
    for line in lines:
        if line.action == Action.RETRACT:
            drop = True
        elif line.action == Action.DECIDE and drop:
            drop = False
        else:
            told.append(line)
    return told


_OF_THE_DECISION = frozenset({Action.DECIDE, Action.RETRACT})
_DECIDED = State.DECIDED.value
