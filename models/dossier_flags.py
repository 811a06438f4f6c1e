"""Flags of dossiers as conditions in SQL: asked for more, extended, held, late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from models.deadlines import milestones_of, terms_of, timed
from models.tables import Dossier, Suspension
from workflow.deadlines import WholeCycle, deadline_of, next_state
from workflow.programme import Programme
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import ENDS, PROGRESS, State


def flagged(
    session: Session, flag: str, known: dict[str, Programme], now: datetime
) -> ColumnElement[bool]:
    """SQL for a flag: supplement asked, extended, held, late or due soon."""
    if flag == "bo-sung":
        return and_(Dossier.supplement.is_not(None), Dossier.state.not_in(ENDS))
    if flag == "gia-han":
        return and_(Dossier.extended_until.is_not(None), Dossier.state.not_in(ENDS))
    if flag == "tam-dung":
        return and_(Dossier.hold_since.is_not(None), Dossier.state.not_in(ENDS))
    if flag != "qua-han":
        return false()
    set_anew = milestones_of(session, {each.id for each in known.values()})
    stopped, late = _stopped(session, known, now)
    by_rule = or_(false(), *(_late(each, set_anew, now) for each in known.values()))
    return or_(and_(by_rule, Dossier.id.not_in(stopped)), Dossier.id.in_(late))


def _stopped(
    session: Session, known: dict[str, Programme], now: datetime
) -> tuple[list[int], list[int]]:
    """Dossiers whose clock once stood still, and those of them that are late all the same."""
    rows = session.scalars(
        select(Dossier).where(
            exists().where(Suspension.dossier_id == Dossier.id), Dossier.state.not_in(ENDS)
        )
    ).all()
    terms = terms_of(session, rows)
    late = []
    for one in rows:
        target = next_state(one.state)
        here = timed(one, terms[one.id])
        due = deadline_of(known[one.programme_hash], here, target) if target else None
        if due is not None and due.instant < now:
            late.append(one.id)
    return [one.id for one in rows], late


def _late(
    programme: Programme,
    set_anew: Mapping[tuple[str, str], tuple[MilestoneSet, ...]],
    now: datetime,
) -> ColumnElement[bool]:
    """SQL: the milestone of the next state has passed, extensions counted."""
    passed: list[ColumnElement[bool]] = []
    for cycle in programme.cycles:
        terms = Terms(milestones=set_anew.get((programme.id, cycle.id), ()))
        for state, target in pairwise(PROGRESS):
            awards = []
            for award in ("", *programme.award_by_id):
                due = deadline_of(programme, WholeCycle(cycle.id, award, terms=terms), target)
                if due is not None and due.instant < now:
                    awards.append(award)
            passed.append(_stands(cycle.id, awards, state))
    extended = and_(Dossier.state == State.REGISTERED, Dossier.extended_until >= now)
    return and_(
        Dossier.programme_hash == programme.content_hash,
        or_(false(), *passed),
        or_(Dossier.extended_until.is_(None), ~extended),
    )


def _stands(cycle_id: str, awards: list[str], state: State) -> ColumnElement[bool]:
    return and_(
        Dossier.cycle_id == cycle_id, Dossier.award_form.in_(awards), Dossier.state == state
    )
