"""The timetable is whole, its jobs never end the scheduler, and each leaves its mark."""

from __future__ import annotations

import ast
import inspect
import threading
import time
from pathlib import Path

import pytest
from apscheduler.jobstores.memory import MemoryJobStore

from config.settings import Settings
from models.database import Database
from models.job_runs import last_runs
from models.tables import ChangeSet, HistoryLine, SealedLine
from schedules import jobs, timetable
from schedules.jobs import Means, run_due, run_job
from schedules.postman import Postman, Round
from schedules.summary import Summary
from schedules.timetable import TIMETABLE, Entry, Ticker
from tests import builders as build
from tests.schedules.cases import StoppedClock, a_registered_alone, at
from tests.schedules.mailbox import Mailbox

NOT_JOBS = {"run_job", "run_due"}


@pytest.fixture
def means(sqlite_database: Database, clock: StoppedClock, settings: Settings) -> Means:
    way = Round.from_settings(settings)
    return Means(sqlite_database, clock, Postman(sqlite_database, clock, way))


def test_every_job_is_in_the_timetable_under_its_own_name() -> None:
    found = {
        name
        for name, made in inspect.getmembers(jobs, inspect.isfunction)
        if made.__module__ == jobs.__name__ and not name.startswith("_") and name not in NOT_JOBS
    }
    assert found == set(TIMETABLE)
    assert all(entry.job.__name__ == name for name, entry in TIMETABLE.items())


def test_letters_wait_seconds_and_reminders_half_a_minute() -> None:
    assert {name: entry.seconds for name, entry in TIMETABLE.items()} == {
        "plan_reminders": 30,
        "post_letters": 5,
        "send_codes": 5,
        "seal_history": 10,
        "sign_checkpoints": 15,
        "make_copy": 300,
        "heartbeat": 10,
        "read_papers": 5,
        "watch_turns": 600,
        "forget_spent": 3600,
    }


def test_the_scheduler_is_a_tick_and_keeps_nothing(means: Means) -> None:
    scheduler = Ticker(means)._scheduler
    assert {job.id for job in scheduler.get_jobs()} == set(TIMETABLE)
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        assert (job.max_instances, job.coalesce, job.misfire_grace_time) == (1, True, None)
    stores = scheduler._jobstores.values()
    assert all(isinstance(store, MemoryJobStore) for store in stores)
    scheduler.shutdown()


def test_nothing_of_ours_is_pickled() -> None:
    room = Path(timetable.__file__).parent
    imported = {
        name.name
        for module in room.glob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert not imported & {"pickle", "SQLAlchemyJobStore", "shelve", "dill"}


def test_a_run_leaves_its_mark(means: Means) -> None:
    for name, entry in TIMETABLE.items():
        run_job(name, entry.job, means)
        run_job(name, entry.job, means)
    with means.database.reading() as session:
        runs = last_runs(session)
    assert set(runs) == set(TIMETABLE)
    assert {run.outcome for run in runs.values()} == {"ok"}
    assert all(run.finished_at and run.finished_at >= run.started_at for run in runs.values())


def test_a_failing_job_is_told_and_ends_nothing(means: Means) -> None:
    def fall(_means: Means) -> Summary:
        raise RuntimeError("máy chủ hỏng\nthêm chi tiết")

    run_job("fall", fall, means)
    with means.database.reading() as session:
        assert last_runs(session)["fall"].outcome == "RuntimeError: máy chủ hỏng"


def test_a_record_that_is_gone_ends_nothing(means: Means, monkeypatch) -> None:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    def gone(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(jobs, "record_run", gone)
    run_job("heartbeat", jobs.heartbeat, means)


def test_the_ticker_goes_on_after_a_failure(means: Means, monkeypatch) -> None:
    runs: list[int] = []
    third = threading.Event()

    def fall(_means: Means) -> Summary:
        runs.append(1)
        if len(runs) > 2:
            third.set()
        raise RuntimeError

    monkeypatch.setattr(timetable, "TIMETABLE", {"fall": Entry(fall, 1)})
    ticker = Ticker(means)
    ticker.start()
    assert third.wait(10)
    assert ticker.stop(5)


def test_a_wedged_job_does_not_keep_the_ticker(means: Means, monkeypatch) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def hang(_means: Means) -> Summary:
        begun.set()
        let_go.wait(20)
        return Summary()

    monkeypatch.setattr(timetable, "TIMETABLE", {"hang": Entry(hang, 1)})
    ticker = Ticker(means)
    ticker.start()
    assert begun.wait(5)
    before = time.monotonic()
    assert not ticker.stop(0.5)
    assert time.monotonic() - before < 2
    let_go.set()


def test_history_is_sealed(means: Means) -> None:
    build.a_registered(means.database)
    done = jobs.seal_history(means)
    assert done.sealed > 0
    assert jobs.seal_history(means) == Summary()
    with means.database.reading() as session:
        told = session.query(HistoryLine).count() + session.query(ChangeSet).count()
        assert session.query(SealedLine).count() == told > 0


def test_run_due_plans_and_posts_until_nothing_waits(
    sqlite_database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    a_registered_alone(sqlite_database)
    clock.now = at(11, 1, 8)
    done = run_due(sqlite_database, clock, settings)
    assert done == Summary(queued=2, laid_in_inbox=2, sent=2)
    assert run_due(sqlite_database, clock, settings) == Summary()
    assert len(mailbox.letters) == 2
