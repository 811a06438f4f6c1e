"""One-time codes: asked for, sent sealed, used once within the hour; what administrators do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.settings import Settings
from models.account_log import When
from models.accounts import LOCKED
from models.database import Database
from models.one_time_codes import answer_requests
from models.sealed import Sealer
from models.sessions import Visit
from models.signing_in import Door
from models.tables import Account, CodeRequest, HistoryLine, OneTimeCode, OutgoingMessage, Person
from schedules.envelope import Letterhead, Unwritable, compose
from tests.builders import NOW, PASSWORD, PROVINCE, ROOT, who
from tests.views.conftest import Browser, Hands
from tests.views.test_second_factor import SignIn, enrol
from workflow.sign_in_policy import read_policies

LOGIN = "clerk@h029"
NEW = "bốn con trâu đỏ 71"
CODE = re.compile(r"Mã dùng một lần: ([a-z2-9]{5}-[a-z2-9]{5})")
ADMINISTRATOR = f"administrator@{PROVINCE.casefold()}"
PAGE = "/quan-tri/nguoi-dung/clerk@H029"


def answered(database: Database, settings: Settings, clock: Hands) -> int:
    """What the scheduler's job does with the requests there are."""
    policy = read_policies((ROOT / "config/accounts.yaml").read_text("utf-8"))[0]
    now = clock()
    sealer = Sealer(settings.secret_keys)
    return answer_requests(database, Door(Visit(), policy, When(now, now), sealer))


def letters(database: Database, code: str = "clerk@H029") -> list[OutgoingMessage]:
    person = who(database, code)
    with database.reading() as session:
        return list(
            session.scalars(
                select(OutgoingMessage)
                .where(OutgoingMessage.recipient_id == person)
                .order_by(OutgoingMessage.id)
            )
        )


def code_in(letter: OutgoingMessage, settings: Settings, base: str = "http://x") -> str:
    head = Letterhead("khong-tra-loi@example.vn", base, Sealer(settings.secret_keys))
    text = compose(letter, None, head, NOW).get_content()
    assert f"{base}/ma-mot-lan" in text
    found = CODE.search(text)
    assert found
    return found[1]


@pytest.fixture
def asked(
    browser: Browser, sqlite_database: Database, settings: Settings, clock: Hands
) -> tuple[Browser, str]:
    """A browser that asked for a code, and the code that came."""
    assert browser.post("/quen-mat-khau", {"login": LOGIN.upper()}).location == "/ma-mot-lan"
    assert answered(sqlite_database, settings, clock) == 1
    [letter] = letters(sqlite_database)
    code = code_in(letter, settings)
    assert code not in str(letter.values)
    browser.last = ""
    return browser, code


def spend(browser: Browser, code: str, login: str = LOGIN, new: str = NEW) -> int:
    return browser.post("/ma-mot-lan", {"login": login, "code": code, "new": new}).status_code


def test_a_code_sets_a_password_once(
    app: Flask, asked: tuple[Browser, str], sign_in: SignIn
) -> None:
    browser, code = asked
    old = sign_in(LOGIN)
    assert spend(browser, code.upper().replace("-", " ")) == 303
    assert old.get("/viec").status_code == 303
    assert spend(browser, code, new="năm con trâu xanh 72") == 422
    Browser(app.test_client()).sign_in(LOGIN, NEW)


def test_a_code_lives_an_hour(asked: tuple[Browser, str], clock: Hands) -> None:
    clock.now += timedelta(minutes=60)
    assert spend(*asked) == 422


def test_a_newer_code_ends_the_older(
    asked: tuple[Browser, str], sqlite_database: Database, settings: Settings, clock: Hands
) -> None:
    browser, old = asked
    clock.now += timedelta(minutes=1)
    browser.post("/quen-mat-khau", {"login": LOGIN})
    answered(sqlite_database, settings, clock)
    assert spend(browser, old) == 422
    assert spend(browser, code_in(letters(sqlite_database)[-1], settings)) == 303


def test_a_code_is_for_one_account(asked: tuple[Browser, str]) -> None:
    assert spend(*asked, login="clerk@h026") == 422


def test_an_easy_password_does_not_spend_the_code(asked: tuple[Browser, str]) -> None:
    browser, code = asked
    for easy in ("ngắn quá", "thiduakhenthuong", "clerk@h029clerk", "password123456"):
        assert spend(browser, code, new=easy) == 422, easy
        assert 'id="new-e"' in browser.last
        assert code in browser.last
    assert spend(browser, code) == 303


def test_guessing_at_codes_is_slowed_down(asked: tuple[Browser, str]) -> None:
    browser, code = asked
    tried = [spend(browser, f"aaaaa-aaaa{sign}") for sign in "abcde"]
    assert tried == [422] * 5
    assert spend(browser, code) == 429


def test_the_answer_tells_nothing_of_accounts(
    browser: Browser, sqlite_database: Database, settings: Settings, clock: Hands
) -> None:
    answers = []
    for login in (LOGIN, "khong.ai", "clerk.h029@hagiang.example"):
        browser.last = ""
        answer = browser.post("/quen-mat-khau", {"login": login})
        answers.append((answer.status_code, answer.location, browser.get("/ma-mot-lan").data))
    seen = {(status, place, re.sub(rb'csrf_token" value="[^"]+"', b"", page))
            for status, place, page in answers}  # fmt: skip
    assert len(seen) == 1
    with sqlite_database.reading() as session:
        assert len(session.scalars(select(CodeRequest)).all()) == 3
        assert session.scalars(select(OneTimeCode)).all() == []
    assert answered(sqlite_database, settings, clock) == 3
    assert len(letters(sqlite_database)) >= 1
    with sqlite_database.reading() as session:
        assert session.scalars(select(CodeRequest)).all() == []


