"""The one address for machines: well, or down, and never more than that."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings
from models.database import open_database
from models.migrating import current_head
from tests.views.conftest import Browser, Hands
from views import create_app


def test_a_healthy_service_names_its_schema(browser: Browser) -> None:
    answer = browser.get("/healthz")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["status"] == told["database"] == "ok"
    assert told["schema"] == current_head()
    assert told["scheduler_age_seconds"] is None


def test_without_a_database_it_is_down(settings: Settings, tmp_path: Path, clock: Hands) -> None:
    database = open_database(f"sqlite:///{tmp_path}/nowhere/record.sqlite")
    browser = Browser(create_app(settings, database, clock).test_client())
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "down"
    assert browser.get("/dang-nhap").status_code == 200
    database.close()
