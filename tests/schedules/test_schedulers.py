"""Several schedulers at once: each is seen by its own marks, and a wedged one is named."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from config.clock import real_now
from config.settings import Settings
from models import job_runs
from models.database import Database
from models.queries_health import pulse
from models.reminding import planned
from models.schedulers import begin, end, forget_old, name_of, schedulers, sign_off, sign_on
from schedules import planner
from schedules.timetable import TIMETABLE
from tests import builders as build
from tests.schedules.cases import at
from tests.schedules.mailbox import Mailbox
from tests.schedules.test_process import running, wait_until
from views.health import report

NOW = build.NOW
MINUTE = timedelta(minutes=1)


def told(database: Database, instant=None) -> dict[str, object]:
    """What /healthz would say."""
    with database.reading() as session:
        return report(pulse(session), instant or real_now())


def gone(*pids: int) -> Callable[[int], bool]:
    return lambda pid: pid in pids


def beat(
    database: Database, name: str, job: str = "heartbeat", ago: timedelta = MINUTE * 0
) -> None:
    with database.writing() as session:
        begin(session, name, job, NOW - ago)
        end(session, name, job, "ok", NOW - ago)


def test_a_run_that_does_not_end_is_wedged_though_another_scheduler_goes_on(
    database: Database,
) -> None:
    for job in TIMETABLE:
        beat(database, "a/1", job)
        beat(database, "b/2", job)
    beat(database, "a/1", "post_letters", ago=timedelta(minutes=12))
    with database.writing() as session:
        begin(session, "a/1", "post_letters", NOW - timedelta(minutes=11))
    found = told(database, NOW)
    assert (found["status"], found["wedged"]) == ("degraded", ["a/1"])
    with database.writing() as session:
        end(session, "a/1", "post_letters", "ok", NOW)
    assert told(database, NOW)["wedged"] == []


def test_a_scheduler_whose_ticks_stopped_is_wedged(database: Database) -> None:
    beat(database, "a/1", ago=timedelta(seconds=59))
    beat(database, "b/2", ago=timedelta(seconds=61))
    assert told(database, NOW)["wedged"] == ["b/2"]


def test_ending_properly_takes_the_marks_away(database: Database) -> None:
    beat(database, "a/1")
    beat(database, "b/2")
    with database.writing() as session:
        sign_off(session, "a/1")
    assert list(told(database, NOW)["schedulers"]) == ["b/2"]  # type: ignore[call-overload]


def test_a_new_scheduler_forgets_those_of_its_machine_that_are_gone(database: Database) -> None:
    for name in ("here/1", "here/2", "here/3", "there/1"):
        beat(database, name)
    with database.writing() as session:
        assert sign_on(session, "here", 3, NOW, gone(1)) == name_of("here", 3) == "here/3"
        assert [one.name for one in schedulers(session)] == ["here/2", "there/1"]


def test_marks_older_than_a_day_are_forgotten_and_nothing_else(database: Database) -> None:
    beat(database, "old/1", ago=timedelta(days=1, seconds=1))
    beat(database, "new/1", "seal_history", ago=timedelta(days=2))
    beat(database, "new/1", ago=timedelta(hours=23))
    planner.plan(database, at(12, 1))
    with database.writing() as session:
        forget_old(session, NOW)
        (kept,) = schedulers(session)
        assert kept.name == "new/1"
        assert len(kept.beats) == 2
        assert planned(session) is not None


@pytest.mark.slow
@pytest.mark.postgres
def test_a_frozen_process_is_named_and_well_again_when_it_goes_on(
    postgres_opened: Database, postgres_url: str, mailbox: Mailbox, monkeypatch
) -> None:
    """On one engine: it waits for half a minute, and health reads rows like any other."""
    database, database_url = postgres_opened, postgres_url
    monkeypatch.setitem(job_runs.LIMITS, "heartbeat", timedelta(seconds=25))

    def whole() -> bool:
        found = told(database)["schedulers"]
        assert isinstance(found, dict)
        return len(found) == 2 and all(set(marks) == set(TIMETABLE) for marks in found.values())

    with ExitStack() as stack:
        both = [
            stack.enter_context(running("schedules", database_url, mailbox.url)) for _ in range(2)
        ]
        wait_until(whole)
        both[0].send_signal(signal.SIGSTOP)
        wait_until(lambda: told(database)["wedged"] != [], seconds=90)
        found = told(database)
        wedged = found["wedged"]
        assert isinstance(wedged, list)
        assert [name.rpartition("/")[2] for name in wedged] == [str(both[0].pid)]
        assert found["status"] == "degraded"
        both[0].send_signal(signal.SIGCONT)
        wait_until(lambda: told(database)["wedged"] == [], seconds=60)
        for one in both:
            one.send_signal(signal.SIGTERM)
            one.communicate(timeout=20)
    assert told(database)["schedulers"] == {}


def test_a_long_run_tells_its_progress(
    sqlite_database: Database, settings: Settings, monkeypatch
) -> None:
    del settings
    monkeypatch.setattr(planner, "AT_ONCE", 50)
    with capture_logs() as lines:
        planner.plan(sqlite_database, at(3, 1, 8))
    progress = [one for one in lines if one["event"] == "job progress"]
    assert progress
    assert [one["written"] for one in progress] == [50 * n for n in range(1, len(progress) + 1)]
    assert all(one["job"] == "plan_reminders" and one["of"] > 50 for one in progress)
