"""The calendar of working days: a library proposes, a file puts right, the table decides."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from models.database import Database
from models.deadlines import office_days
from models.importing import Plan
from models.office_calendar import (
    UNPROVEN,
    DayRow,
    apply_days,
    day_counts,
    days_of,
    fill_in,
    propose,
    read_days,
    remove_day,
    set_day,
    years_in_use,
    years_without_rows,
)
from models.queries_inbox import office_calendar
from models.tables import HistoryLine
from models.words import DayKind
from tests.builders import NOW, ROOT, a_registered, person_id
from workflow.working_days import period_end

TABLE = """date,kind,name,source
2026-11-24,holiday,Ngày Văn hóa Việt Nam,Nghị quyết 28/2026/QH16
2026-01-10,working_swap,Làm bù,Thông báo
"""
OVERRIDES = ROOT / "config" / "data" / "calendar-overrides.csv"


def told(database: Database, action: str) -> int:
    with database.reading() as session:
        query = select(HistoryLine).where(HistoryLine.action == action)
        return len(session.scalars(query).all())


def test_the_library_knows_the_culture_day_from_2026_on_only() -> None:
    days = {row.date: row for row in propose([2025, 2026])}
    assert date(2025, 11, 24) not in days
    assert days[date(2026, 11, 24)].kind is DayKind.HOLIDAY


def test_the_file_puts_right_what_the_library_does_not_know() -> None:
    overrides = read_days(OVERRIDES.read_bytes())
    assert not overrides.errors
    bare = {row.date for row in propose([2026])}
    assert date(2026, 1, 2) not in bare
    days = {row.date: row for row in propose([2026], overrides.changes)}
    assert days[date(2026, 1, 2)].kind is DayKind.COMPENSATION
    assert days[date(2026, 1, 10)].kind is DayKind.WORKING_SWAP
    assert days[date(2026, 1, 10)].source.startswith(UNPROVEN)
    assert not {day.year for day in days} - {2026}


@pytest.mark.parametrize(
    ("year", "before", "after"),
    [
        (2023, date(2023, 1, 19), date(2023, 1, 27)),
        (2024, date(2024, 2, 7), date(2024, 2, 15)),
        (2025, date(2025, 1, 24), date(2025, 2, 3)),
        (2026, date(2026, 2, 13), date(2026, 2, 23)),
    ],
)
def test_tet_of_several_years(sqlite_database: Database, year, before, after) -> None:
    with sqlite_database.writing() as session:
        fill_in(session, [year], (), NOW)
        calendar = office_calendar(session)
    assert calendar.working_day(before, 1) == after
    assert calendar.working_day(after, -1) == before


def test_ten_working_days_in_november_of_2025_and_2026(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        fill_in(session, [2025, 2026], (), NOW)
        calendar = office_calendar(session)
    assert calendar.working_day(date(2026, 11, 20), 10) == date(2026, 12, 7)
    assert calendar.working_day(date(2025, 11, 21), 10) == date(2025, 12, 5)


def test_a_period_that_ends_on_a_holiday_of_the_table_ends_on_the_next_working_day(
    database: Database,
) -> None:
    with database.writing() as session:
        fill_in(session, [2023, 2024, 2025, 2026], (), NOW)
        off, swaps = office_days(session)
    ends = {
        (start, days): period_end(start, days, off, swaps)
        for start, days in (
            (date(2026, 11, 20), 4),
            (date(2025, 11, 20), 4),
            (date(2024, 2, 1), 8),
            (date(2023, 8, 25), 10),
            (date(2025, 1, 22), 7),
        )
    }
    assert ends == {
        (date(2026, 11, 20), 4): date(2026, 11, 25),
        (date(2025, 11, 20), 4): date(2025, 11, 24),
        (date(2024, 2, 1), 8): date(2024, 2, 15),
        (date(2023, 8, 25), 10): date(2023, 9, 5),
        (date(2025, 1, 22), 7): date(2025, 2, 3),
    }


def test_the_table_decides_against_the_library(database: Database) -> None:
    day = date(2026, 11, 24)
    with database.writing() as session:
        fill_in(session, [2026], (), NOW)
        admin = person_id(session, "administrator@UBND-TINH")
        assert remove_day(session, day, admin, NOW)
        assert not remove_day(session, day, admin, NOW)
        assert office_calendar(session).is_working_day(day)
        set_day(
            session, DayRow(day, DayKind.HOLIDAY, "Ngày Văn hóa", "NQ 28/2026/QH16"), admin, NOW
        )
        assert not office_calendar(session).is_working_day(day)
    assert (told(database, "set_calendar_day"), told(database, "remove_calendar_day")) == (1, 1)


def test_filling_in_leaves_alone_what_the_table_tells(database: Database) -> None:
    mine = DayRow(date(2026, 11, 24), DayKind.WORKING_SWAP, "Làm việc", "Thông báo riêng")
    with database.writing() as session:
        apply_days(session, Plan((mine,), ()), None, NOW)
        first = fill_in(session, [2026], (), NOW)
        assert fill_in(session, [2026], (), NOW) == 0
        days = {row.date: row for row in days_of(session, 2026)}
        assert days[mine.date] == mine
        assert day_counts(session) == {2026: first + 1}


def test_an_import_says_every_fault_and_applies_twice_alike(database: Database) -> None:
    plan = read_days(TABLE.encode())
    with database.writing() as session:
        assert apply_days(session, plan, None, NOW) == 2
        assert apply_days(session, plan, None, NOW) == 0
    wrong = read_days(
        b"date,kind,name,source\n24/11/2026,feast,,\n2026-11-24,holiday,A,B\n2026-11-24,holiday,A,B\n"
    )
    assert [error.line for error in wrong.errors] == [2, 2, 2, 2, 4]


def test_a_year_in_use_without_rows_is_told(sqlite_database: Database) -> None:
    a_registered(sqlite_database, "H029")
    with sqlite_database.writing() as session:
        assert 2023 in years_in_use(session, date(2023, 11, 1))
        assert 2023 in years_without_rows(session, date(2023, 11, 1))
        fill_in(session, [2023], (), NOW)
        assert 2023 not in years_without_rows(session, date(2023, 11, 1))
