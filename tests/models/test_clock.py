"""The demonstration's clock: runs on, is moved, and is taken up where people left it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models import clock
from models.database import Database
from tests import builders as build

REAL = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
SEASON = datetime(2023, 12, 5, 1, 10, tzinfo=UTC)


def test_it_runs_on_from_where_it_was_set(database: Database) -> None:
    with database.writing() as session:
        clock.move(session, SEASON, REAL)
        assert clock.shown(session, REAL + timedelta(hours=2)) == SEASON + timedelta(hours=2)


def test_left_alone_for_a_week_it_opens_on_the_day_it_was_closed(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        clock.move(session, SEASON, REAL)
        week_later = REAL + timedelta(days=7)
        assert clock.resume(session, week_later) == SEASON
        assert clock.shown(session, week_later + timedelta(minutes=5)) == SEASON + timedelta(
            minutes=5
        )


def test_it_never_goes_back_before_what_is_written(sqlite_database: Database) -> None:
    build.a_registered(sqlite_database)
    spring = build.SPRING + timedelta(days=1)
    with sqlite_database.writing() as session:
        clock.move(session, spring - timedelta(hours=3), REAL)
        assert clock.resume(session, REAL + timedelta(days=7)) == spring + timedelta(minutes=1)


def test_a_short_break_changes_nothing(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        clock.move(session, SEASON, REAL)
        later = REAL + timedelta(hours=3)
        assert clock.resume(session, later) == SEASON + timedelta(hours=3)
