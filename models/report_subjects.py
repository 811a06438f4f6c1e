"""Reports units owe as matters of reminders: until filed, and again after a return (V.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.history import report_stream
from models.people import Places
from models.queries_inbox import office_calendar
from models.report_dates import dates_of
from models.subjects import LOOKING_BACK, Scope, Subject
from models.tables import HistoryLine, Report, Unit
from workflow.forecast import Matter
from workflow.programme import Programme, ReportTable
from workflow.report_reminders import DateSet, as_set, plans_of, report_stretches
from workflow.vocabulary import ReportAction, UnitKind
from workflow.working_days import closing_instant

PAGE = "/bao-cao-dinh-ky"
_ACTIONS = {f"report_{one.value}": one for one in (ReportAction.FILE, ReportAction.RETURN)}


@dataclass(frozen=True, slots=True)
class _Owing:
    """A unit that owes a report, with its row once there is one."""

    unit: Unit
    code: str
    stream: str


def report_subjects(session: Session, programme: Programme, scope: Scope) -> Iterator[Subject]:
    """One matter a report and unit, whether its row is made yet or not: so far ahead one can see.

    Owed by the units that are there on the due day.
    """
    dates = dates_of(session, programme.id)
    reports = [
        one for one in programme.reports if _near(programme, one, dates.get(one.id, ()), scope)
    ]
    if not reports:
        return
    calendar = office_calendar(session)
    provinces = select(Unit.id).where(Unit.kind == UnitKind.PROVINCE).order_by(Unit.id).limit(1)
    province = session.scalar(provinces)
    for report in reports:
        set_anew = dates.get(report.id, ())
        plans = plans_of(programme, report, set_anew, calendar)
        if not any(one.marks for one in plans):
            continue
        opens = closing_instant(report.opens, time(0), programme.zone)
        owing = _owing(session, programme, as_set(report, set_anew))
        steps = _steps(session, [one.stream for one in owing if one.stream])
        for one in owing:
            came = closing_instant(one.unit.valid_from, time(0), programme.zone)
            matter = Matter(
                subject=f"{programme.id}:{report.id}:{one.unit.code}",
                places=Places(one.unit.id, one.unit.id, province),
                stretches=report_stretches(plans, max(opens, came), steps[one.stream]),
            )
            yield Subject(matter, _values(report, one))


def _near(
    programme: Programme, report: ReportTable, dates: Sequence[DateSet], scope: Scope
) -> bool:
    opens = closing_instant(report.opens, time(0), programme.zone)
    days = (report.due, *(one.day for one in dates))
    due = closing_instant(max(days), programme.closing_time, programme.zone)
    return opens <= scope.until and due + LOOKING_BACK >= scope.live_at


def _owing(session: Session, programme: Programme, report: ReportTable) -> list[_Owing]:
    day: date = report.due
    rows = session.execute(
        select(Unit, Report)
        .outerjoin(
            Report,
            (Report.unit_id == Unit.id)
            & (Report.programme_id == programme.id)
            & (Report.report_id == report.id),
        )
        .where(
            Unit.kind.in_(report.owed_by),
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
        )
        .order_by(Unit.code)
    )
    found: list[tuple[Unit, Report | None]] = [(unit, row) for unit, row in rows]
    return [
        _Owing(unit, row.code if row else "", report_stream(row.id) if row else "")
        for unit, row in found
    ]


def _steps(
    session: Session, streams: list[str]
) -> defaultdict[str, list[tuple[ReportAction, datetime]]]:
    rows = session.execute(
        select(HistoryLine.stream, HistoryLine.action, HistoryLine.at)
        .where(HistoryLine.stream.in_(streams), HistoryLine.action.in_(tuple(_ACTIONS)))
        .order_by(HistoryLine.stream, HistoryLine.seq)
    )
    found: defaultdict[str, list[tuple[ReportAction, datetime]]] = defaultdict(list)
    for stream, action, at in rows:
        found[stream].append((_ACTIONS[action], at))
    return found


def _values(report: ReportTable, one: _Owing) -> dict[str, Any]:
    title = report.title
    return {
        "code": one.code,
        "page": f"{PAGE}/{one.code}" if one.code else PAGE,
        "subject": one.unit.name,
        "unit": one.unit.name,
        "report": title[:1].lower() + title[1:],
        "cycle": "",
        "award": "",
        "year": report.year,
    }
