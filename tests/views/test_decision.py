"""Issuing a decision and revoking one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from models.database import Database
from tests.builders import a_checked, a_decided, a_reviewed, step, taken, the_dossier
from tests.views.conftest import Browser, Hands
from workflow.facts import SupplementInput
from workflow.vocabulary import Action, State

SignIn = Callable[[str], Browser]
HEAD = "head@ubnd-tinh"
DUE = datetime(2023, 12, 12, 10, tzinfo=UTC)
PAPER = {
    "number": "2417/QĐ-UBND",
    "dated": "05/12/2023",
    "signer": "Nguyễn Văn Sơn",
    "capacity": "",
    "compared": "1",
}


def at(browser: Browser, code: str, page: str = "quyet-dinh") -> str:
    address = f"/ho-so/{code}/{page}"
    assert browser.get(address).status_code == 200
    return address


def test_a_decision_is_issued_after_comparing(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_checked(sqlite_database)
    browser = sign_in(HEAD)
    address = at(browser, code)
    for words in (
        "20% × 30 = 6.",
        "đã dùng 0/6. Sau: 1/6",
        "Mục IV.2.a",
        "Ví dụ 2417/QĐ-UBND",
        "Tôi đã đối chiếu tên trên với danh sách trình ký",
        "Ban hành quyết định</button>",
        "KT. (ký thay cấp trưởng)",
    ):
        assert words in browser.last
    data = {**browser.carried(), **PAPER}
    assert browser.post(address, data).status_code == 303
    assert the_dossier(sqlite_database, code).state is State.DECIDED
    again = browser.post(address, data)
    assert again.status_code == 303
    assert again.location == f"/ho-so/{code}"


def test_nothing_is_issued_without_comparing_and_all_particulars(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_checked(sqlite_database)
    browser = sign_in(HEAD)
    address = at(browser, code)
    wrong = {"number": "", "dated": "06/12/2023", "signer": "Nguyễn Văn Sơn", "capacity": "X"}
    assert browser.post(address, {**browser.carried(), **wrong}).status_code == 422
    assert "Chưa gửi được, còn 4 mục" in browser.last
    assert "Ngày ký không thể sau hôm nay (05/12/2023)." in browser.last
    assert 'value="Nguyễn Văn Sơn"' in browser.last
    assert the_dossier(sqlite_database, code).state is State.BOARD_CHECKED


def test_a_number_used_for_another_paper_is_refused_beside_its_field(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    a_decided(sqlite_database, "H026", "2417/QĐ-UBND")
    code = a_checked(sqlite_database)
    clock.now += timedelta(days=1)
    browser = sign_in(HEAD)
    address = at(browser, code)
    other = {**PAPER, "dated": "06/12/2023"}
    assert browser.post(address, {**browser.carried(), **other}).status_code == 422
    assert '<a href="#number">' in browser.last
    assert "đã dùng cho quyết định khác" in browser.last
    assert the_dossier(sqlite_database, code).state is State.BOARD_CHECKED


def test_a_refusal_of_the_law_keeps_what_was_typed(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_checked(sqlite_database)
    browser = sign_in(HEAD)
    address = at(browser, code)
    carried = browser.carried()
    by, asked = "appraiser@UBND-TINH", SupplementInput(("Ký lại",), (), DUE, initiatives=True)
    taken(step(sqlite_database, code, by, Action.REQUEST_SUPPLEMENT, asked, comment="x"))
    assert browser.post(address, {**carried, **PAPER}).status_code == 409
    at(browser, code)
    assert browser.post(address, {**browser.carried(), **PAPER}).status_code == 422
    assert '<a href="#dieu-kien-S01">' in browser.last
    assert 'value="2417/QĐ-UBND"' in browser.last


def test_only_the_decider_decides(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_checked(sqlite_database)
    data = {"version": str(the_dossier(sqlite_database, code).version), "key": "k", **PAPER}
    board = sign_in("appraiser@ubnd-tinh")
    board.get(f"/ho-so/{code}/quyet-dinh")
    assert "Người quyết định" in board.last
    assert 'name="compared"' not in board.last
    assert board.post(f"/ho-so/{code}/quyet-dinh", data).status_code == 422
    stranger = sign_in("head@h026")
    assert stranger.get(f"/ho-so/{code}/quyet-dinh").status_code == 404
    assert stranger.post(f"/ho-so/{code}/quyet-dinh", data).status_code == 404


def test_an_award_is_revoked_on_one_of_four_grounds(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_decided(sqlite_database)
    browser = sign_in(HEAD)
    address = at(browser, code, "huy-bo")
    assert browser.last.count('name="ground"') == 4
    assert "2103/QĐ-UBND" in browser.last
    wrong = {**PAPER, "number": "88/QĐ-UBND"}
    assert browser.post(address, {**browser.carried(), **wrong}).status_code == 422
    assert "Chọn căn cứ hủy bỏ." in browser.last
    assert "Ghi lý do bằng một câu." in browser.last
    good = {**wrong, "ground": "false_achievement", "comment": "Kết luận thanh tra số 12."}
    assert browser.post(address, {**browser.carried(), **good}).status_code == 303
    assert the_dossier(sqlite_database, code).state is State.REVOKED


def test_before_a_decision_there_is_nothing_to_revoke(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    browser = sign_in(HEAD)
    for page in ("huy-bo", "quyet-dinh"):
        at(browser, code, page)
        assert "hồ sơ không có thao tác này" in browser.last
    stranger = sign_in("head@h026")
    assert stranger.get(f"/ho-so/{code}/huy-bo").status_code == 404
    assert stranger.post(f"/ho-so/{code}/huy-bo", {"version": "1"}).status_code == 404
