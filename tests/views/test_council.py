"""The secretary enters what the council resolved."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from models.database import Database
from tests.builders import a_paper, a_registered, a_submitted, change, taken, the_dossier
from tests.small_files import A_PDF
from tests.views.conftest import Browser
from workflow.vocabulary import DocumentKind, State

SignIn = Callable[[str], Browser]
SECRETARY = "council_secretary@h029"
FIGURES = {
    "held_on": "24.11.23",
    "members": "9",
    "present": "9",
    "votes_for": "8",
    "votes_against": "1",
    "method": "show_of_hands",
}
PDF = A_PDF


def with_minutes(database: Database) -> str:
    code = a_submitted(database)
    taken(change(database, code, a_paper(DocumentKind.BIEN_BAN)))
    return code


def at(browser: Browser, code: str) -> str:
    address = f"/ho-so/{code}/hoi-dong"
    assert browser.get(address).status_code == 200
    return address


def test_the_result_is_recorded(sqlite_database: Database, sign_in: SignIn) -> None:
    code = with_minutes(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    assert "ít nhất 2/3 thành viên, làm tròn lên" in browser.last
    assert "ít nhất 80% tổng số thành viên" in browser.last
    answer = browser.post(address, {**browser.carried(), **FIGURES, "do": "record"})
    assert answer.status_code == 303
    assert the_dossier(sqlite_database, code).state is State.COUNCIL_REVIEWED


def test_trying_the_figures_writes_nothing(sqlite_database: Database, sign_in: SignIn) -> None:
    code = with_minutes(sqlite_database)
    before = the_dossier(sqlite_database, code).version
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    answer = browser.post(
        address, {**browser.carried(), **FIGURES, "votes_for": "7", "do": "preview"}
    )
    assert answer.status_code == 200
    assert "9/9, cần 6: đủ" in browser.last
    assert "7/9, cần 8: chưa đủ" in browser.last
    assert the_dossier(sqlite_database, code).version == before


def test_every_figure_without_shape_is_named_and_kept(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = with_minutes(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    wrong = {"held_on": "30/02/2023", "members": "chín", "votes_for": "-1", "do": "record"}
    answer = browser.post(address, {**browser.carried(), **wrong})
    assert answer.status_code == 422
    assert "Chưa gửi được, còn 5 mục" in browser.last
    for words in ("Ghi số thành viên dự họp.", "Chọn cách biểu quyết.", 'value="chín"'):
        assert words in browser.last


def test_a_refused_result_shows_every_reason_and_keeps_the_figures(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    figures = {**FIGURES, "present": "5", "votes_for": "5", "votes_against": "3"}
    answer = browser.post(address, {**browser.carried(), **figures, "do": "record"})
    assert answer.status_code == 422
    for rule in ("R16b", "R06", "R06b", "R06c"):
        assert f'<a href="#dieu-kien-{rule}">' in browser.last
        assert f'id="dieu-kien-{rule}"' in browser.last
    assert 'value="24.11.23"' in browser.last
    assert the_dossier(sqlite_database, code).state is State.SUBMITTED


def test_minutes_and_result_go_in_together(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    file = (io.BytesIO(PDF), "Biên bản.pdf")
    data = {**FIGURES, "dated": "24/11/2023", "signer": "Vàng Thị Dợ", "do": "record"}
    answer = browser.post(address, {**browser.carried(), **data, "file": file})
    assert answer.status_code == 303, browser.last
    assert the_dossier(sqlite_database, code).state is State.COUNCIL_REVIEWED


def test_stored_minutes_stay_when_the_result_is_refused(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    data = {**FIGURES, "votes_for": "2", "dated": "24/11/2023", "signer": "Vàng Thị Dợ"}
    file = (io.BytesIO(PDF), "bien-ban.pdf")
    answer = browser.post(address, {**browser.carried(), **data, "do": "record", "file": file})
    assert answer.status_code == 422
    assert "bien-ban.pdf, bản 1" in browser.last
    answer = browser.post(address, {**browser.carried(), **FIGURES, "do": "record"})
    assert answer.status_code == 303
    assert the_dossier(sqlite_database, code).state is State.COUNCIL_REVIEWED


def test_minutes_alone_are_kept_with_the_figures_typed(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    file = (io.BytesIO(PDF), "bien-ban.pdf")
    answer = browser.post(
        address, {**browser.carried(), "members": "11", "do": "minutes", "file": file}
    )
    assert answer.status_code == 200
    assert "Đã lưu biên bản." in browser.last
    assert 'value="11"' in browser.last


def test_an_old_page_is_refused(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in(SECRETARY)
    address = at(browser, code)
    carried = browser.carried()
    taken(change(sqlite_database, code, a_paper(DocumentKind.BIEN_BAN)))
    assert browser.post(address, {**carried, **FIGURES, "do": "record"}).status_code == 409


def test_who_cannot_act_is_told_who_can_and_strangers_see_nothing(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = with_minutes(sqlite_database)
    clerk = sign_in("clerk@h029")
    clerk.get(f"/ho-so/{code}/hoi-dong")
    assert "Thư ký Hội đồng" in clerk.last
    assert 'name="votes_for"' not in clerk.last
    data = {"version": str(the_dossier(sqlite_database, code).version), "key": "k", **FIGURES}
    assert clerk.post(f"/ho-so/{code}/hoi-dong", {**data, "do": "record"}).status_code == 422
    stranger = sign_in("council_secretary@h026")
    assert stranger.get(f"/ho-so/{code}/hoi-dong").status_code == 404
    assert stranger.post(f"/ho-so/{code}/hoi-dong", {**data, "do": "record"}).status_code == 404


def test_before_its_turn_the_form_is_closed(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(SECRETARY)
    browser.get(f"/ho-so/{code}/hoi-dong")
    assert "hồ sơ không có thao tác này" in browser.last


def test_enter_in_a_field_tries_the_figures_and_writes_nothing(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in(SECRETARY)
    at(browser, code)
    form = next(
        one for one in re.findall(r"<form\b.*?</form>", browser.last, re.DOTALL) if "held_on" in one
    )
    first = re.findall(r'<button\b[^>]*type="submit"[^>]*>', form)[0]
    assert 'name="do" value="preview"' in first
