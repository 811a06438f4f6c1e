"""A unit is reminded of its report until it has filed it, and again when it is sent back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from models.database import Database
from models.files import StoredFile
from models.matters import due
from models.reconciling import reconcile
from models.report_book import take_report_step
from models.report_dates import NewReportDate, move_report
from models.report_obligations import ensure_obligations
from models.report_planning import keep_obligations
from models.rulebooks import rulebook_in_force
from models.subjects import Scope
from models.tables import OutgoingMessage, Report, Unit
from models.words import Channel, MessageStatus
from schedules.planner import plan
from schedules.second_look import look_again
from tests import builders as build
from tests.schedules.cases import at, book
from tests.workflow.cases import rulebook
from workflow.forecast import DEADLINE_MOVED
from workflow.reminders import Calendar
from workflow.report_reminders import FILED, DateSet, plans_of, report_marks, report_stretches
from workflow.reports_due import ReportCommand, ReportStep, ReportText
from workflow.vocabulary import ReportAction, Role

FILE = StoredFile("a" * 64, 100, "application/pdf", "bao-cao.pdf")
BOARD = f"appraiser@{build.PROVINCE}"


def act(database: Database, action: ReportAction, by: str, now: datetime) -> str:
    with database.writing() as session:
        report = session.scalars(
            select(Report)
            .join(Unit, Unit.id == Report.unit_id)
            .where(Unit.code == "H029", Report.report_id == "SK-2023")
        ).one()
        code = report.code
        wanted = ReportCommand(
            code,
            build.person_id(session, by),
            action,
            report.version,
            text=ReportText("Đã làm.") if action is ReportAction.FILE else None,
            new_file=action is ReportAction.FILE,
            comment="Thiếu số liệu.",
        )
        file = FILE if action is ReportAction.FILE else None
        assert isinstance(take_report_step(session, wanted, file, now), ReportStep)
    return code


def about(database: Database, unit: str = "UBND huyện Quản Bạ") -> list[OutgoingMessage]:
    return [
        one
        for one in book(database, "due_report", Channel.EMAIL)
        if one.values["unit"] == unit and "sơ kết" in one.values["report"]
    ]


def days(messages: list[OutgoingMessage]) -> list[str]:
    return sorted({one.values["day"]["$date"] for one in messages if not one.reason})


def test_the_days_are_those_the_programme_names() -> None:
    programme = rulebook().programme
    found = report_marks(programme, programme.report_by_id["SK-2023"], Calendar())
    assert [mark.day for mark in found] == [
        date(2023, 12, 1),
        date(2023, 12, 8),
        date(2023, 12, 14),
        date(2023, 12, 16),
        date(2023, 12, 18),
        date(2023, 12, 22),
    ]
    assert [bool(mark.escalates_to) for mark in found] == [False] * 4 + [True] * 2
    assert {mark.to for mark in found} == {(Role.CLERK, Role.UNIT_HEAD)}
    assert all(mark.legal for mark in found)


def test_the_clock_makes_obligations_once(database: Database) -> None:
    assert keep_obligations(database, at(12, 5)) == 120
    assert keep_obligations(database, at(12, 5)) == 0


def test_clerk_and_head_are_reminded_until_it_is_filed(database: Database) -> None:
    plan(database, at(11, 20))
    assert about(database) == []
    plan(database, at(12, 1))
    assert days(about(database)) == ["2023-12-01"]
    assert len(about(database)) == 2
    code = act(database, ReportAction.FILE, "clerk@H029", at(12, 4))
    for day in (8, 14, 18):
        plan(database, at(12, day))
    assert days(about(database)) == ["2023-12-01"]
    assert days(about(database, "UBND huyện Đồng Văn"))[-1] == "2023-12-18"
    assert {one.values["page"] for one in about(database)} == {f"/bao-cao-dinh-ky/{code}"}


def test_a_letter_on_its_way_is_held_back_when_the_report_is_in(database: Database) -> None:
    plan(database, at(12, 1))
    waiting = [one for one in about(database) if one.status is not MessageStatus.SUPPRESSED]
    act(database, ReportAction.FILE, "clerk@H029", at(12, 1, 10))
    with database.reading() as session:
        assert {look_again(session, one, at(12, 1, 11)) for one in waiting} == {FILED}


def test_a_returned_report_begins_a_series_of_its_own(database: Database) -> None:
    plan(database, at(12, 1))
    act(database, ReportAction.FILE, "clerk@H029", at(12, 4))
    act(database, ReportAction.RETURN, BOARD, at(12, 12))
    plan(database, at(12, 14))
    assert days(about(database)) == ["2023-12-01", "2023-12-14"]
    act(database, ReportAction.FILE, "head@H029", at(12, 15))
    plan(database, at(12, 18))
    assert days(about(database)) == ["2023-12-01", "2023-12-14"]


def test_the_forecast_sees_reports_before_they_are_made(sqlite_database: Database) -> None:
    scope = Scope(since=at(9, 1), until=at(12, 31), live_at=at(9, 1))
    with sqlite_database.reading() as session:
        assert session.scalars(select(Report)).all() == []
        ahead = {one.intent.key for one in due(session, scope) if "due_report" in letter(one)}
    keep_obligations(sqlite_database, at(12, 1))
    with sqlite_database.reading() as session:
        then = {one.intent.key for one in due(session, scope) if "due_report" in letter(one)}
    assert ahead == then
    assert len(ahead) == 2 * 30 * 2 * 6


def letter(one: object) -> str:
    return str(one.intent.mark.letter)  # type: ignore[attr-defined]


def move_day(database: Database, day: date, now: datetime) -> int:
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        wanted = NewReportDate("SK-2023", day, "Mưa lũ", "V.1")
        return move_report(session, programme, wanted, build.person_id(session, BOARD), now)


def due_days(database: Database) -> set[tuple[date, datetime]]:
    with database.reading() as session:
        rows = session.execute(
            select(Report.due_on, Report.due_at)
            .join(Unit, Unit.id == Report.unit_id)
            .where(Report.report_id == "SK-2023", Unit.code == "H029")
        )
        return {(day, instant) for day, instant in rows}


def test_a_new_due_day_plans_everything_anew_and_every_day_adds_up(database: Database) -> None:
    """Due on 15/12, moved on 05/12 to 22/12: what came before stays, what was ahead is new."""
    for day in (1, 4):
        plan(database, at(12, day, 8))
    told = move_day(database, date(2023, 12, 22), at(12, 5, 10))
    assert due_days(database) == {(date(2023, 12, 22), at(12, 22, 17))}
    for day in range(6, 27):
        plan(database, at(12, day, 8))
    found = about(database)
    assert days(found) == [
        "2023-12-01",
        "2023-12-15",
        "2023-12-21",
        "2023-12-23",
        "2023-12-25",
    ]
    assert {one.values["deadline"]["$instant"] for one in found if "-21" in str(one.day)} == {
        at(12, 22, 17).isoformat()
    }
    news = book(database, "day_moved")
    assert len(news) == told > 0
    assert {one.alone for one in news} == {False}
    with database.reading() as session:
        assert all(one.holds for one in reconcile(session, at(12, 26, 9)))


def test_a_report_filed_before_its_day_moves_keeps_the_day_it_was_filed_under(
    sqlite_database: Database,
) -> None:
    plan(sqlite_database, at(12, 1, 8))
    act(sqlite_database, ReportAction.FILE, "clerk@H029", at(12, 4, 10))
    before = due_days(sqlite_database)
    move_day(sqlite_database, date(2023, 12, 22), at(12, 5, 10))
    assert due_days(sqlite_database) == before
    act(sqlite_database, ReportAction.RETURN, BOARD, at(12, 6, 10))
    plan(sqlite_database, at(12, 7, 8))
    with sqlite_database.writing() as session:
        ensure_obligations(session, rulebook_in_force(session), at(12, 7, 9))
    assert due_days(sqlite_database) == {(date(2023, 12, 22), at(12, 22, 17))}


def test_what_was_due_before_the_day_moved_stays_explained() -> None:
    programme = rulebook().programme
    report = programme.report_by_id["SK-2023"]
    dates = (DateSet(date(2023, 12, 22), at(12, 5, 10)), DateSet(date(2023, 12, 29), at(12, 8, 7)))
    plans = plans_of(programme, report, dates, Calendar())
    steps = [(ReportAction.FILE, at(12, 20, 9)), (ReportAction.RETURN, at(12, 21, 9))]
    found = report_stretches(plans, at(12, 1, 0), steps)
    assert [(one.start, one.end, one.because) for one in found] == [
        (at(12, 1, 0), at(12, 5, 10), DEADLINE_MOVED),
        (at(12, 5, 10), at(12, 8, 7), DEADLINE_MOVED),
        (at(12, 8, 7), at(12, 20, 9), FILED),
        (at(12, 21, 9), None, ""),
    ]
    assert [one.series for one in found] == [at(12, 1, 0)] * 3 + [at(12, 21, 9)]
