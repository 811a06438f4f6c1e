"""Pages about people: delegations, appointments, handing over, emergencies, who could act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.emergencies import answer, ask
from models.tables import Account, Appointment, AppointmentRequest, Delegation, EmergencyAccess
from tests import builders as build
from tests.views.conftest import Browser
from workflow.decisions import Accepted
from workflow.facts import CouncilInput, CouncilResult
from workflow.vocabulary import Action, Post, Role

SignIn = Callable[[str], Browser]
HEAD, CLERK = "head@H029", "clerk@H029"
ADMINISTRATOR, SECOND = "administrator@UBND-TINH", "auditor@UBND-TINH"
PAGES = (
    "/uy-quyen",
    "/khan-cap",
    "/quan-tri",
    "/quan-tri/uy-quyen",
    "/quan-tri/ai-xu-ly",
    "/quan-tri/nguoi-dung",
    "/quan-tri/nguoi-dung/head@H029",
    "/quan-tri/nguoi-dung/head@H029/ban-giao",
    "/quan-tri/nguoi-dung/head@H029/ban-giao?khoa=1",
)


@pytest.mark.parametrize("address", PAGES)
def test_pages_of_administration_open_for_administrators_only(
    sqlite_database: Database, sign_in: SignIn, address: str
) -> None:
    build.a_written(sqlite_database)
    assert sign_in(ADMINISTRATOR.casefold()).get(address).status_code == 200
    expected = 403 if address.startswith("/quan-tri") else 200
    assert sign_in(HEAD.casefold()).get(address).status_code == expected


@pytest.mark.parametrize("words", ["head h029", "head@h029", "huyen quan ba"])
def test_people_are_found_without_marks(
    sqlite_database: Database, sign_in: SignIn, words: str
) -> None:
    browser = sign_in(ADMINISTRATOR.casefold())
    assert browser.get("/quan-tri/nguoi-dung", query_string={"q": words}).status_code == 200
    assert "/quan-tri/nguoi-dung/head@H029" in browser.last
    assert "/quan-tri/nguoi-dung/head@H030" not in browser.last


def lent(browser: Browser, **more: str) -> int:
    data = {"delegate": CLERK, "first_day": "05/12/2023", "last_day": "08/12/2023"}
    return browser.post("/uy-quyen", {**data, "reason": "Nghỉ phép", **more}).status_code


def test_a_head_on_leave_lends_and_the_deputy_finds_the_task(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_written(sqlite_database)
    secretary = "council_secretary@H029"
    assert lent(sign_in(HEAD.casefold()), delegate=secretary) == 303
    browser = sign_in(secretary.casefold())
    browser.get("/viec")
    assert "Thay mặt Vàng Head H029" in browser.last
    browser.get(f"/ho-so/{code}")
    assert "thay mặt Vàng Head H029" in browser.last
    browser.get("/uy-quyen")
    assert "Đang chạy" in browser.last


def test_mistakes_keep_what_was_typed(sqlite_database: Database, sign_in: SignIn) -> None:
    browser = sign_in(HEAD.casefold())
    assert lent(browser, last_day="01/12/2023", reason="Đi công tác Hà Nội") == 422
    assert "Đi công tác Hà Nội" in browser.last
    assert "Ngày cuối không thể trước ngày đầu." in browser.last
    with sqlite_database.reading() as session:
        assert session.scalars(select(Delegation)).all() == []


def test_only_those_concerned_end_a_delegation(sqlite_database: Database, sign_in: SignIn) -> None:
    assert lent(sign_in(HEAD.casefold())) == 303
    assert sign_in("head@h030").post("/uy-quyen/1/ket-thuc").status_code == 404
    assert sign_in(CLERK.casefold()).post("/uy-quyen/1/ket-thuc").status_code == 303
    with sqlite_database.reading() as session:
        assert session.get_one(Delegation, 1).ended_at is not None


def test_work_moves_to_the_receiver_from_the_next_day(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_submitted(sqlite_database)
    leaving, taking = "council_secretary@H029", "council_chair@H029"
    browser = sign_in(ADMINISTRATOR.casefold())
    page = f"/quan-tri/nguoi-dung/{leaving}/ban-giao"
    browser.get(page)
    assert code in browser.last
    assert "1 hồ sơ chỉ người này xử lý được." in browser.last
    with sqlite_database.reading() as session:
        person = build.person_id(session, leaving)
        held = session.scalars(select(Appointment).where(Appointment.person_id == person)).one().id
    refused = browser.post(page, {"last_day": "05/12/2023", f"receiver-{held}": "-"})
    assert refused.status_code == 422
    assert "không còn ai xử lý" in browser.last
    done = browser.post(page, {"last_day": "05/12/2023", f"receiver-{held}": taking})
    assert done.status_code == 303
    with sqlite_database.reading() as session:
        taker = build.person_id(session, taking)
        rows = session.execute(
            select(Appointment.valid_from).where(
                Appointment.person_id == taker, Appointment.post == Post.COUNCIL_SECRETARY
            )
        ).one()
        ended = session.get_one(Appointment, held).valid_to
    assert (ended.isoformat() if ended else "", rows[0].isoformat()) == (
        "2023-12-05",
        "2023-12-06",
    )
    result = CouncilInput(CouncilResult(build.NOW.date(), 9, 9, 9))
    later = build.NOW + timedelta(days=1)
    tried = build.step(
        sqlite_database, code, taking, Action.RECORD_COUNCIL_RESULT, result, now=later
    )
    codes = {one.code for one in getattr(tried, "refusals", ())}
    assert isinstance(tried, Accepted) or "WRONG_ROLE" not in codes


def test_closing_an_account_asks_who_receives_the_work(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    build.a_submitted(sqlite_database)
    browser = sign_in(ADMINISTRATOR.casefold())
    page = "/quan-tri/nguoi-dung/council_secretary@H029/ban-giao"
    assert browser.post(page, {"close": "1"}).status_code == 422
    with sqlite_database.reading() as session:
        person = build.person_id(session, "council_secretary@H029")
        held = session.scalars(select(Appointment.id).where(Appointment.person_id == person)).one()
    done = browser.post(page, {"close": "1", f"receiver-{held}": "council_chair@H029"})
    assert done.status_code == 303
    with sqlite_database.reading() as session:
        assert session.get_one(Account, person).disabled_at is not None


def second_administrator(database: Database) -> None:
    with database.writing() as session:
        person = build.person_id(session, SECOND)
        session.execute(
            update(Appointment)
            .where(Appointment.person_id == person)
            .values(post=Post.ADMINISTRATOR)
        )


def test_nobody_appoints_themselves_alone(sqlite_database: Database, sign_in: SignIn) -> None:
    second_administrator(sqlite_database)
    browser = sign_in(ADMINISTRATOR.casefold())
    form = {"post": "head", "unit": "H029", "since": "05/12/2023"}
    page = f"/quan-tri/nguoi-dung/{ADMINISTRATOR}/bo-nhiem"
    assert browser.post(page, form).status_code == 303
    with sqlite_database.reading() as session:
        person = build.person_id(session, ADMINISTRATOR)
        posts = set(
            session.scalars(select(Appointment.post).where(Appointment.person_id == person))
        )
        number = session.scalars(select(AppointmentRequest.id)).one()
    assert posts == {Post.ADMINISTRATOR}
    address = f"/quan-tri/vai-tro-cho/{number}"
    browser.post(address, {"answer": "yes"})
    with sqlite_database.reading() as session:
        assert session.get_one(AppointmentRequest, number).granted is None
    sign_in(SECOND.casefold()).post(address, {"answer": "yes"})
    with sqlite_database.reading() as session:
        posts = set(
            session.scalars(select(Appointment.post).where(Appointment.person_id == person))
        )
    assert posts == {Post.ADMINISTRATOR, Post.HEAD}


def test_an_emergency_needs_two_and_stands_on_every_front_page(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    database = sqlite_database
    code = build.a_submitted(database)
    clerk, head = build.who(database, CLERK), build.who(database, HEAD)
    administrator = build.who(database, ADMINISTRATOR)
    with database.writing() as session:
        secretary = Role.COUNCIL_SECRETARY
        number = ask(session, code, secretary, 4, "Thư ký nằm viện", clerk, build.NOW)
        assert not answer(session, number, clerk, build.NOW, granted=True)
        assert not answer(session, number, head, build.NOW, granted=True)
        assert answer(session, number, administrator, build.NOW, granted=True)
    for name in (HEAD, CLERK, ADMINISTRATOR):
        browser = sign_in(name.casefold())
        browser.get("/viec")
        assert "Truy cập khẩn cấp đang mở" in browser.last
        browser.get(f"/ho-so/{code}")
        assert "Thư ký nằm viện" in browser.last
    result = CouncilInput(CouncilResult(build.NOW.date(), 9, 9, 9))
    for hours, works in ((3, True), (4, False)):
        now = build.NOW + timedelta(hours=hours)
        tried = build.step(database, code, CLERK, Action.RECORD_COUNCIL_RESULT, result, now=now)
        refused = {one.code for one in getattr(tried, "refusals", ())}
        assert ("WRONG_ROLE" not in refused) is works
        if isinstance(tried, Accepted):
            break
    with database.reading() as session:
        assert session.get_one(EmergencyAccess, number).answered_by == administrator


def test_the_list_shows_the_alarm_with_a_way_out(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_submitted(sqlite_database)
    with sqlite_database.writing() as session:
        person = build.person_id(session, "council_secretary@H029")
        session.execute(
            update(Appointment)
            .where(Appointment.person_id == person)
            .values(valid_to=build.NOW.date() - timedelta(days=1))
        )
    browser = sign_in(ADMINISTRATOR.casefold())
    browser.get("/quan-tri/ai-xu-ly?chi=bao-dong")
    assert code in browser.last
    assert "Chưa có ai giữ vai trò" in browser.last
    browser.get("/quan-tri")
    assert "Có 1 hồ sơ không ai xử lý được" in browser.last
    browser.get(f"/ho-so/{code}")
    assert "Không ai xử lý được bước" in browser.last
