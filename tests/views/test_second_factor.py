"""The second factor: set up, asked for, used once, given up, reset; and asking again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from models.database import Database
from models.sealed import Sealer, Unopenable
from models.tables import HistoryLine, OutgoingMessage, RecoveryCode, SecondFactor
from tests.builders import PASSWORD, PROVINCE, who
from tests.views.conftest import Browser, Hands
from views import create_app

LOGIN = "clerk@h029"
SECRET = re.compile(r"<code class=\"pass\">([A-Z2-7 ]+)</code>")
RECOVERY = re.compile(r"<code class=\"pass\">([a-z2-9-]{27})</code>")
SignIn = Callable[[str], Browser]


def code_of(secret: str, clock: Hands) -> str:
    return pyotp.TOTP(secret).at(clock.now)


def enrol(browser: Browser, clock: Hands) -> tuple[str, list[str]]:
    """Switch the second factor on; its secret and the recovery codes."""
    assert browser.post("/tai-khoan/xac-thuc/bat-dau").location == "/tai-khoan/xac-thuc"
    found = SECRET.search(browser.get("/tai-khoan/xac-thuc").get_data(as_text=True))
    assert found
    secret = found[1].replace(" ", "")
    done = browser.post("/tai-khoan/xac-thuc/xac-nhan", {"code": code_of(secret, clock)})
    codes = RECOVERY.findall(done.get_data(as_text=True))
    assert len(codes) == 10
    browser.last = ""
    clock.now += timedelta(seconds=30)
    return secret, codes


def knock(app: Flask, login: str = LOGIN) -> Browser:
    """A new browser whose password fitted and who is asked for a code."""
    browser = Browser(app.test_client())
    answer = browser.post("/dang-nhap?next=/ho-so", {"login": login, "password": PASSWORD})
    assert answer.location == "/dang-nhap/buoc-hai?next=/ho-so"
    browser.last = ""
    return browser


def acts(database: Database) -> list[str]:
    """What was done with accounts; that a form was refused as well is told of every form."""
    with database.reading() as session:
        done = session.scalars(select(HistoryLine.action).order_by(HistoryLine.id))
        return [action for action in done if action != "refuse"]


@pytest.fixture
def enrolled(
    app: Flask, sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> tuple[Browser, str, list[str]]:
    """Somebody who switched the second factor on, with secret and recovery codes."""
    browser = sign_in(LOGIN)
    return browser, *enrol(browser, clock)


def test_the_picture_is_ours_and_goes_with_the_first_code(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    browser = sign_in(LOGIN)
    assert browser.get("/tai-khoan/xac-thuc/ma-qr.svg").status_code == 404
    browser.post("/tai-khoan/xac-thuc/bat-dau")
    drawn = browser.get("/tai-khoan/xac-thuc/ma-qr.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.headers["Cache-Control"] == "no-store"
    assert b"style" not in drawn.data
    secret, codes = enrol(browser, clock)
    assert browser.get("/tai-khoan/xac-thuc/ma-qr.svg").status_code == 404
    with sqlite_database.reading() as session:
        stored = session.scalars(select(SecondFactor.secret)).one()
        hashes = set(session.scalars(select(RecoveryCode.code_hash)))
    assert secret not in stored
    assert not hashes & set(codes)
    assert "add_factor" in acts(sqlite_database)
    shown = browser.get("/tai-khoan/xac-thuc").get_data(as_text=True)
    assert secret not in shown.replace(" ", "")
    assert "Còn 10 mã chưa dùng" in shown


def test_a_wrong_first_code_switches_nothing_on(sign_in: SignIn) -> None:
    browser = sign_in(LOGIN)
    browser.post("/tai-khoan/xac-thuc/bat-dau")
    assert browser.post("/tai-khoan/xac-thuc/xac-nhan", {"code": "000000"}).status_code == 422
    assert "Mã không đúng" in browser.last
    assert browser.get("/ho-so").status_code == 200


def test_the_password_alone_opens_nothing(
    app: Flask, enrolled: tuple[Browser, str, list[str]], clock: Hands
) -> None:
    browser = knock(app)
    assert browser.get("/viec").status_code == 303
    assert browser.post("/dang-nhap/buoc-hai", {"code": "123456"}).status_code == 422
    assert browser.get("/viec").status_code == 303
    answer = browser.post("/dang-nhap/buoc-hai?next=/ho-so", {"code": code_of(enrolled[1], clock)})
    assert answer.location == "/ho-so"
    assert browser.get("/viec").status_code == 200


def test_a_code_counts_once(
    app: Flask, enrolled: tuple[Browser, str, list[str]], clock: Hands
) -> None:
    code = code_of(enrolled[1], clock)
    assert knock(app).post("/dang-nhap/buoc-hai", {"code": code}).status_code == 303
    assert knock(app).post("/dang-nhap/buoc-hai", {"code": code}).status_code == 422
    clock.now += timedelta(seconds=30)
    earlier = pyotp.TOTP(enrolled[1]).at(clock.now - timedelta(seconds=30))
    assert knock(app).post("/dang-nhap/buoc-hai", {"code": earlier}).status_code == 422
    again = {"code": code_of(enrolled[1], clock)}
    assert knock(app).post("/dang-nhap/buoc-hai", again).status_code == 303


def test_a_recovery_code_counts_once(
    app: Flask, enrolled: tuple[Browser, str, list[str]], clock: Hands
) -> None:
    spent = {"code": enrolled[2][0].upper()}
    assert knock(app).post("/dang-nhap/buoc-hai", spent).status_code == 303
    assert knock(app).post("/dang-nhap/buoc-hai", spent).status_code == 422
    other = {"code": enrolled[2][1].replace("-", " ")}
    assert knock(app).post("/dang-nhap/buoc-hai", other).status_code == 303


def test_the_second_step_is_waited_for_some_minutes(
    app: Flask, enrolled: tuple[Browser, str, list[str]], clock: Hands
) -> None:
    browser = knock(app)
    clock.now += timedelta(minutes=10, seconds=1)
    late = browser.post("/dang-nhap/buoc-hai", {"code": code_of(enrolled[1], clock)})
    assert late.location == "/dang-nhap"
    assert browser.get("/viec").status_code == 303


def test_guessing_at_codes_is_slowed_down(
    app: Flask, enrolled: tuple[Browser, str, list[str]], clock: Hands
) -> None:
    browser = knock(app)
    tried = [browser.post("/dang-nhap/buoc-hai", {"code": f"{n:06}"}).status_code for n in range(6)]
    assert tried == [422] * 5 + [429]


def test_switching_on_ends_every_other_session(app: Flask, sign_in: SignIn, clock: Hands) -> None:
    other, browser = sign_in(LOGIN), sign_in(LOGIN)
    enrol(browser, clock)
    assert other.get("/viec").status_code == 303
    assert browser.get("/viec").status_code == 200


def test_who_needs_it_reaches_only_the_page_that_sets_it_up(
    settings: Settings, sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    strict = create_app(replace(settings, factor_required=True), sqlite_database, clock)
    for login, needs in [
        (f"administrator@{PROVINCE}", True),
        (f"appraiser@{PROVINCE}", True),
        (f"head@{PROVINCE}", True),
        ("head@h029", True),
        (LOGIN, False),
        ("council_chair@h029", False),
    ]:
        cookie = sign_in(login.casefold()).client.get_cookie("sid")
        assert cookie is not None
        client = strict.test_client()
        client.set_cookie("sid", cookie.value)
        browser = Browser(client)
        answer = browser.get("/ho-so")
        assert (answer.status_code == 303) is needs, login
        if needs:
            assert answer.location == "/tai-khoan/xac-thuc"
            browser.get("/tai-khoan/xac-thuc")
            assert browser.post("/tai-khoan/phien/khac").status_code == 403
            enrol(browser, clock)
            assert browser.get("/ho-so").status_code == 200


def test_giving_it_up_asks_again_who_one_is_and_tells(
    sqlite_database: Database, enrolled: tuple[Browser, str, list[str]], clock: Hands
) -> None:
    browser = enrolled[0]
    clock.now += timedelta(minutes=11)
    asked = browser.post("/tai-khoan/xac-thuc/tat")
    assert asked.status_code == 401
    assert "Xác nhận lại người dùng" in browser.last
    wrong = browser.post("/tai-khoan/xac-thuc/tat", {"proof": "sai mật khẩu rồi"})
    assert wrong.status_code == 422
    code = code_of(enrolled[1], clock)
    assert browser.post("/tai-khoan/xac-thuc/tat", {"proof": code}).status_code == 303
    with sqlite_database.reading() as session:
        assert session.scalars(select(SecondFactor)).all() == []
        assert session.scalars(select(RecoveryCode)).all() == []
    assert acts(sqlite_database)[-3:] == ["refuse_proof", "prove_again", "remove_factor"]


def test_secrets_outlive_a_change_of_the_key() -> None:
    old, both = Sealer(["a" * 40]), Sealer(["b" * 40, "a" * 40])
    sealed = old.seal("JBSWY3DPEHPK3PXP")
    assert both.open(sealed) == "JBSWY3DPEHPK3PXP"
    assert Sealer(["b" * 40]).open(both.reseal(sealed)) == "JBSWY3DPEHPK3PXP"
    with pytest.raises(Unopenable):
        Sealer(["b" * 40]).open(sealed)


def test_own_sessions_are_listed_and_ended(
    app: Flask, sqlite_database: Database, sign_in: SignIn
) -> None:
    browser, other, stranger = sign_in(LOGIN), sign_in(LOGIN), sign_in("clerk@h026")
    page = browser.get("/tai-khoan").get_data(as_text=True)
    numbers = re.findall(r"/tai-khoan/phien/(\d+)", page)
    assert len(numbers) == 1
    assert stranger.post(f"/tai-khoan/phien/{numbers[0]}").status_code == 404
    assert other.get("/viec").status_code == 200
    assert browser.post(f"/tai-khoan/phien/{numbers[0]}").status_code == 303
    assert other.get("/viec").status_code == 303
    third = sign_in(LOGIN)
    browser.post("/tai-khoan/phien/khac")
    assert third.get("/viec").status_code == 303
    assert browser.get("/viec").status_code == 200
    assert acts(sqlite_database)[-2:] == ["end_session", "end_sessions"]


def test_letters_tell_the_owner(
    sqlite_database: Database, enrolled: tuple[Browser, str, list[str]]
) -> None:
    person = who(sqlite_database, "clerk@H029")
    with sqlite_database.reading() as session:
        letters = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.recipient_id == person)
        ).all()
    assert [one.values["headline"] for one in letters] == ["Đã bật bước xác thực thứ hai"]
