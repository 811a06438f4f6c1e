"""The page about copies: red when there is no young good one; letters wait there for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from config.backup_settings import BackupSettings
from config.clock import real_now
from models import restorations
from models.database import Database
from models.outbox import Letter, remember
from models.reminding import note_planned
from models.tables import BackupRun, OutgoingMessage
from models.words import MessageStatus
from tests.builders import NOW, PROVINCE
from tests.views.conftest import Browser, Hands

ADMINISTRATOR = f"administrator@{PROVINCE.lower()}"
PAGE = "/quan-tri/sao-luu"


def a_run(database: Database, slot: str, ago: timedelta, **more: object) -> None:
    began = real_now() - ago
    known = {"copy_id": "c" * 32, "verified_at": began, "faults": [], "place": "sao-luu"}
    with database.writing() as session:
        session.add(BackupRun(slot=slot, started_at=began, ended_at=began, **(known | more)))


def a_restored(database: Database, *names: str) -> None:
    with database.writing() as session:
        for name in names:
            letter = Letter(f"test:{name}", "test", NOW, f"{name}@example.vn")
            assert remember(session, letter, NOW)
        restorations.begin(session, "c" * 32, NOW - timedelta(days=1), NOW)


def statuses(database: Database) -> dict[str, MessageStatus]:
    with database.reading() as session:
        return {one.address: one.status for one in session.query(OutgoingMessage)}


@pytest.fixture
def administrator(sign_in: Callable[[str], Browser]) -> Browser:
    return sign_in(ADMINISTRATOR)


def test_without_a_copy_it_says_so(administrator: Browser) -> None:
    page = administrator.get(PAGE).get_data(as_text=True)
    assert "Chưa có bản sao lưu tốt nào." in page
    assert "Chưa đặt nơi sao lưu hằng đêm (BACKUP_DIR)." in page
    assert "Chưa có bản sao lưu tốt nào." in administrator.get("/quan-tri").get_data(as_text=True)


def test_an_old_and_a_failed_copy_are_told(
    app: Flask, administrator: Browser, sqlite_database: Database
) -> None:
    wanted(app)
    a_run(sqlite_database, "a", timedelta(hours=3))
    assert "Bản sao lưu gần nhất tốt và còn mới." in administrator.get(PAGE).get_data(as_text=True)
    health = administrator.get("/healthz").get_json()
    assert (health["status"], health["backup"]["old"]) == ("ok", False)
    a_run(sqlite_database, "b", timedelta(hours=2), copy_id="", error="OSError: hết chỗ")
    page = administrator.get(PAGE).get_data(as_text=True)
    assert "OSError: hết chỗ" in page
    assert "không tốt" in page
    wanted(app, oldest=timedelta(hours=1))
    assert "cũ hơn 1 giờ" in administrator.get(PAGE).get_data(as_text=True)
    health = administrator.get("/healthz").get_json()
    assert health["status"] == "degraded"
    assert (health["backup"]["old"], health["backup"]["failed"]) == (True, True)


def wanted(app: Flask, **more: timedelta) -> None:
    desk = app.extensions["desk"]
    copies = BackupSettings(Path("sao-luu"), **more)  # type: ignore[arg-type]
    app.extensions["desk"] = replace(desk, settings=replace(desk.settings, copies=copies))


def test_letters_wait_for_an_answer_and_one_is_enough(
    administrator: Browser, sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    a_restored(sqlite_database, "một", "hai")
    administrator = sign_in(ADMINISTRATOR)  # Everybody was signed out.
    page = administrator.get(PAGE).get_data(as_text=True)
    assert "Chưa xếp xong thư nhắc" in page
    assert "Chỉ gửi thư đã đánh dấu" not in page
    planned(sqlite_database, NOW)
    page = administrator.get(PAGE).get_data(as_text=True)
    assert "một@example.vn" in page
    assert administrator.get("/healthz").get_json()["letters_rest"] is True
    assert administrator.post(f"{PAGE}/gui-thu", {"answer": "chosen"}).status_code == 303
    assert "đánh dấu ít nhất một thư" in administrator.get(PAGE).get_data(as_text=True)
    with sqlite_database.reading() as session:
        (number,) = (
            one.id for one in session.query(OutgoingMessage) if one.address == "hai@example.vn"
        )
    told = {"answer": "chosen", "thu": [str(number), "x", "9" * 30]}
    administrator.post(f"{PAGE}/gui-thu", told)
    page = administrator.get(PAGE).get_data(as_text=True)
    assert "gửi 1 thư, coi như đã gửi 1 thư" in page
    assert statuses(sqlite_database) == {
        "một@example.vn": MessageStatus.SUPPRESSED,
        "hai@example.vn": MessageStatus.WAITING,
    }
    administrator.post(f"{PAGE}/gui-thu", {"answer": "all"})
    assert "đã có người trả lời trước" in administrator.get(PAGE).get_data(as_text=True)


def planned(database: Database, until: datetime) -> None:
    with database.writing() as session:
        note_planned(session, until)


def test_only_administrators_answer(
    sqlite_database: Database, sign_in: Callable[[str], Browser], clock: Hands
) -> None:
    a_restored(sqlite_database, "một")
    planned(sqlite_database, clock.now)
    auditor = sign_in(f"auditor@{PROVINCE.lower()}")
    page = auditor.get(PAGE).get_data(as_text=True)
    assert "Thư chờ sau khi khôi phục" in page
    assert "Chưa thư nào gửi, gửi hết" not in page
    assert auditor.post(f"{PAGE}/gui-thu", {"answer": "all"}).status_code == 403
    assert sign_in("clerk@h029").get(PAGE).status_code == 403
    assert statuses(sqlite_database) == {"một@example.vn": MessageStatus.WAITING}
