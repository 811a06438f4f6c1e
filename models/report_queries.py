"""Selects behind the pages of reports: always under the reader's sight."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.evaluations import from_json
from models.history import report_stream
from models.lending import units_of
from models.people import Places, may_act
from models.placing import lineage_of
from models.queries_history import Line
from models.queries_people import Reader
from models.report_obligations import standing
from models.tables import HistoryLine, Person, Report, ReportFile, Unit
from models.visibility import reads_all
from workflow.ports import NotFound
from workflow.reports_due import OPEN, ReportText
from workflow.vocabulary import Post, ReportState, UnitKind

WRITING_POSTS = (Post.CLERK, Post.HEAD, Post.DEPUTY_HEAD)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One unit's report as a list shows it."""

    report: Report
    unit: str
    unit_code: str
    unit_kind: UnitKind
    filed_by: str


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """One version of a report's file with who brought it."""

    file: ReportFile
    by: str


def report_visible_to(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL over `Report`: its unit's clerks and heads, those of the unit above, and all-readers."""
    serving = units_of(person_id, day, WRITING_POSTS)
    below = select(Unit.id).where(Unit.parent_id.in_(serving))
    return and_(
        may_act(person_id),
        or_(reads_all(person_id, day), Report.unit_id.in_(serving), Report.unit_id.in_(below)),
    )


def reports_seen(session: Session, person_id: int, day: date) -> list[ReportLine]:
    """Every report this person sees: by due day, then by unit."""
    rows = session.execute(_lines().where(report_visible_to(person_id, day)))
    return [ReportLine(*row) for row in rows]


def report_line(session: Session, code: str, person_id: int, day: date) -> ReportLine:
    """One report. Raises `NotFound` when there is none, or none for this person."""
    row = session.execute(
        _lines().where(Report.id == number_of(code), report_visible_to(person_id, day))
    ).first()
    if row is None or row[0].code != code:
        raise NotFound(code)
    return ReportLine(*row)


def reports_of(session: Session, programme_id: str, report_id: str) -> list[ReportLine]:
    """What all units owe of one report, by unit: for the consolidated report of the province."""
    rows = session.execute(
        _lines().where(Report.programme_id == programme_id, Report.report_id == report_id)
    )
    return [ReportLine(*row) for row in rows]


def reports_waiting(session: Session, reader: Reader) -> list[ReportLine]:
    """Reports that wait for this reader: to be filed, or to be answered."""
    rows = session.execute(_lines().where(_waits_for(reader)))
    return [ReportLine(*row) for row in rows]


def reports_owed_by(session: Session, reader: Reader) -> list[ReportLine]:
    """Reports this reader's units still owe, soonest due first."""
    return [line for line in reports_waiting(session, reader) if line.report.state in OPEN]


def reports_waiting_count(session: Session, reader: Reader) -> int:
    """How many reports wait for this reader."""
    waiting = _waits_for(reader)
    query = select(func.count()).select_from(Report).join(Unit, Unit.id == Report.unit_id)
    return session.scalars(query.where(standing(), waiting)).one()


def owed_reports(session: Session) -> list[ReportLine]:
    """Every report a unit still owes, soonest due first: for whoever reminds of them."""
    rows = session.execute(_lines().where(Report.state.in_(OPEN)))
    return [ReportLine(*row) for row in rows]


def places_of_report(session: Session, unit_id: int) -> Places:
    """The units that matter for who may do what: the reporting one and the province above it."""
    line = lineage_of(session, unit_id)
    province = next((unit.id for unit in line if unit.kind is UnitKind.PROVINCE), None)
    return Places(unit_id, unit_id, province)


def papers_of_report(session: Session, report_id: int) -> list[ReportPaper]:
    """All versions of the file, newest first."""
    rows = session.execute(
        select(ReportFile, Person.full_name)
        .join(Person, Person.id == ReportFile.uploaded_by)
        .where(ReportFile.report_id == report_id)
        .order_by(ReportFile.version.desc())
    )
    return [ReportPaper(*row) for row in rows]


def paper_of_report(
    session: Session, code: str, file_id: int, person_id: int, day: date
) -> ReportFile:
    """One version of a file. Sight of the report decides. Raises `NotFound`."""
    report = report_line(session, code, person_id, day).report
    found = session.scalar(
        select(ReportFile).where(ReportFile.id == file_id, ReportFile.report_id == report.id)
    )
    if found is None:
        raise NotFound(code)
    return found


def report_history(session: Session, report_id: int) -> list[Line]:
    """What has happened to a report, newest first."""
    rows = session.scalars(
        select(HistoryLine)
        .where(HistoryLine.stream == report_stream(report_id))
        .order_by(HistoryLine.seq.desc())
    )
    return [
        Line(
            at=row.at,
            actor=row.actor_name,
            role=row.role,
            action=row.action,
            from_state=row.from_state,
            to_state=row.to_state,
            told=json.loads(row.payload) if row.payload else {},
            version=None,
        )
        for row in rows
    ]


def text_at(lines: Sequence[Line], version: int) -> ReportText:
    """What the unit had written at `version`; `lines` is all of the history, newest first.

    A report begins at version 1, and each line of its history makes the next.
    """
    until = lines[len(lines) - (version - 1) :] if version > 1 else ()
    for line in until:
        told = from_json(line.told.get("text"))
        if isinstance(told, dict):
            return ReportText(**told)
    return ReportText()


def number_of(code: str) -> int:
    """The row number in a code such as BC-2023-0017; 0 when it is none."""
    _, _, number = code.rpartition("-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0  # noqa: PLR2004


def latest_report_id(lines: list[ReportLine], now: datetime) -> str:
    """The report people are at: the next one due, or the last when none is ahead.

    Of two due on one day the one that comes once in the programme, which is named later.
    """
    ahead = [line.report for line in lines if line.report.due_at >= now]
    if not ahead:
        return lines[-1].report.report_id if lines else ""
    nearest = min(one.due_at for one in ahead)
    return max(one.report_id for one in ahead if one.due_at == nearest)


def _lines() -> Select[Report, str, str, UnitKind, str]:
    filer = aliased(Person)
    return (
        select(Report, Unit.name, Unit.code, Unit.kind, func.coalesce(filer.full_name, ""))
        .join(Unit, Unit.id == Report.unit_id)
        .outerjoin(filer, filer.id == Report.filed_by)
        .where(standing())
        .order_by(Report.due_at, Report.report_id, Unit.sort_key, Report.id)
    )


def _waits_for(reader: Reader) -> ColumnElement[bool]:
    """SQL over `Report` joined with `Unit`."""
    pairs = reader.pairs_for(None)
    units = sorted({unit for post, unit in pairs if post in WRITING_POSTS})
    own = and_(Report.state.in_(OPEN), Report.unit_id.in_(units)) if units else false()
    provinces = [
        unit for post, unit in pairs if post is Post.APPRAISER and reader.is_province(unit)
    ]
    if not provinces:
        return own
    theirs = and_(
        Report.state == ReportState.FILED,
        Unit.parent_id.in_(provinces),
        Report.unit_id != reader.employer_id,
    )
    return or_(own, theirs)
