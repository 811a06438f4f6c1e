"""A demonstration's date and its letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import insert, select

from config.clock import real_now
from config.settings import Settings
from models import clock as clocks
from models import tables
from models.database import Database
from models.deadlines import NewMilestone, set_milestones
from models.rulebooks import rulebook_in_force
from models.sessions import Visit, open_session
from tests.builders import NOW, person_id
from tests.views.conftest import Browser, Hands
from views import create_app
from workflow.vocabulary import State

SignIn = Callable[[str], Browser]
ADMINISTRATOR = "administrator@ubnd-tinh"


@pytest.fixture
def app(settings: Settings, sqlite_database: Database, clock: Hands) -> Flask:
    made = create_app(replace(settings, demonstration=True), sqlite_database, clock)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def sign_in(app: Flask, sqlite_database: Database) -> SignIn:
    """Sessions of a demonstration run on the real clock: moving the date ends none."""

    def enter(login: str) -> Browser:
        with sqlite_database.writing() as session:
            wanted = select(tables.Account.person_id).where(tables.Account.login == login)
            person = session.scalars(wanted).one()
            token = open_session(session, person, Visit(), real_now())
        client = app.test_client()
        with client.session_transaction() as kept:
            kept["sid"] = token
        return Browser(client)

    return enter


def shown(database: Database) -> datetime:
    with database.reading() as session:
        return clocks.shown(session, real_now())


@pytest.mark.parametrize(
    ("day", "hour", "wanted"),
    [
        ("25/12/2023", "08:10", datetime(2023, 12, 25, 1, 10, tzinfo=UTC)),
        ("14.2.23", "17h00", datetime(2023, 2, 14, 10, 0, tzinfo=UTC)),
    ],
)
def test_the_date_moves_both_ways(
    sqlite_database: Database, sign_in: SignIn, day: str, hour: str, wanted: datetime
) -> None:
    browser = sign_in(ADMINISTRATOR)
    browser.get("/quan-tri/ngay")
    assert "Thứ Ba, 05/12/2023" in browser.last
    assert "Hạn nộp hồ sơ" in browser.last
    assert browser.post("/quan-tri/ngay", {"day": day, "hour": hour}).status_code == 303
    assert abs((shown(sqlite_database) - wanted).total_seconds()) < 60
    with sqlite_database.reading() as session:
        actions = session.scalars(select(tables.HistoryLine.action)).all()
    assert "move_clock" in actions


def test_a_date_without_shape_moves_nothing(sqlite_database: Database, sign_in: SignIn) -> None:
    browser = sign_in(ADMINISTRATOR)
    browser.get("/quan-tri/ngay")
    for wrong in ({"day": "32/1/2023", "hour": "8 giờ"}, {"day": "1/1/1999", "hour": "25:00"}):
        assert browser.post("/quan-tri/ngay", wrong).status_code == 422
        assert "Chưa gửi được, còn 2 mục" in browser.last
        assert f'value="{wrong["day"]}"' in browser.last
    assert browser.post("/quan-tri/ngay", {}).status_code == 422
    with sqlite_database.reading() as session:
        assert session.scalars(select(tables.DemonstrationClock.id)).all() == []


def test_others_may_look_but_not_move(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    assert browser.get("/quan-tri/ngay").status_code == 200
    assert "Chỉ quản trị đổi được ngày" in browser.last
    answer = browser.post("/quan-tri/ngay", {"day": "25/12/2023", "hour": "08:10"})
    assert answer.status_code == 403


def test_caught_letters_are_listed_and_read_as_text(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/hop-thu")
    assert "Chưa có thư nào" in browser.last
    with sqlite_database.writing() as session:
        made = session.execute(
            insert(tables.CaughtMail)
            .values(
                at=NOW,
                mail_from="khong-tra-loi@example.vn",
                rcpt="clerk.h029@hagiang.example",
                subject="[TĐKT] Còn 2 ngày",
                body="Kính gửi Ông/Bà <b>Mai</b>,\nHồ sơ…",
            )
            .returning(tables.CaughtMail.id)
        ).scalar_one()
    browser.get("/hop-thu")
    assert f'href="/hop-thu/{made}"' in browser.last
    browser.get(f"/hop-thu/{made}")
    assert "Kính gửi Ông/Bà &lt;b&gt;Mai&lt;/b&gt;" in browser.last
    assert browser.get("/hop-thu/999").status_code == 404


def test_a_real_service_has_neither(
    settings: Settings, sign_in: SignIn, app: Flask, clock: Hands
) -> None:
    clock.now = real_now()
    app.extensions["desk"] = replace(app.extensions["desk"], settings=settings)
    browser = sign_in(ADMINISTRATOR)
    for address in ("/quan-tri/ngay", "/hop-thu", "/hop-thu/1"):
        assert browser.get(address).status_code == 404
    browser.get("/viec")
    assert "/quan-tri/ngay" not in browser.last


def test_days_worth_visiting_are_those_in_force(sqlite_database: Database, sign_in: SignIn) -> None:
    with sqlite_database.writing() as session:
        programme = rulebook_in_force(session).programme
        wanted = [NewMilestone("2023-midterm", State.SUBMITTED, date(2023, 12, 7))]
        admin = person_id(session, "administrator@UBND-TINH")
        set_milestones(session, programme, wanted, "Lùi hạn", admin, NOW)
    browser = sign_in(ADMINISTRATOR)
    browser.get("/quan-tri/ngay")
    assert 'name="day" value="07/12/2023"' in browser.last
    assert "30/11/2023</s> Hạn nộp hồ sơ (Đợt sơ kết tháng 12/2023)" in browser.last
