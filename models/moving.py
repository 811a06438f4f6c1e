"""Whom a change of milestones makes late, or puts in time again: named before it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deadlines import (
    NewMilestone,
    cycle_terms,
    terms_of,
    timed,
    with_wanted,
)
from models.queries_turns import programmes
from models.tables import Dossier, Registration
from workflow.deadlines import WholeCycle, deadline_of, next_state, registered_at
from workflow.programme import Programme
from workflow.vocabulary import ENDS, RegistrationStatus, State


@dataclass(frozen=True, slots=True)
class Touched:
    """A live dossier or a registration whose deadline passes over it: before and after.

    `state` is None for a registration. `late`: does it become late, or is it in time again?
    """

    code: str
    subject: str
    state: State | None
    before: datetime
    after: datetime
    late: bool


def touched(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone], now: datetime
) -> list[Touched]:
    """Everything that would be late, or late no more, once `wanted` is saved; by code."""
    found = [
        *_dossiers(session, programme, wanted, now),
        *_registrations(session, programme, wanted),
    ]
    return sorted(found, key=lambda one: one.code)


def becoming_late(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone], now: datetime
) -> list[Touched]:
    """Those of them that become late."""
    return [one for one in touched(session, programme, wanted, now) if one.late]


def _dossiers(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone], now: datetime
) -> Iterator[Touched]:
    dossiers = session.scalars(
        select(Dossier).where(
            Dossier.programme_id == programme.id,
            Dossier.cycle_id.in_(sorted({one.cycle_id for one in wanted})),
            Dossier.state.not_in(ENDS),
        )
    ).all()
    terms, own = terms_of(session, dossiers), programmes(session)
    for dossier in dossiers:
        rules = own[dossier.programme_hash]
        before = timed(dossier, terms[dossier.id])
        after = timed(dossier, with_wanted(programme, dossier.cycle_id, terms[dossier.id], wanted))
        target = next_state(dossier.state)
        old = deadline_of(rules, before, target) if target else None
        new = deadline_of(rules, after, target) if target else None
        if old and new and (old.instant < now) != (new.instant < now):
            late = new.instant < now
            yield Touched(
                dossier.code, dossier.subject_name, dossier.state, old.instant, new.instant, late
            )


def _registrations(
    session: Session, programme: Programme, wanted: Sequence[NewMilestone]
) -> Iterator[Touched]:
    """Registrations sent or acknowledged that a moved closing passes over (R05b)."""
    for one in wanted:
        if one.state is not State.REGISTERED:
            continue
        terms = cycle_terms(session, programme.id, one.cycle_id)
        after = with_wanted(programme, one.cycle_id, terms, [one])
        old = deadline_of(programme, WholeCycle(one.cycle_id, terms=terms), one.state)
        new = deadline_of(programme, WholeCycle(one.cycle_id, terms=after), one.state)
        if old is None or new is None:
            continue
        rows = session.scalars(
            select(Registration).where(
                Registration.programme_id == programme.id,
                Registration.cycle_id == one.cycle_id,
                Registration.status.in_((RegistrationStatus.SENT, RegistrationStatus.ACKNOWLEDGED)),
            )
        )
        for row in rows:
            at = registered_at(row.registered_on, row.sent_at, programme.zone)
            if (at > old.instant) != (at > new.instant):
                late = at > new.instant
                yield Touched(row.code, row.subject_name, None, old.instant, new.instant, late)
