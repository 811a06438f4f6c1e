"""Units as matters of reminders: those that have not registered, and scores that are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.deadlines import cycle_terms, milestones_of
from models.people import Places
from models.subjects import LOOKING_BACK, Scope, Subject
from models.tables import IndexScore, Registration, Unit
from workflow.forecast import Matter
from workflow.programme import Cycle, Programme
from workflow.registration_reminders import (
    registration_stretches,
    registration_windows,
    until_registered,
)
from workflow.score_reminders import score_stretches
from workflow.terms import Terms
from workflow.vocabulary import IndexKind, RegistrationStatus, ScoreKind, UnitKind
from workflow.words import phrase
from workflow.working_days import closing_instant, office_day

REGISTERING_KINDS: Final = (UnitKind.DEPARTMENT, UnitKind.DISTRICT, UnitKind.COMMUNE)
"""Units that register by themselves; a division registers through the body above it."""

_COUNTING: Final = (RegistrationStatus.SENT, RegistrationStatus.ACKNOWLEDGED)


def registration_subjects(
    session: Session, programme: Programme, scope: Scope
) -> Iterator[Subject]:
    """Units that have not registered, one matter a unit and year (IV.1.a).

    Two cycles of one year that close at the same instant give one reminder, and where the office
    moved a closing each part knows only what was known then. Where nobody holds a post asked for
    nothing is noted: nobody is there to register.
    """
    if not programme.registration_reminders:
        return
    set_anew = milestones_of(session, [programme.id])
    by_year: defaultdict[int, list[Cycle]] = defaultdict(list)
    for cycle in programme.cycles:
        by_year[cycle.year].append(cycle)
    for cycles in by_year.values():
        windows = [
            one
            for cycle in cycles
            for one in registration_windows(
                programme, cycle, Terms(milestones=set_anew.get((programme.id, cycle.id), ()))
            )
        ]
        opens = min(one.start for one in windows)
        last = max(one.closes for one in windows)
        if last + LOOKING_BACK < scope.live_at or opens > scope.until:
            continue
        stretches = registration_stretches(programme, cycles, windows)
        first = cycles[0]
        closes = max(one.closes for one in windows if one.end is None)
        for unit, registered_at in _registering(session, programme, first, closes):
            came = closing_instant(unit.valid_from, time(0), programme.zone)
            matter = Matter(
                f"{programme.id}:{first.year}:{unit.code}",
                Places(unit.id, unit.id),
                tuple(until_registered(stretches, came, registered_at)),
                nobody_counts=False,
            )
            yield Subject(matter, _unit_values(programme, first, unit))


def _registering(
    session: Session, programme: Programme, cycle: Cycle, closes: datetime
) -> Iterator[tuple[Unit, datetime | None]]:
    """Units there while the window was open, with when somebody registered for them.

    A registration of a division counts for the body above it.
    """
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.parent_id, func.min(Registration.sent_at))
        .join(Registration, Registration.unit_id == Unit.id)
        .where(
            Registration.programme_id == programme.id,
            Registration.year == cycle.year,
            Registration.status.in_(_COUNTING),
        )
        .group_by(Unit.id, Unit.kind, Unit.parent_id)
    )
    day = office_day(closes, programme.zone)
    first: dict[int, datetime] = {}
    for unit_id, kind, parent_id, sent_at in rows:
        whose = [unit_id]
        if kind is UnitKind.DIVISION and parent_id is not None:
            whose.append(parent_id)
        for one in whose:
            first[one] = min(sent_at, first.get(one, sent_at))
    units = session.scalars(
        select(Unit)
        .where(
            Unit.kind.in_(REGISTERING_KINDS),
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
        )
        .order_by(Unit.code)
    )
    for unit in units:
        yield unit, first.get(unit.id)


def _unit_values(programme: Programme, cycle: Cycle, unit: Unit) -> dict[str, Any]:
    return {
        "code": "",
        "subject": unit.name,
        "unit": unit.name,
        "cycle": cycle.label,
        "programme": programme.id,
        "programme_title": programme.short_title,
        "year": cycle.year,
        "award": "",
    }


def score_subjects(session: Session, programme: Programme, scope: Scope) -> Iterator[Subject]:
    """Years of review whose published PAR Index is not whole, told to the province (IV.1.b)."""
    province = session.scalar(select(Unit.id).where(Unit.kind == UnitKind.PROVINCE))
    if province is None:
        return
    ordered = sorted(programme.cycles, key=lambda one: one.milestones.decided)
    for cycle in {one.year: one for one in ordered}.values():
        begins = closing_instant(cycle.milestones.submitted, time(0), programme.zone)
        ends = closing_instant(cycle.milestones.decided, programme.closing_time, programme.zone)
        if ends + LOOKING_BACK < scope.live_at or begins - LOOKING_BACK > scope.until:
            continue
        missing, whole_at = _scores(session, cycle)
        if not missing and whole_at is None:
            continue
        terms = cycle_terms(session, programme.id, cycle.id)
        stretches = score_stretches(programme, cycle, terms, whole_at)
        subject = f"{programme.id}:scores:{cycle.year}"
        matter = Matter(subject, Places(province, province, province), stretches)
        values = {
            "code": "",
            "subject": phrase("Chỉ số CCHC năm {year}", year=cycle.year),
            "unit": phrase("toàn tỉnh"),
            "cycle": cycle.label,
            "year": cycle.year,
            "missing": missing,
            "page": "/viec",
            "award": "",
        }
        yield Subject(matter, values)


def _scores(session: Session, cycle: Cycle) -> tuple[int, datetime | None]:
    """How many scored units lack a published index now, and when the last one came in."""
    rows = session.execute(
        select(Unit.id, IndexScore.entered_at)
        .outerjoin(
            IndexScore,
            (IndexScore.unit_id == Unit.id)
            & (IndexScore.index_kind == IndexKind.PAR)
            & (IndexScore.kind == ScoreKind.PUBLISHED)
            & (IndexScore.year == cycle.year),
        )
        .where(
            Unit.scored_by_province,
            Unit.valid_from <= cycle.snapshot,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= cycle.snapshot),
        )
    ).all()
    entered: list[datetime | None] = [at for _, at in rows]
    missing = sum(at is None for at in entered)
    known = [at for at in entered if at is not None]
    if missing:
        return missing, None
    return 0, max(known, default=None)
