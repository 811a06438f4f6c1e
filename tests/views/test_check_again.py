"""The queue, what changed since the last look, one list of defects, and the second request."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.database import Database
from models.editing import PutInitiative
from models.tables import LastLook, OutgoingMessage
from tests.builders import (
    NOW,
    a_paper,
    a_reviewed,
    a_submitted,
    change,
    step,
    taken,
    the_dossier,
    who,
)
from tests.views.conftest import Browser, Hands, counted
from tests.views.test_check import AFTER, ALL_MET, BOARD, at, ready
from workflow.facts import CouncilInput, CouncilResult, HoldInput
from workflow.vocabulary import Action, DocumentKind, State

SignIn = Callable[[str], Browser]
LATER = NOW + timedelta(minutes=5)
STAMP = "Biên bản họp Hội đồng: ký bổ sung ở trang cuối, đóng dấu giáp lai rồi tải lại."
MARKS = {
    "check-1": "not_met",
    "ready-1-2": "1",
    "check-2": "met",
    "check-3": "not_met",
    "note-3": "Sáng kiến: ghi đúng số quyết định công nhận.",
}


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def ask(browser: Browser, code: str, **more: str) -> int:
    """Send the request as the page filled it in."""
    address = at(browser, code, "yeu-cau-bo-sung")
    areas = re.findall(r'<textarea[^>]*name="(item-\d+)"[^>]*>\n?([^<]*)</textarea>', browser.last)
    ticked = re.findall(r'name="(kind-[A-Z_a-z]+)" value="1" checked', browser.last)
    due = re.search(r'name="due" value="([^"]+)"', browser.last)
    assert due
    data = {**dict(areas), **dict.fromkeys(ticked, "1"), "due": due[1], "comment": "Xin bổ sung."}
    return browser.post(address, {**browser.carried(), **data, **more}).status_code


def two_defects(database: Database, browser: Browser) -> str:
    """A dossier the Board has asked to mend in two points, from the marks on the page."""
    code = ready(database)
    address = at(browser, code)
    saved = browser.post(address, {**browser.carried(), **MARKS, "do": "save"})
    assert saved.status_code == 303, words(browser.last)
    assert ask(browser, code) == 303, words(browser.last)
    return code


def mended(database: Database, code: str) -> None:
    """The unit does as it was asked, and hands in again."""
    paper = a_paper(DocumentKind.BIEN_BAN, filling="b")
    taken(change(database, code, paper, now=AFTER))
    written = PutInitiative("Tổ lưu động", "UBND tỉnh", "1230/QĐ-UBND", date(2023, 6, 1), True)
    taken(change(database, code, written, now=AFTER))
    taken(step(database, code, "clerk@H029", Action.SEND_SUPPLEMENT, now=AFTER))


def test_ready_sentences_and_notes_become_one_list_with_the_papers_at_fault(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = two_defects(sqlite_database, sign_in(BOARD))
    dossier = the_dossier(sqlite_database, code)
    assert dossier.supplement is not None
    assert dossier.supplement["items"] == [
        f"{STAMP} (Mục I.2.c)",
        f"{MARKS['note-3']} (Mục IV.1.b)",
    ]
    assert dossier.supplement["kinds"] == ["BIEN_BAN"]
    assert dossier.supplement["initiatives"] is True
    assert dossier.supplement_rounds == 1
    with sqlite_database.reading() as session:
        letters = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.letter == "supplement_requested")
        ).all()
    assert letters
    for letter in letters:
        assert letter.values["items"] == dossier.supplement["items"], "all of them, with clauses"


def test_what_changed_since_the_last_look_is_shown_and_kept_until_something_is_saved(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    browser = sign_in(BOARD)
    code = two_defects(sqlite_database, browser)
    mended(sqlite_database, code)
    assert the_dossier(sqlite_database, code).state is State.SUBMITTED, "the minutes changed"
    bring_back(sqlite_database, code)
    clock.now = LATER
    for _ in range(2):
        at(browser, code)
        told = words(browser.last)
        assert "Thay đổi từ lần bạn xem trước" in told
        assert "Biên bản" in told
        assert re.search(r"Bản 1 2\b", told), "old and new version side by side"
        assert "Sáng kiến chưa có Tổ lưu động" in told
        assert "Kiểm lại 2 mục" in told
        assert "việc của người khác" in told
    browser.post(f"/ho-so/{code}/kiem-tra", {**browser.carried(), **ALL_MET, "do": "save"})
    at(browser, code)
    assert "Thay đổi từ lần bạn xem trước" not in browser.last
    with sqlite_database.reading() as session:
        look = session.get_one(
            LastLook,
            (the_dossier(sqlite_database, code).id, who(sqlite_database, "appraiser@UBND-TINH")),
        )
    assert look.version == the_dossier(sqlite_database, code).version


def bring_back(database: Database, code: str) -> None:
    """The council resolves anew."""
    result = CouncilInput(CouncilResult(date(2023, 11, 20), 9, 9, 9))
    secretary = "council_secretary@H029"
    taken(step(database, code, secretary, Action.RECORD_COUNCIL_RESULT, result, now=AFTER))


def test_a_second_request_needs_its_own_reason_and_the_fourth_is_refused(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(BOARD)
    code = two_defects(sqlite_database, browser)
    again = {"item-1": "Ký lại.", "kind-TO_TRINH": "1"}
    for number in (2, 3):
        taken(change(sqlite_database, code, replaced(sqlite_database, code), now=AFTER))
        taken(step(sqlite_database, code, "clerk@H029", Action.SEND_SUPPLEMENT, now=AFTER))
        if the_dossier(sqlite_database, code).state is State.SUBMITTED:
            bring_back(sqlite_database, code)
        assert ask(browser, code, **again) == 422
        assert "Ghi vì sao các mục này chưa được nêu ở lần trước" in browser.last
        assert ask(browser, code, again="Bản mới làm lộ lỗi khác.", **again) == 303
        dossier = the_dossier(sqlite_database, code)
        assert dossier.supplement is not None
        assert (dossier.supplement_rounds, dossier.supplement["again"]) == (
            number,
            "Bản mới làm lộ lỗi khác.",
        )
    taken(change(sqlite_database, code, a_paper(DocumentKind.TO_TRINH, filling="e"), now=AFTER))
    taken(step(sqlite_database, code, "clerk@H029", Action.SEND_SUPPLEMENT, now=AFTER))
    assert ask(browser, code, again="Vẫn còn lỗi.", **again) == 422
    assert "tối đa 3" in browser.last


def replaced(database: Database, code: str):
    """A new version of a paper the open request unlocked."""
    supplement = the_dossier(database, code).supplement
    assert supplement is not None
    return a_paper(DocumentKind(supplement["kinds"][0]), filling="d")


def test_the_queue_shows_what_waits_and_what_came_back_on_top(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    browser = sign_in(BOARD)
    other = a_reviewed(sqlite_database, "H024")
    code = ready(sqlite_database)
    address = at(browser, code)
    marks = {**ALL_MET, "check-1": "not_met", "note-1": "Tờ trình: ký lại."}
    browser.post(address, {**browser.carried(), **marks, "do": "save"})
    assert ask(browser, code) == 303, words(browser.last)
    told = queue(browser)
    assert "1 hồ sơ chờ kiểm tra" in told
    assert told.index("Chờ đơn vị bổ sung hoặc đang tạm dừng") > told.index("0/3 điều đã xem")
    taken(change(sqlite_database, code, a_paper(DocumentKind.TO_TRINH, filling="b"), now=AFTER))
    taken(step(sqlite_database, code, "clerk@H029", Action.SEND_SUPPLEMENT, now=AFTER))
    clock.now = LATER
    told = queue(browser)
    assert "Kiểm tra lại: đã bổ sung 1 mục" in told
    assert "2/3 điều đã xem" in told
    assert browser.last.index(code) < browser.last.index(other), "what came back comes first"
    browser.get("/viec")
    assert "Kiểm tra lại: đã bổ sung 1 mục" in browser.last
    assert 'href="/kiem-tra"' in browser.last
    at(browser, code)
    answer = browser.post(address, {**browser.carried(), **ALL_MET, "do": "next"})
    assert answer.location == f"/ho-so/{other}/kiem-tra"


def queue(browser: Browser) -> str:
    assert browser.get("/kiem-tra").status_code == 200
    return words(browser.last)


def test_an_empty_queue_says_what_will_come(sqlite_database: Database, sign_in: SignIn) -> None:
    a_submitted(sqlite_database)
    told = queue(sign_in(BOARD))
    assert "Không có hồ sơ chờ kiểm tra." in told
    assert "1 hồ sơ sẽ đến sau phiên họp Hội đồng, hạn 08/12/2023." in told


def test_only_appraisers_have_a_queue_and_each_level_its_own(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    ready(sqlite_database)
    assert sign_in("clerk@h029").get("/kiem-tra").status_code == 403
    assert "Không có hồ sơ chờ kiểm tra." in queue(sign_in("appraiser@h029"))
    assert "Không có hồ sơ chờ kiểm tra." in queue(sign_in("appraiser@x00853"))


def test_the_statements_of_the_queue_do_not_grow_with_its_rows(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(BOARD)
    a_reviewed(sqlite_database, "H024")
    queue(browser)
    with counted(sqlite_database) as few:
        queue(browser)
    for unit in ("H026", "H027", "H028"):
        a_reviewed(sqlite_database, unit)
    with counted(sqlite_database) as many:
        queue(browser)
    assert len(many) == len(few)


@pytest.mark.parametrize("page", ["viec", "ho-so", "kiem-tra"])
def test_a_hold_is_seen_wherever_the_dossier_is_listed(
    page: str, sqlite_database: Database, sign_in: SignIn
) -> None:
    code = ready(sqlite_database)
    hold = HoldInput("Thanh tra tỉnh")
    taken(step(sqlite_database, code, "appraiser@UBND-TINH", Action.HOLD, hold, comment="Có đơn"))
    browser = sign_in(BOARD)
    browser.get(f"/{page}")
    assert "Đang tạm dừng" in browser.last
    for place in ("", "/kiem-tra"):
        browser.get(f"/ho-so/{code}{place}")
        assert "Thanh tra tỉnh" in browser.last
        assert "Có đơn" in browser.last


def test_a_hold_without_source_or_reason_is_sent_back_with_the_words_kept(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    browser.get(f"/ho-so/{code}")
    data = {**browser.carried(), "source": " ", "comment": "Đang xác minh đơn"}
    assert browser.post(f"/ho-so/{code}/buoc/hold", data).status_code == 422
    assert "Chưa ghi nguồn thông tin" in browser.last
    assert "Đang xác minh đơn" in browser.last
    assert the_dossier(sqlite_database, code).hold_since is None


def test_a_figure_typed_by_hand_waits_for_a_second_person(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = ready(sqlite_database)
    browser = sign_in(BOARD)
    address = at(browser, code, "chi-so")
    figure = {
        "index": "sipas",
        "year": "2023",
        "value": "91,3",
        "published_on": "01/12/2023",
        "source": "QĐ 12",
        "do": "type",
    }
    bad = {**figure, "value": "913", "source": ""}
    assert browser.post(address, {**browser.carried(), **bad}).status_code == 422
    assert "Điểm từ 0 đến 100" in browser.last
    assert 'value="913"' in browser.last, "what was typed is kept"
    assert browser.post(address, {**browser.carried(), **figure}).status_code == 303
    at(browser, code, "chi-so")
    assert "91,30%" in browser.last
    assert "Chờ người thứ hai" in browser.last
    assert "confirm-" not in browser.last, "whoever typed it is not offered to confirm it"
    number = re.search(r'value="withdraw-(\d+)"', browser.last)
    assert number
    sly = {**browser.carried(), f"read-{number[1]}": "1", "do": f"confirm-{number[1]}"}
    assert browser.post(address, sly).status_code == 422
    assert "phải là người thẩm định khác" in browser.last
    own = sign_in("clerk@h029")
    own.get(address)
    assert "không nhập được chỉ số" in own.last
