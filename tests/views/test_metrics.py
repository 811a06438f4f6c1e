"""Figures for a monitoring system: whose they are to see, that they are right, and of everybody."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from config.clock import real_now
from config.operation_settings import OperationSettings
from config.settings import ROOT, Settings
from models.database import Database
from models.reminding import record_run
from models.sealing import seal_new_lines
from models.tables import HistoryLine, OutgoingMessage
from tests.builders import a_registered, a_submitted
from tests.views.conftest import Browser, Hands
from views import create_app, desk

TOKEN = "do-dac-dai-hon-ba-muoi-hai-ky-tu-0123"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

Key = tuple[str, tuple[tuple[str, str], ...]]


def figures(text: str) -> dict[Key, float]:
    """Every sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def measured(settings: Settings, sqlite_database: Database, clock: Hands) -> Flask:
    """The application with a token for its metrics."""
    operation = OperationSettings(metrics_token=TOKEN)
    return create_app(dataclasses.replace(settings, operation=operation), sqlite_database, clock)


def read(app: Flask) -> dict[Key, float]:
    answer = app.test_client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return figures(answer.get_data(as_text=True))


def test_without_a_token_in_the_settings_there_are_no_metrics(browser: Browser) -> None:
    assert browser.get("/metrics").status_code == 404
    assert browser.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer sai", f"Basic {TOKEN[:5]}x", "Bearer é"])
def test_a_wrong_token_is_told_nothing(measured: Flask, given: str) -> None:
    headers = {"Authorization": given} if given else {}
    answer = measured.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert not answer.get_data()


def test_figures_of_the_record_are_what_is_there(
    measured: Flask, sqlite_database: Database, clock: Hands
) -> None:
    a_registered(sqlite_database)
    a_submitted(sqlite_database, "H026")
    clock.now += timedelta(days=400)
    with sqlite_database.writing() as session:
        record_run(session, "post_letters", real_now(), real_now() - timedelta(hours=1), "ok")
        seal_new_lines(session, clock.now, batch=2)
        lines = session.scalar(select(func.count()).select_from(HistoryLine))
        waiting = session.scalar(select(func.count()).select_from(OutgoingMessage))
        first = session.scalar(select(func.min(OutgoingMessage.due_at)))
    assert lines
    assert waiting
    assert first is not None
    found = read(measured)
    assert found["award_database_up", ()] == 1
    assert found["award_dossiers", (("state", "registered"),)] == 1
    assert found["award_dossiers", (("state", "submitted"),)] == 1
    assert found["award_messages", (("status", "waiting"),)] == waiting
    assert found["award_oldest_unsent_seconds", ()] == (clock.now - first).total_seconds()
    assert found["award_audit_lines", ()] == lines
    assert found["award_audit_sealed_lines", ()] == 2
    assert found["award_oldest_unsealed_seconds", ()] > 300 * 86_400
    assert 3600 <= found["award_job_age_seconds", (("job", "post_letters"),)] < 3700
    assert found["award_job_stale", (("job", "post_letters"),)] == 1


def test_sessions_that_ended_are_not_counted(
    measured: Flask, sqlite_database: Database, sign_in: Callable[[str], Browser], clock: Hands
) -> None:
    clock.now = real_now()
    browser = sign_in("clerk@h029")
    sign_in("head@h029")
    assert read(measured)["award_sessions", ()] == 2
    browser.get("/viec")
    browser.post("/dang-xuat")
    assert read(measured)["award_sessions", ()] == 1


def test_answers_are_counted_by_page_and_status(measured: Flask) -> None:
    def counted() -> float:
        labels = (("method", "GET"), ("page", "look_up.show"), ("status", "200"))
        return read(measured).get(("award_http_requests_total", labels), 0.0)

    before = counted()
    for _ in range(3):
        assert measured.test_client().get("/tra-cuu").status_code == 200
    assert counted() == before + 3
    times = ("award_http_request_seconds_count", (("page", "look_up.show"),))
    assert read(measured)[times] >= 3


def test_a_database_that_is_away_is_told_and_nothing_breaks(
    measured: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, OSError("no route"))

    monkeypatch.setattr(desk, "reading", away)
    found = read(measured)
    assert found["award_database_up", ()] == 0
    assert not [name for name, _ in found if name.startswith("award_audit")]
    client = measured.test_client()
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 503
    assert client.get("/readyz").get_json() == {"ready": False, "reason": "database"}


def test_several_processes_tell_one_sum(tmp_path: Path) -> None:
    """Each of three counts on its own; whichever is asked tells what all have counted."""
    environment = {
        "PATH": os.environ["PATH"],
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    counting = (
        "from views import metering; "
        "metering.ANSWERS.labels('look_up.show', 'GET', '200').inc(2); "
        "from prometheus_client.exposition import generate_latest; "
        "print(generate_latest(metering.registry()).decode())"
    )
    told = ""
    for _ in range(3):
        command = [sys.executable, "-c", counting]
        told = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout
    labels = (("method", "GET"), ("page", "look_up.show"), ("status", "200"))
    assert figures(told)["award_http_requests_total", labels] == 6


# --- Health ----------------------------------------------------------------------------------


def test_the_details_of_health_are_not_for_everybody(measured: Flask, app: Flask) -> None:
    for application, headers, more in (
        (measured, {}, False),
        (measured, BEARER, True),
        (app, {}, True),
        (app, {"X-Forwarded-For": "203.0.113.7"}, False),
    ):
        told = application.test_client().get("/healthz", headers=headers).get_json()
        assert told["status"] == "ok"
        assert ("schema" in told) == ("schedulers" in told) == more
    far = app.test_client().get("/healthz", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert set(far.get_json()) == {"status", "database", "time"}


def test_who_is_not_ready_says_why(browser: Browser, sqlite_database: Database) -> None:
    assert browser.get("/readyz").get_json() == {"ready": True}
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"ready": False, "reason": "schema"}
    assert answer.headers["Retry-After"]
    assert browser.get("/healthz").status_code == 200
