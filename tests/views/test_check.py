"""The Board's check, the request for supplement, and the later day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select

from models.database import Database
from models.tables import CheckMark, OutgoingMessage
from tests.builders import (
    NOW,
    a_paper,
    a_registered,
    a_reviewed,
    a_submitted,
    change,
    step,
    taken,
    the_dossier,
)
from tests.views.conftest import Browser, Hands
from workflow.facts import MarkInput, SupplementInput
from workflow.vocabulary import Action, DocumentKind, Outcome, State

SignIn = Callable[[str], Browser]
BOARD = "appraiser@ubnd-tinh"
AFTER = NOW + timedelta(minutes=1)
ALL_MET = {
    "check-2": "met",
    "check-3": "met",
    "check-1": "met",
}


def ready(database: Database) -> str:
    code = a_reviewed(database)
    taken(change(database, code, a_paper(DocumentKind.TO_TRINH)))
    return code


def a_letter_replaced(database: Database, code: str) -> None:
    """The clerk replaces the letter, a minute after the marks, as a supplement asks."""
    asked = SupplementInput(("Ký lại.",), (DocumentKind.TO_TRINH,), NOW + timedelta(days=2))
    taken(
        step(
            database,
            code,
            "appraiser@UBND-TINH",
            Action.REQUEST_SUPPLEMENT,
            asked,
            comment="Ký lại.",
        )
    )
    taken(change(database, code, a_paper(DocumentKind.TO_TRINH, filling="b"), now=AFTER))
    taken(step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT, now=AFTER))


def at(browser: Browser, code: str, page: str = "kiem-tra") -> str:
    address = f"/ho-so/{code}/{page}"
    assert browser.get(address).status_code == 200
    return address


def test_papers_rules_and_figures_stand_side_by_side(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    at(browser, code)
    assert "/tai-lieu/" in browser.last
    assert "86,42 điểm" in browser.last
    assert "0/3 điều đã xem" in browser.last
    assert browser.last.count("Chưa ai kiểm") >= 3
    assert f'href="/ho-so/{code}/yeu-cau-bo-sung"' in browser.last


def test_marks_are_saved_and_then_confirmed(sqlite_database: Database, sign_in: SignIn) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code)
    answer = browser.post(address, {**browser.carried(), **ALL_MET, "do": "save"})
    assert answer.status_code == 303
    at(browser, code)
    assert "3/3 điều đã xem" in browser.last
    answer = browser.post(address, {**browser.carried(), **ALL_MET, "do": "confirm"})
    assert answer.status_code == 303
    assert the_dossier(sqlite_database, code).state is State.BOARD_CHECKED
    with sqlite_database.reading() as session:
        assert session.scalars(select(func.count()).select_from(CheckMark)).one() == 3


def test_marking_and_confirming_is_one_act(sqlite_database: Database, sign_in: SignIn) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code)
    answer = browser.post(address, {**browser.carried(), **ALL_MET, "do": "confirm"})
    assert answer.status_code == 303
    assert the_dossier(sqlite_database, code).state is State.BOARD_CHECKED


def test_marks_from_before_a_change_are_made_anew_and_never_pass_silently(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code)
    browser.post(address, {**browser.carried(), **ALL_MET, "do": "save"})
    a_letter_replaced(sqlite_database, code)
    clock.now = AFTER
    at(browser, code)
    assert browser.last.count('value="met" checked') == 2, "only the papers were replaced"
    assert "2/3 điều đã xem" in browser.last
    assert browser.last.count("sửa hồ sơ sau đó") == 1
    browser.post(address, {**browser.carried(), **ALL_MET, "do": "save"})
    at(browser, code)
    assert "3/3 điều đã xem" in browser.last
    answer = browser.post(address, {**browser.carried(), **ALL_MET, "do": "confirm"})
    assert answer.status_code == 303
    assert the_dossier(sqlite_database, code).state is State.BOARD_CHECKED


def test_the_request_for_supplement_counts_what_it_will_list(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    browser = sign_in(BOARD)
    at(browser, code)
    listed = re.search(r"Yêu cầu bổ sung \((\d+) mục\)", browser.last)
    assert listed
    at(browser, code, "yeu-cau-bo-sung")
    filled = re.findall(r'name="item-\d+"[^>]*>\s*\S', browser.last)
    assert int(listed[1]) == len([one for one in filled if not one.endswith("<")])


def test_not_met_and_not_applicable_need_words_for_the_unit(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code)
    marks = {**ALL_MET, "check-1": "not_met", "check-2": "not_applicable"}
    answer = browser.post(address, {**browser.carried(), **marks, "do": "save"})
    assert answer.status_code == 422
    assert "Chưa gửi được, còn 2 mục" in browser.last
    with sqlite_database.reading() as session:
        assert session.scalars(select(func.count()).select_from(CheckMark)).one() == 0


def test_a_refused_confirmation_keeps_the_marks_and_names_every_reason(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code)
    marks = {**ALL_MET, "check-1": "not_met", "note-1": "Thiếu dấu."}
    answer = browser.post(address, {**browser.carried(), **marks, "do": "confirm"})
    assert answer.status_code == 422
    for rule in ("R16", "R16d"):
        assert f'<a href="#dieu-kien-{rule}">' in browser.last
        assert f'id="dieu-kien-{rule}"' in browser.last
    assert "Thiếu dấu." in browser.last
    assert the_dossier(sqlite_database, code).state is State.COUNCIL_REVIEWED
    with sqlite_database.reading() as session:
        assert session.scalars(select(func.count()).select_from(CheckMark)).one() == 3


def test_an_old_page_and_a_stranger_change_nothing(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code)
    carried = browser.carried()
    mark = MarkInput("outstanding", Outcome.MET)
    taken(step(sqlite_database, code, "appraiser@UBND-TINH", Action.MARK_CHECK, mark))
    assert browser.post(address, {**carried, **ALL_MET, "do": "confirm"}).status_code == 409
    stranger = sign_in("clerk@h026")
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {**carried, **ALL_MET}).status_code == 404
    own = sign_in("clerk@h029")
    own.get(address)
    assert "Người thẩm định" in own.last
    assert 'name="check-2"' not in own.last


def test_a_supplement_is_filled_in_with_every_defect(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code, "yeu-cau-bo-sung")
    assert "Tờ trình đề nghị khen thưởng: tải" in browser.last
    assert 'value="12/12/2023"' in browser.last
    data = {
        "item-1": "Tờ trình: tải bản có số, ngày.",
        "item-2": "Biên bản: ký bổ sung trang 3.",
        "kind-TO_TRINH": "1",
        "kind-BIEN_BAN": "1",
        "due": "12.12.23",
        "comment": "Bổ sung hai mục dưới đây.",
    }
    answer = browser.post(address, {**browser.carried(), **data})
    assert answer.status_code == 303
    dossier = the_dossier(sqlite_database, code)
    assert dossier.state is State.COUNCIL_REVIEWED
    assert dossier.supplement is not None
    assert dossier.supplement["items"] == [data["item-1"], data["item-2"]]
    assert dossier.supplement["kinds"] == ["TO_TRINH", "BIEN_BAN"]
    assert dossier.supplement["due"] == "2023-12-12T10:00:00+00:00"
    with sqlite_database.reading() as session:
        letters = set(session.scalars(select(OutgoingMessage.letter)))
    assert "supplement_requested" in letters


def test_a_supplement_without_items_words_or_day_is_sent_back(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code, "yeu-cau-bo-sung")
    answer = browser.post(address, {**browser.carried(), "due": "01/12/2023", "item-3": " "})
    assert answer.status_code == 422
    for words in (
        "Ghi ít nhất một mục",
        "ít nhất một phần đơn vị được sửa",
        "Ghi lời gửi đơn vị",
        "không thể trước hôm nay",
    ):
        assert words in browser.last
    assert 'value="01/12/2023"' in browser.last


def test_a_second_request_while_one_is_open_is_refused(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    data = {
        "item-1": "Bổ sung tờ trình.",
        "kind-TO_TRINH": "1",
        "due": "12/12/2023",
        "comment": "Xin bổ sung.",
    }
    browser = sign_in(BOARD)
    address = at(browser, code, "yeu-cau-bo-sung")
    assert browser.post(address, {**browser.carried(), **data}).status_code == 303
    at(browser, code, "yeu-cau-bo-sung")
    assert "đã được yêu cầu bổ sung 1 lần" in browser.last
    answer = browser.post(address, {**browser.carried(), **data})
    assert answer.status_code == 422
    assert "Bổ sung tờ trình." in browser.last
    assert "S01" in browser.last or "yêu cầu bổ sung" in browser.last


def test_the_secretary_may_ask_before_the_meeting(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in("council_secretary@h029")
    address = at(browser, code, "yeu-cau-bo-sung")
    data = {
        "item-1": "Báo cáo: thêm số liệu.",
        "kind-BAO_CAO_THANH_TICH": "1",
        "due": "12/12/2023",
        "comment": "Xin bổ sung.",
    }
    assert browser.post(address, {**browser.carried(), **data}).status_code == 303


def test_a_later_day_is_granted_with_a_reason(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code, "gia-han")
    assert "17:00 ngày 30/11/2023" in browser.last
    early = {"until": "30/11/2023", "comment": ""}
    assert browser.post(address, {**browser.carried(), **early}).status_code == 422
    assert "phải sau hôm nay" in browser.last
    assert "Ghi lý do gia hạn" in browser.last
    good = {"until": "8.12.23", "comment": "Thiên tai."}
    assert browser.post(address, {**browser.carried(), **good}).status_code == 303
    until = the_dossier(sqlite_database, code).extended_until
    assert until is not None
    assert until.isoformat() == "2023-12-08T10:00:00+00:00"


def test_strangers_and_the_unit_grant_nothing(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    data = {"version": "1", "key": "k", "until": "8.12.23", "comment": "x"}
    own = sign_in("clerk@h029")
    assert own.post(f"/ho-so/{code}/gia-han", data).status_code == 422
    stranger = sign_in("clerk@h026")
    for page in ("gia-han", "yeu-cau-bo-sung"):
        assert stranger.get(f"/ho-so/{code}/{page}").status_code == 404
        assert stranger.post(f"/ho-so/{code}/{page}", data).status_code == 404
