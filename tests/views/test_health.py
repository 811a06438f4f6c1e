"""The one address for machines: well, limping or down, and never more than that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import real_now
from config.settings import Settings
from models.database import Database, open_database
from models.job_runs import LIMITS
from models.migrating import current_head
from models.reminding import record_run
from schedules.timetable import TIMETABLE
from tests.views.conftest import Browser, Hands
from views import create_app


def finished(database: Database, job: str, ago: timedelta, outcome: str = "ok") -> None:
    """A run of `job` that ended some time ago."""
    ended = real_now() - ago
    with database.writing() as session:
        record_run(session, job, ended, ended, outcome)


def test_a_healthy_service_names_its_schema(browser: Browser) -> None:
    answer = browser.get("/healthz")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["status"] == told["database"] == "ok"
    assert told["schema"] == current_head()
    assert told["scheduler_age_seconds"] is None
    assert told["jobs"] == {}


def test_every_job_has_a_limit_longer_than_its_period() -> None:
    assert set(LIMITS) == set(TIMETABLE)
    for job, entry in TIMETABLE.items():
        assert LIMITS[job].total_seconds() > 2 * entry.seconds


def test_every_job_tells_its_last_end_and_its_limit(
    sqlite_database: Database, browser: Browser
) -> None:
    for job in LIMITS:
        finished(sqlite_database, job, timedelta(seconds=20))
    told = browser.get("/healthz").get_json()
    assert told["status"] == "ok"
    assert set(told["jobs"]) == set(LIMITS)
    posting = told["jobs"]["post_letters"]
    assert 20 <= posting["age_seconds"] < 60
    assert (posting["limit_seconds"], posting["stale"]) == (600, False)


@pytest.mark.parametrize("outcome", ["ok", "OperationalError: disk I/O error"])
def test_a_beating_heart_hides_no_wedged_or_failing_job(
    sqlite_database: Database, browser: Browser, outcome: str
) -> None:
    for job in LIMITS:
        finished(sqlite_database, job, timedelta(seconds=1))
    ago = timedelta(minutes=11) if outcome == "ok" else timedelta(seconds=1)
    finished(sqlite_database, "post_letters", ago, outcome)
    answer = browser.get("/healthz")
    told = answer.get_json()
    assert (answer.status_code, told["status"]) == (200, "degraded")
    assert told["scheduler_age_seconds"] < 60
    assert [name for name, one in told["jobs"].items() if one["stale"]] == ["post_letters"]
    assert "disk" not in answer.get_data(as_text=True)


def test_a_job_that_never_ended_is_stale(sqlite_database: Database, browser: Browser) -> None:
    finished(sqlite_database, "heartbeat", timedelta(seconds=1))
    told = browser.get("/healthz").get_json()
    assert told["status"] == "degraded"
    assert told["jobs"]["post_letters"]["finished_at"] is None


def test_without_a_database_it_is_down(settings: Settings, tmp_path: Path, clock: Hands) -> None:
    database = open_database(f"sqlite:///{tmp_path}/nowhere/record.sqlite")
    browser = Browser(create_app(settings, database, clock).test_client())
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "down"
    assert browser.get("/dang-nhap").status_code == 200
    database.close()
