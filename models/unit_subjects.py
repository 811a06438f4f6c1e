"""Units as matters of reminders: those that have not registered, and scores that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.deadlines import cycle_terms
from models.people import Places
from models.subjects import LOOKING_BACK, Scope, Subject
from models.tables import IndexScore, Registration, Unit
from workflow.forecast import (
    CYCLE_OVER,
    REGISTERED,
    SCORES_IN,
    WINDOW_CLOSED,
    Matter,
    Stretch,
)
from workflow.programme import Cycle, Programme
from workflow.reminders import registration_marks, score_marks
from workflow.vocabulary import IndexKind, RegistrationStatus, ScoreKind, UnitKind
from workflow.working_days import closing_instant

REGISTERING_KINDS: Final = (UnitKind.DEPARTMENT, UnitKind.DISTRICT, UnitKind.COMMUNE)
"""Units that register by themselves; a division registers through the body above it."""

_COUNTING: Final = (RegistrationStatus.SENT, RegistrationStatus.ACKNOWLEDGED)


def registration_subjects(
    session: Session, programme: Programme, scope: Scope
) -> Iterator[Subject]:
    """Units that have not registered, one matter a unit, year and closing day (IV.1.a).

    Two cycles of one year that close on the same day are one matter and give one reminder. Where
    nobody holds a post asked for nothing is noted: nobody is there to register.
    """
    seen: set[tuple[int, datetime]] = set()
    for cycle in programme.cycles:
        opens = closing_instant(cycle.registration_opens, time(0), programme.zone)
        closes = closing_instant(cycle.registration_closes, programme.closing_time, programme.zone)
        far = closes + LOOKING_BACK < scope.live_at or opens > scope.until
        if far or (cycle.year, closes) in seen or not programme.registration_reminders:
            continue
        seen.add((cycle.year, closes))
        found = tuple(
            mark
            for rule in programme.registration_reminders
            for mark in registration_marks(programme, cycle, rule)
        )
        for unit, registered_at in _registering(session, programme.id, cycle):
            came = closing_instant(unit.valid_from, time(0), programme.zone)
            end, because = closes + timedelta(seconds=1), WINDOW_CLOSED
            if registered_at is not None and registered_at < end:
                end, because = registered_at, REGISTERED
            stretch = Stretch(found, opens, max(opens, came), end, because)
            subject = f"{programme.id}:{cycle.year}:{unit.code}"
            matter = Matter(subject, Places(unit.id, unit.id), (stretch,), nobody_counts=False)
            yield Subject(matter, _unit_values(programme, cycle, unit))


def _registering(
    session: Session, programme_id: str, cycle: Cycle
) -> Iterator[tuple[Unit, datetime | None]]:
    """Units there while the window was open, with when somebody registered for them.

    A registration of a division counts for the body above it.
    """
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.parent_id, func.min(Registration.sent_at))
        .join(Registration, Registration.unit_id == Unit.id)
        .where(
            Registration.programme_id == programme_id,
            Registration.year == cycle.year,
            Registration.status.in_(_COUNTING),
        )
        .group_by(Unit.id, Unit.kind, Unit.parent_id)
    )
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
            Unit.valid_from <= cycle.registration_closes,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= cycle.registration_closes),
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
        found = score_marks(programme, cycle, cycle_terms(session, programme.id, cycle.id))
        missing, whole_at = _scores(session, cycle)
        if not missing and whole_at is None:
            continue
        opens = closing_instant(programme.starts, time(0), programme.zone)
        end, because = max((mark.deadline for mark in found), default=ends), CYCLE_OVER
        if whole_at is not None and whole_at < end:
            end, because = whole_at, SCORES_IN
        stretch = Stretch(found, opens, opens, end, because)
        subject = f"{programme.id}:scores:{cycle.year}"
        matter = Matter(subject, Places(province, province, province), (stretch,))
        values = {
            "code": "",
            "subject": f"Chỉ số CCHC năm {cycle.year}",
            "unit": "toàn tỉnh",
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
