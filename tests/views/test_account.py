"""Signing in and out: new ids, ends that hold, and nothing told to somebody who guesses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from models.accounts import disable
from models.database import Database
from models.tables import Account
from tests.builders import NOW, PASSWORD, PROVINCE, who
from tests.views.conftest import Browser, Hands


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("sid")
    assert found is not None
    return found.value


def test_after_signing_in_the_page_asked_for_opens(browser: Browser) -> None:
    wanted = browser.get("/ho-so?q=27")
    answer = browser.post(wanted.location, {"login": "clerk@h029", "password": PASSWORD})
    assert answer.location == "/ho-so?q=27"


def test_a_foreign_way_back_leads_to_the_inbox(browser: Browser) -> None:
    answer = browser.post(
        "/dang-nhap?next=//xau.example", {"login": "clerk@h029", "password": PASSWORD}
    )
    assert answer.location == "/viec"


@pytest.mark.parametrize("login", ["clerk@h029", "khong.ai"])
def test_a_wrong_name_and_a_wrong_password_look_the_same(browser: Browser, login: str) -> None:
    answer = browser.post("/dang-nhap", {"login": login, "password": "sai mật khẩu"})
    assert answer.status_code == 422
    text = browser.last
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in text
    assert "<title>Lỗi: " in text


def test_guessing_is_slowed_down(browser: Browser) -> None:
    codes = [
        browser.post("/dang-nhap", {"login": "clerk@h029", "password": "sai"}).status_code
        for _ in range(6)
    ]
    assert codes == [422] * 5 + [429]


def test_empty_fields_are_named(browser: Browser) -> None:
    answer = browser.post("/dang-nhap", {"login": "", "password": ""})
    assert answer.status_code == 422
    assert "Gõ tên đăng nhập hoặc thư công vụ." in browser.last
    assert "Gõ mật khẩu." in browser.last


def test_the_cookie_changes_at_signing_in_and_is_locked_up(app: Flask) -> None:
    browser = Browser(app.test_client())
    browser.get("/dang-nhap")
    before = cookie(browser)
    answer = browser.post("/dang-nhap", {"login": "clerk@h029", "password": PASSWORD})
    assert cookie(browser) != before
    written = answer.headers["Set-Cookie"]
    assert "HttpOnly" in written
    assert "SameSite=Lax" in written


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(
    app: Flask, sign_in: Callable[[str], Browser]
) -> None:
    browser = sign_in("clerk@h029")
    stolen = cookie(browser)
    assert browser.post("/dang-xuat").status_code == 303
    thief = app.test_client()
    thief.set_cookie("sid", stolen)
    assert thief.get("/viec").status_code == 303


def test_a_get_does_not_sign_out(sign_in: Callable[[str], Browser]) -> None:
    browser = sign_in("clerk@h029")
    assert browser.get("/dang-xuat").status_code == 405
    assert browser.get("/viec").status_code == 200


@pytest.mark.parametrize(
    ("pause", "times", "status"),
    [
        (timedelta(minutes=29), 1, 200),
        (timedelta(minutes=31), 1, 303),
        (timedelta(minutes=25), 30, 303),
    ],
)
def test_a_session_ends_when_idle_and_after_twelve_hours(
    sign_in: Callable[[str], Browser], clock: Hands, pause: timedelta, times: int, status: int
) -> None:
    browser = sign_in("clerk@h029")
    answer = browser.get("/viec")
    for _ in range(times):
        clock.now += pause
        answer = browser.get("/viec")
    assert answer.status_code == status


def test_a_disabled_account_is_out_at_the_next_request(
    sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    browser = sign_in("clerk@h029")
    admin = who(sqlite_database, f"administrator@{PROVINCE}")
    with sqlite_database.writing() as session:
        disable(session, who(sqlite_database, "clerk@H029"), admin, NOW)
    assert browser.get("/viec").status_code == 303


def test_a_password_set_by_somebody_else_is_changed_first(
    sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    with sqlite_database.writing() as session:
        session.execute(update(Account).values(must_change=True))
    browser = sign_in("clerk@h029")
    assert browser.get("/viec").location == "/mat-khau"
    browser.get("/mat-khau")
    wrong = browser.post("/mat-khau", {"old": "sai", "new": "một mật khẩu mới dài"})
    assert wrong.status_code == 422
    done = browser.post("/mat-khau", {"old": PASSWORD, "new": "một mật khẩu mới dài"})
    assert done.location == "/dang-nhap"
    browser.last = ""
    browser.sign_in("clerk@h029", "một mật khẩu mới dài")
    assert browser.get("/viec").status_code == 200


def test_no_accounts_are_shown_outside_a_demonstration(browser: Browser) -> None:
    assert "Tài khoản minh hoạ" not in browser.get("/dang-nhap").get_data(as_text=True)


def test_the_official_mail_is_a_name_too_and_has_no_count_of_its_own(
    app: Flask, browser: Browser
) -> None:
    mail = "Clerk.H029@hagiang.example"
    answer = browser.post("/dang-nhap", {"login": mail, "password": PASSWORD})
    assert answer.location == "/viec"
    stranger = Browser(app.test_client())
    codes = [
        stranger.post("/dang-nhap", {"login": name, "password": "sai"}).status_code
        for name in (mail, "clerk@h029", mail, "clerk@h029", mail, "clerk@h029")
    ]
    assert codes == [422] * 5 + [429]
