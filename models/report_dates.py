"""Due days of reports set anew: a decision with reason, approver and clause, like a milestone's.

The programme's file is version 1; what the office sets stands in rows that are only ever added.
Days are office days, the closing time is the programme's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.inserting import insert_each_once
from models.letters import next_digest
from models.office import write_down
from models.outbox import Letter, row_of
from models.people import Places
from models.staffing import staff
from models.tables import OutgoingMessage, Person, Report, ReportDate, Unit
from models.words import Channel
from workflow.news import REPORT_MOVED, leaves_alone
from workflow.programme import Programme, ReportTable
from workflow.report_reminders import DateSet, as_set, due_instant
from workflow.reports_due import OPEN, SENDERS
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class NewReportDate:
    """The due day wanted for one report of the programme."""

    report_id: str
    day: date
    reason: str
    clause: str = ""


def dates_of(session: Session, programme_id: str) -> dict[str, tuple[DateSet, ...]]:
    """Every day set anew, by report, oldest first."""
    rows = session.execute(
        select(ReportDate, Person.full_name)
        .join(Person, Person.id == ReportDate.set_by)
        .where(ReportDate.programme_id == programme_id)
        .order_by(ReportDate.version)
    )
    found: defaultdict[str, tuple[DateSet, ...]] = defaultdict(tuple)
    for row, by in rows:
        found[row.report_id] += (DateSet(row.due_on, row.set_at, by, row.reason, row.clause),)
    return dict(found)


def reports_as_set(session: Session, programme: Programme) -> tuple[ReportTable, ...]:
    """The programme's reports, each with the due day in force."""
    known = dates_of(session, programme.id)
    return tuple(as_set(one, known.get(one.id, ())) for one in programme.reports)


def report_as_set(session: Session, programme: Programme, report_id: str) -> ReportTable:
    """One report with the due day in force. Raises `LookupError` for one the programme has not."""
    known = dates_of(session, programme.id).get(report_id, ())
    return as_set(programme.report_by_id[report_id], known)


def last_report_date(session: Session, programme_id: str) -> int:
    """The id of the latest change; a form carries it, so that none is overtaken."""
    query = select(func.max(ReportDate.id)).where(ReportDate.programme_id == programme_id)
    return session.scalar(query) or 0


def owing_units(session: Session, programme: Programme, report_id: str) -> list[Unit]:
    """The units that have still to file a report, by name."""
    return list(
        session.scalars(
            select(Unit)
            .join(Report, Report.unit_id == Unit.id)
            .where(
                Report.programme_id == programme.id,
                Report.report_id == report_id,
                Report.state.in_(OPEN),
            )
            .order_by(Unit.sort_key, Unit.id)
        )
    )


def move_report(
    session: Session, programme: Programme, wanted: NewReportDate, by: int, now: datetime
) -> int:
    """Set a due day and tell everybody who owes the report; to how many letters go.

    What is filed keeps the day it was due on then. Whoever did it gets no letter.
    """
    old = report_as_set(session, programme, wanted.report_id)
    known = dates_of(session, programme.id).get(wanted.report_id, ())
    row = {
        "programme_id": programme.id,
        "report_id": wanted.report_id,
        "version": len(known) + 2,
        "reason": wanted.reason,
        "clause": wanted.clause,
    }
    session.execute(insert(ReportDate).values(**row, due_on=wanted.day, set_by=by, set_at=now))
    told = row | {"was": old.due.isoformat(), "due_on": wanted.day.isoformat()}
    write_down(session, "set_report_date", told, by, now)
    new = old.model_copy(update={"due": wanted.day})
    session.execute(
        update(Report)
        .where(
            Report.programme_id == programme.id,
            Report.report_id == wanted.report_id,
            Report.state.in_(OPEN),
        )
        .values(due_on=new.due, due_at=due_instant(programme, new))
        .execution_options(synchronize_session=False)
    )
    return _tell(session, programme, (old, new), wanted, by, now)


def _tell(
    session: Session,
    programme: Programme,
    moved: tuple[ReportTable, ReportTable],
    wanted: NewReportDate,
    by: int,
    now: datetime,
) -> int:
    old, new = moved
    people, today = staff(session), office_day(now)
    was, now_at = due_instant(programme, old), due_instant(programme, new)
    alone = leaves_alone(REPORT_MOVED, (was, now_at), next_digest(session, now))
    values = {
        "code": "",
        "page": "/bao-cao-dinh-ky",
        "subject": programme.short_title,
        "unit": "",
        "report_id": new.id,
        "report": new.title[:1].lower() + new.title[1:],
        "was": to_json(was),
        "now_at": to_json(now_at),
        "actor": people.people[by].name if by in people.people else "",
        "comment": wanted.reason,
        "clause": wanted.clause,
        "at": to_json(now),
    }
    version = last_report_date(session, programme.id)
    rows = []
    for person in sorted(_senders(session, programme, new.id, today)):
        to = people.people.get(person)
        if to is None or person == by or not to.email or not to.may_receive:
            continue
        key = f"{REPORT_MOVED}:{version}:{person}:{Channel.EMAIL.value}"
        told = values | {"recipient": to.name}
        letter = Letter(key, REPORT_MOVED, now, to.email, person, values=told, alone=alone)
        rows.append(row_of(letter, now))
    if rows:
        insert_each_once(session, OutgoingMessage, rows, OutgoingMessage.dedupe_key)
    return len(rows)


def _senders(
    session: Session, programme: Programme, report_id: str, today: date
) -> Collection[int]:
    """Who files for the units that still owe the report."""
    people = staff(session)
    return {
        held.person_id
        for unit in owing_units(session, programme, report_id)
        for held in people.holdings(SENDERS, Places(unit.id, unit.id))
        if held.on(today)
    }
