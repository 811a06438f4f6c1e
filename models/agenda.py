"""What lies ahead for one reader: deadlines of dossiers, and the dates of the programme itself.

Instants come from `workflow.deadlines.deadline_of` alone, so that page, feed and guard agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from models.concealing import hidden_from
from models.deadlines import milestones_of, timed
from models.gathering import read_supplement
from models.queries_dossiers import Row, fetch, rows_where
from models.queries_inbox import Inbox
from models.queries_people import Reader
from models.queries_turns import programmes
from models.tables import Dossier, ProgrammeVersion
from models.visibility import visible_to
from workflow.deadlines import Deadline, WholeCycle, deadline_of, deadlines_of, next_state
from workflow.programme import AwardForm, Cycle, Programme
from workflow.terms import Terms
from workflow.vocabulary import ENDS, State

MOST = 2000
MINE, UNIT, ALL = "toi", "don-vi", "tat-ca"


@dataclass(frozen=True, slots=True)
class DossierLine:
    """The next deadline of one dossier: a milestone's, or the day a supplement is due."""

    row: Row
    programme: Programme
    state: State
    instant: datetime
    deadline: Deadline | None
    supplement_round: int = 0


@dataclass(frozen=True, slots=True)
class CycleLine:
    """One milestone of a cycle; `award` is None when every form of award shares it."""

    programme: Programme
    cycle: Cycle
    award: AwardForm | None
    deadline: Deadline


def dossier_lines(session: Session, reader: Reader, scope: str, day: date) -> list[DossierLine]:
    """The next deadlines of the live dossiers in a scope, soonest first."""
    known = programmes(session)
    condition = _scoped(session, reader, scope, known, day)
    query = rows_where(condition).order_by(Dossier.entered_state_at, Dossier.code).limit(MOST)
    lines = [
        line
        for row in fetch(session, query, reader.person_id, day)
        if (line := _line(row, known[row.dossier.programme_hash])) is not None
    ]
    return sorted(lines, key=lambda line: (line.instant, line.row.dossier.code))


def cycle_lines(session: Session, programme: Programme) -> list[CycleLine]:
    """Every milestone of every cycle; a form of award only where it differs from the others."""
    set_anew = milestones_of(session, [programme.id])
    found: list[CycleLine] = []
    for cycle in programme.cycles:
        terms = Terms(milestones=set_anew.get((programme.id, cycle.id), ()))
        common = deadlines_of(programme, WholeCycle(cycle.id, terms=terms))
        found += [CycleLine(programme, cycle, None, one) for one in common]
        for award in programme.awards:
            if cycle.kind not in award.cycles:
                continue
            own = deadlines_of(programme, WholeCycle(cycle.id, award.id, terms=terms))
            found += [
                CycleLine(programme, cycle, award, mine)
                for mine, theirs in zip(own, common, strict=True)
                if mine.instant != theirs.instant
            ]
    return sorted(found, key=lambda line: line.deadline.instant)


def loaded_versions(session: Session, programme_id: str) -> int:
    """How many versions of the programme's file were ever loaded: it only grows."""
    return session.scalars(
        select(func.count())
        .select_from(ProgrammeVersion)
        .where(ProgrammeVersion.programme_id == programme_id)
    ).one()


def _scoped(
    session: Session, reader: Reader, scope: str, known: Mapping[str, Programme], day: date
) -> ColumnElement[bool]:
    inbox = Inbox(session, reader, dict(known), day)
    if scope == MINE:
        return inbox.mine
    if scope == UNIT:
        return or_(inbox.mine, inbox.waiting)
    live = or_(Dossier.state.not_in(ENDS), hidden_from(reader.person_id, day))
    return and_(visible_to(reader.person_id, day), live)


def _line(row: Row, programme: Programme) -> DossierLine | None:
    dossier = row.dossier
    supplement = read_supplement(dossier.supplement)
    if supplement is not None:
        return DossierLine(row, programme, dossier.state, supplement.due, None, supplement.round)
    target = next_state(dossier.state)
    deadline = deadline_of(programme, timed(dossier, row.terms), target) if target else None
    if target is None or deadline is None:
        return None
    return DossierLine(row, programme, target, deadline.instant, deadline)
