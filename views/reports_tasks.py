"""Rows of the inbox about reports: to be filed by the unit, to be answered by the Board."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from models.people import Places, roles_of
from models.queries_people import Reader
from models.report_dates import dates_of
from models.report_queries import ReportLine, reports_owed_by, reports_waiting
from models.rulebooks import rulebook_of
from views import flags, formats, labels
from views.formats import _
from views.labels import Flag
from views.reports_words import button
from views.side_by_side import Choice
from views.tasks import Task
from workflow.reminders import Calendar, Mark
from workflow.report_reminders import DateSet, as_set, report_marks
from workflow.reports_due import is_overdue, owes


def waiting(
    session: Session, reader: Reader, now: datetime, wanted: Choice | None = None
) -> list[Task]:
    """What the reader has to do about reports, of what is asked for."""
    return [_task(session, line, now) for line in _wanted(session, reader, wanted)]


def coming(
    session: Session, reader: Reader, calendar: Calendar, now: datetime
) -> Iterator[tuple[str, Mark]]:
    """Reminders still ahead about reports the reader owes, each with the report's code."""
    set_anew: dict[str, dict[str, tuple[DateSet, ...]]] = {}
    for line in reports_owed_by(session, reader):
        report = line.report
        programme = rulebook_of(session, report.programme_hash).programme
        if programme.id not in set_anew:
            set_anew[programme.id] = dates_of(session, programme.id)
        dates = set_anew[programme.id].get(report.report_id, ())
        table = as_set(programme.report_by_id[report.report_id], dates)
        roles = roles_of(reader.pairs_for(None), Places(report.unit_id, report.unit_id))
        for mark in report_marks(programme, table, calendar):
            if mark.sends_at > now and roles.intersection(mark.to):
                yield report.code, mark


def overdue(session: Session, reader: Reader, now: datetime, wanted: Choice | None = None) -> int:
    """How many reports the reader owes past their instant, of what is asked for."""
    owed = (line.report for line in _wanted(session, reader, wanted))
    return sum(is_overdue(report.state, report.due_at, now) for report in owed)


def _wanted(session: Session, reader: Reader, wanted: Choice | None) -> list[ReportLine]:
    found = reports_waiting(session, reader)
    if wanted is None or not wanted.narrows:
        return found
    return [
        line for line in found if wanted.keeps(line.report.programme_id, _cycles(session, line))
    ]


def _cycles(session: Session, line: ReportLine) -> tuple[str, ...]:
    programme = rulebook_of(session, line.report.programme_hash).programme
    return programme.report_by_id[line.report.report_id].cycles


def _task(session: Session, line: ReportLine, now: datetime) -> Task:
    report = line.report
    programme = rulebook_of(session, report.programme_hash).programme
    title = formats.lower_first(programme.report_by_id[report.report_id].title)
    url = url_for("reports_due.show", code=report.code)
    mine = owes(report.state)
    late = is_overdue(report.state, report.due_at, now)
    return Task(
        title=_("Gửi {title}", title=title)
        if mine
        else _("Tiếp nhận {title}: {unit}", title=title, unit=line.unit),
        url=url,
        who=_("{code} · {unit}", code=report.code, unit=line.unit),
        due=report.due_at if mine else None,
        **flags.due_words(report.due_at if mine else None, now),
        flags=[Flag("bad", "wait", _("Quá hạn"))] if late else [labels.REPORT[report.state]],
        progress_text="" if mine or report.filed_at is None else _filed(line, report.filed_at),
        button_label=button(report.state, drafted=report.version > 1) if mine else _("Tiếp nhận"),
        button_url=url,
        ready=not mine,
        useful=True,
    )


def _filed(line: ReportLine, at: datetime) -> str:
    return _("Gửi ngày {at}, {filed_by}", at=formats.day(at), filed_by=line.filed_by)
