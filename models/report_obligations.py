"""Who owes which report: obligations made by the programme, in sets, once each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.report_dates import reports_as_set
from models.tables import Report, Unit
from workflow.report_reminders import due_instant
from workflow.reports_due import OPEN
from workflow.working_days import office_day

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from workflow.programme import Programme, ReportTable
    from workflow.rulebook import Rulebook


def ensure_obligations(session: Session, rulebook: Rulebook, now: datetime) -> int:
    """Give every unit its obligation for each report that has opened; returns how many are new.

    Owed by the units there are on the due day. What is there stays; a report not yet filed
    follows the version in force and the due day set anew. Run it as often as you like,
    from anywhere.
    """
    programme = rulebook.programme
    today = office_day(now, programme.zone)
    made = 0
    for report in reports_as_set(session, programme):
        _follow(session, programme, report)
        if report.opens <= today:
            made += _make(session, programme, report, now)
    return made


def lacks_some(session: Session, rulebook: Rulebook, now: datetime) -> bool:
    """Is there an obligation to be made? Asked by reading, so that a tick need not write."""
    programme = rulebook.programme
    today = office_day(now, programme.zone)
    return any(
        report.opens <= today
        and session.execute(_owing(programme, report, now).limit(1)).first() is not None
        for report in reports_as_set(session, programme)
    )


def standing() -> ColumnElement[bool]:
    """SQL over `Report` joined with `Unit`: it was filed, or the unit is there on the due day.

    A unit that is dissolved before the day owes nothing; what it had filed stays.
    """
    return or_(Report.state.not_in(OPEN), _there_on(Report.due_on))


def _there_on(day: object) -> ColumnElement[bool]:
    return and_(Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to >= day))


def _follow(session: Session, programme: Programme, report: ReportTable) -> None:
    session.execute(
        update(Report)
        .where(
            Report.programme_id == programme.id,
            Report.report_id == report.id,
            Report.state.in_(OPEN),
            or_(Report.programme_hash != programme.content_hash, Report.due_on != report.due),
        )
        .values(
            programme_hash=programme.content_hash,
            due_on=report.due,
            due_at=due_instant(programme, report),
        )
    )


def _make(session: Session, programme: Programme, report: ReportTable, now: datetime) -> int:
    """One INSERT … SELECT; two at once leave one row, by the unique key."""
    owing = _owing(programme, report, now)
    names = [str(column.key) for column in owing.selected_columns]
    if session.get_bind().dialect.name == "postgresql":
        on_postgresql = postgresql.insert(Report).from_select(names, owing)
        made = session.execute(on_postgresql.on_conflict_do_nothing().returning(Report.id))
    else:
        on_sqlite = sqlite.insert(Report).from_select(names, owing)
        made = session.execute(on_sqlite.on_conflict_do_nothing().returning(Report.id))
    return len(made.all())


def _owing(programme: Programme, report: ReportTable, now: datetime) -> Select[*tuple[object, ...]]:
    columns = {
        "programme_id": programme.id,
        "programme_hash": programme.content_hash,
        "report_id": report.id,
        "year": report.year,
        "due_on": report.due,
        "due_at": due_instant(programme, report),
        "created_at": now,
        "updated_at": now,
    }
    told = [
        literal(value, Report.__table__.c[name].type).label(name) for name, value in columns.items()
    ]
    has_one = exists().where(
        Report.programme_id == programme.id,
        Report.report_id == report.id,
        Report.unit_id == Unit.id,
    )
    return (
        select(*told, Unit.id.label("unit_id"))
        .where(Unit.kind.in_(report.owed_by), _there_on(report.due), ~has_one)
        .order_by(Unit.sort_key, Unit.id)
    )
