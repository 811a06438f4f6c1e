"""The pages of reminders: what adds up, what is coming, what everybody may choose."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select, update

from models.database import Database
from models.forecasting import Coming
from models.reminder_book import wishes_of
from models.tables import OutgoingMessage
from models.words import MessageStatus
from schedules.planner import plan
from tests import builders as build
from tests.views.conftest import Browser, Hands
from views.reminder_words import crowded_words
from workflow.vocabulary import ReminderKind

SignIn = Callable[[str], Browser]
MARK = datetime(2023, 11, 1, 1, 0, tzinfo=UTC)
SPAN = "tu=25/10/2023&den=05/11/2023"


@pytest.fixture
def planned(sqlite_database: Database, clock: Hands) -> str:
    """A registered dossier whose first reminders are in the book."""
    code = build.a_registered(sqlite_database)
    clock.now = MARK
    plan(sqlite_database, MARK)
    clock.now = MARK + timedelta(minutes=20)
    return code


def fail_all(database: Database) -> None:
    with database.writing() as session:
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.status == MessageStatus.WAITING)
            .values(status=MessageStatus.FAILED, error="550 5.1.1 no such mailbox")
        )


@pytest.mark.parametrize("login", ["administrator@ubnd-tinh", "appraiser@ubnd-tinh"])
def test_every_day_is_shown_to_add_up(planned: str, sign_in: SignIn, login: str) -> None:
    page = sign_in(login).get(f"/nhac-viec/doi-chieu?{SPAN}")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "01/11/2023" in text
    assert "Mọi ngày đều khớp." in text


def test_a_day_that_does_not_add_up_is_named(
    planned: str, sqlite_database: Database, sign_in: SignIn
) -> None:
    with sqlite_database.writing() as session:
        session.delete(
            session.scalars(select(OutgoingMessage).where(OutgoingMessage.day.is_not(None))).first()
        )
    text = sign_in("administrator@ubnd-tinh").get(f"/nhac-viec/doi-chieu?{SPAN}")
    assert "Lệch: thiếu 1" in text.get_data(as_text=True)


def test_a_failed_letter_is_sent_again_by_a_post_alone(
    planned: str, sqlite_database: Database, sign_in: SignIn
) -> None:
    fail_all(sqlite_database)
    browser = sign_in("administrator@ubnd-tinh")
    text = browser.get("/nhac-viec/doi-chieu").get_data(as_text=True)
    assert "550 5.1.1 no such mailbox" in text
    with sqlite_database.reading() as session:
        failed = session.scalars(
            select(OutgoingMessage.id).where(OutgoingMessage.letter == "digest")
        ).first()
    assert browser.get(f"/nhac-viec/gui-lai/{failed}").status_code == 405
    assert browser.post(f"/nhac-viec/gui-lai/{failed}").status_code == 303
    with sqlite_database.reading() as session:
        row = session.get(OutgoingMessage, failed)
        assert row is not None
        assert row.status is MessageStatus.WAITING


@pytest.mark.parametrize("login", ["clerk@h029", "appraiser@h029", "head@ubnd-tinh"])
def test_others_neither_see_nor_send_letters_of_everybody(
    planned: str, sign_in: SignIn, login: str
) -> None:
    browser = sign_in(login)
    assert browser.get("/nhac-viec/doi-chieu").status_code == 403
    assert browser.post("/nhac-viec/gui-lai/1").status_code == 403


def test_an_auditor_sees_and_sends_nothing(planned: str, sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    assert browser.get("/nhac-viec/doi-chieu").status_code == 200
    assert browser.post("/nhac-viec/gui-lai/1").status_code == 403


def test_the_forecast_says_who_gets_what_when_and_why(planned: str, sign_in: SignIn) -> None:
    span = "tu=02/11/2023&den=10/12/2023"
    everybody = sign_in("appraiser@ubnd-tinh").get(f"/nhac-viec/du-bao?{span}")
    text = everybody.get_data(as_text=True)
    assert "Vàng Clerk H029" in text
    assert "Vàng Appraiser UBND-TINH" in text
    assert "báo thêm thủ trưởng đơn vị" in text
    assert "Không có quy tắc nào gửi sai lúc" in text
    mine = sign_in("clerk@h029").get(f"/nhac-viec/du-bao?{span}&nguoi=head@H029")
    text = mine.get_data(as_text=True)
    assert planned in text
    assert "Vàng Head H029" not in text.split("<main")[1]


def test_the_forecast_is_narrowed_to_a_person_or_a_unit(planned: str, sign_in: SignIn) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    span = "tu=02/11/2023&den=10/12/2023"
    text = browser.get(f"/nhac-viec/du-bao?{span}&nguoi=head@H029").get_data(as_text=True)
    assert "Vàng Head H029" in text
    assert "Vàng Clerk H029" not in text
    text = browser.get(f"/nhac-viec/du-bao?{span}&don-vi=X00853").get_data(as_text=True)
    assert "Không có thư nhắc nào trong khoảng này." in text


@pytest.mark.parametrize("span", ["tu=99/99/2023&den=1", "tu=05/11/2023&den=01/11/2023"])
def test_a_span_that_makes_no_sense_is_said(planned: str, sign_in: SignIn, span: str) -> None:
    assert sign_in("clerk@h029").get(f"/nhac-viec/du-bao?{span}").status_code == 422


def test_settings_keep_legal_mail_on_and_say_why(
    planned: str, sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in("appraiser@ubnd-tinh")
    text = browser.get("/cai-dat/nhac-viec").get_data(as_text=True)
    assert "Vì sao có loại không tắt được?" in text
    assert 'name="thu-scores"' in text
    assert 'name="thu-milestone"' not in text
    assert "tin-" not in text
    answer = browser.post("/cai-dat/nhac-viec", {"thu-stuck": "1", "tin-milestone": "1"})
    assert answer.status_code == 303
    with sqlite_database.reading() as session:
        person = build.person_id(session, "appraiser@UBND-TINH")
        found = wishes_of(session, person)
    assert {kind for kind, wish in found.items() if not wish.email} == {ReminderKind.SCORES}
    assert not any(wish.webhook for wish in found.values())


def test_news_that_waits_is_previewed_and_forecast(
    sqlite_database: Database, clock: Hands, sign_in: SignIn
) -> None:
    code = build.a_submitted(sqlite_database)
    clock.now = build.AUTUMN + timedelta(minutes=1)
    browser = sign_in("council_secretary@h029")
    for page in ("/cai-dat/nhac-viec", "/nhac-viec/du-bao?tu=20/11/2023&den=21/11/2023"):
        text = browser.get(page).get_data(as_text=True)
        assert "1 tin mới" in text
        assert f"Đã nộp, chờ Hội đồng xét: {code}" in text


def test_tomorrows_letter_is_previewed(
    sqlite_database: Database, clock: Hands, sign_in: SignIn
) -> None:
    code = build.a_registered(sqlite_database)
    clock.now = MARK - timedelta(hours=10)
    text = sign_in("clerk@h029").get("/cai-dat/nhac-viec").get_data(as_text=True)
    assert "[TĐKT] 1 việc đến hạn ngày 30/11" in text
    assert code in text


def test_settings_say_beforehand_what_each_kind_will_bring(
    sqlite_database: Database, clock: Hands, sign_in: SignIn
) -> None:
    build.a_submitted(sqlite_database)
    clock.now = build.AUTUMN
    text = sign_in("appraiser@ubnd-tinh").get("/cai-dat/nhac-viec").get_data(as_text=True)
    assert "Không có lần nhắc nào cho bạn trong 60 ngày tới" in text
    text = sign_in("council_secretary@h029").get("/cai-dat/nhac-viec").get_data(as_text=True)
    assert re.search(r"\d lần nhắc trong 60 ngày tới, gần nhất 08:00 ngày", text)


def test_the_fullest_days_are_named_first() -> None:
    days = [date(2023, 12, 8)] * 3 + [date(2023, 12, 9)] * 4 + [date(2023, 12, 10)] * 2
    found = [cast("Coming", SimpleNamespace(intent=SimpleNamespace(day=day))) for day in days]
    assert crowded_words(found) == [
        "Thứ Bảy, 09/12/2023: 4 lần nhắc",
        "Thứ Sáu, 08/12/2023: 3 lần nhắc",
    ]


def test_a_result_passed_on_stops_its_reminders(
    sqlite_database: Database, clock: Hands, sign_in: SignIn
) -> None:
    code = build.a_decided(sqlite_database)
    clock.now = build.NOW + timedelta(days=1)
    browser = sign_in("clerk@h029")
    assert "Đã báo kết quả" in browser.get(f"/nhac-viec/da-bao/{code}").get_data(as_text=True)
    assert browser.post(f"/nhac-viec/da-bao/{code}").status_code == 303
    assert "Đã ghi nhận lúc" in browser.get(f"/nhac-viec/da-bao/{code}").get_data(as_text=True)
    plan(sqlite_database, clock.now + timedelta(days=20))
    with sqlite_database.reading() as session:
        letters = set(session.scalars(select(OutgoingMessage.letter)))
    assert "due_notice" not in letters


@pytest.mark.parametrize("login", ["clerk@h030", "appraiser@ubnd-tinh"])
def test_nobody_else_passes_it_on(sqlite_database: Database, sign_in: SignIn, login: str) -> None:
    code = build.a_decided(sqlite_database)
    assert sign_in(login).get(f"/nhac-viec/da-bao/{code}").status_code == 404


def test_the_terminal_tells_the_same(planned: str, app: Flask) -> None:
    runner = app.test_cli_runner()
    told = runner.invoke(args=["reminders", "reconcile", "--from", "2023-10-25"])
    assert told.exit_code == 0, told.output
    assert "01/11/2023: đến hạn 4 = gửi 2 + không gửi có lý do 0 + hỏng 0 + chờ 2" in told.output
    told = runner.invoke(args=["reminders", "forecast", "--to", "16/11/2023", "--unit", "H029"])
    assert told.exit_code == 0, told.output
    assert "lượt nhắc trong" in told.output


def test_the_terminal_fails_when_a_day_does_not_add_up(
    planned: str, sqlite_database: Database, app: Flask
) -> None:
    with sqlite_database.writing() as session:
        session.delete(
            session.scalars(select(OutgoingMessage).where(OutgoingMessage.day.is_not(None))).first()
        )
    told = app.test_cli_runner().invoke(args=["reminders", "reconcile"])
    assert told.exit_code == 1
    assert "LỆCH" in told.output