def test_asking_is_limited(browser: Browser) -> None:
    codes = [browser.post("/quen-mat-khau", {"login": LOGIN}).status_code for _ in range(4)]
    assert codes == [303, 303, 303, 429]


def test_a_code_is_no_way_around_the_second_factor(
    app: Flask, asked: tuple[Browser, str], sign_in: SignIn, clock: Hands
) -> None:
    browser, code = asked
    enrol(sign_in(LOGIN), clock)
    assert spend(browser, code) == 303
    fresh = Browser(app.test_client())
    answer = fresh.post("/dang-nhap", {"login": LOGIN, "password": NEW})
    assert answer.location == "/dang-nhap/buoc-hai"
    assert fresh.get("/viec").status_code == 303


def test_a_sealed_code_without_its_key_is_no_letter(
    asked: tuple[Browser, str], sqlite_database: Database
) -> None:
    [letter] = letters(sqlite_database)
    head = Letterhead("khong-tra-loi@example.vn", "http://x", Sealer(["z" * 40]))
    with pytest.raises(Unwritable, match="SECRET_KEY"):
        compose(letter, None, head, NOW)


def test_an_administrator_invites(
    sqlite_database: Database, settings: Settings, sign_in: SignIn, app: Flask
) -> None:
    person = who(sqlite_database, "clerk@H029")
    with sqlite_database.writing() as session:
        session.execute(
            update(Account).where(Account.person_id == person).values(password_hash=LOCKED)
        )
    admin = sign_in(ADMINISTRATOR)
    assert "Gửi mã mời" in admin.get(PAGE).get_data(as_text=True)
    assert admin.post(f"{PAGE}/gui-ma").location == PAGE
    code = code_in(letters(sqlite_database)[-1], settings)
    assert spend(Browser(app.test_client()), code) == 303
    with sqlite_database.reading() as session:
        made = session.scalars(select(OneTimeCode)).one()
        acts = session.scalars(select(HistoryLine.action).order_by(HistoryLine.id)).all()
    assert made.purpose.value == "invite"
    assert made.made_by == who(sqlite_database, f"administrator@{PROVINCE}")
    assert acts[-2:] == ["give_code", "use_code"]


def test_a_code_needs_an_address(sqlite_database: Database, sign_in: SignIn) -> None:
    with sqlite_database.writing() as session:
        session.execute(update(Person).values(email=""))
    admin = sign_in(ADMINISTRATOR)
    admin.post(f"{PAGE}/gui-ma")
    assert "chưa có thư công vụ" in admin.get(PAGE).get_data(as_text=True)


def test_an_administrator_resets_a_factor_with_a_reason_the_owner_reads(
    sqlite_database: Database, sign_in: SignIn, clock: Hands, app: Flask
) -> None:
    owner = sign_in(LOGIN)
    enrol(owner, clock)
    admin = sign_in(ADMINISTRATOR)
    assert admin.post(f"{PAGE}/dat-lai-xac-thuc", {"reason": ""}).status_code == 303
    assert owner.get("/viec").status_code == 200
    admin.post(f"{PAGE}/dat-lai-xac-thuc", {"reason": "Mất điện thoại, đã gặp trực tiếp"})
    assert owner.get("/viec").status_code == 303
    Browser(app.test_client()).sign_in(LOGIN)
    last = letters(sqlite_database)[-1]
    assert "Lý do: Mất điện thoại, đã gặp trực tiếp" in last.values["lines"]


def test_nobody_resets_their_own_factor_as_an_administrator(sign_in: SignIn, clock: Hands) -> None:
    admin = sign_in(ADMINISTRATOR)
    enrol(admin, clock)
    page = f"/quan-tri/nguoi-dung/administrator@{PROVINCE}"
    admin.post(f"{page}/dat-lai-xac-thuc", {"reason": "tự làm"})
    assert "Còn 10 mã" in admin.get("/tai-khoan/xac-thuc").get_data(as_text=True)


def test_an_administrator_ends_sessions(sign_in: SignIn) -> None:
    owner, admin = sign_in(LOGIN), sign_in(ADMINISTRATOR)
    assert admin.post(f"{PAGE}/ket-thuc-phien").status_code == 303
    assert owner.get("/viec").status_code == 303
    assert admin.get("/viec").status_code == 200


@pytest.mark.parametrize("act", ["gui-ma", "ket-thuc-phien", "dat-lai-xac-thuc"])
def test_only_administrators_do(sign_in: Callable[[str], Browser], act: str) -> None:
    assert sign_in("head@h029").post(f"{PAGE}/{act}", {"reason": "x"}).status_code == 403


def test_a_new_address_asks_again_keeps_what_was_typed_and_tells_both(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    browser = sign_in(LOGIN)
    clock.now += timedelta(minutes=11)
    browser.get("/tai-khoan/thu")
    wanted = {"email": "moi@hagiang.example"}
    assert browser.post("/tai-khoan/thu", wanted).status_code == 401
    assert 'name="email" value="moi@hagiang.example"' in browser.last
    assert browser.post("/tai-khoan/thu", {**wanted, "proof": PASSWORD}).status_code == 303
    sent = [one.address for one in letters(sqlite_database)]
    assert sent == ["clerk.h029@hagiang.example", "moi@hagiang.example"]


@pytest.mark.parametrize(
    "typed", ["", "khong phai thu", "a@b", "x@y.vn, z@y.vn", "clerk.h026@hagiang.example"]
)
def test_an_address_that_cannot_be_taken(sign_in: SignIn, typed: str) -> None:
    browser = sign_in(LOGIN)
    browser.get("/tai-khoan/thu")
    assert browser.post("/tai-khoan/thu", {"email": typed}).status_code == 422
    assert 'id="email-e"' in browser.last
