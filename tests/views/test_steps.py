"""Taking a step from the page: done once, refused with every reason, never on an old page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from models.database import Database
from tests.builders import (
    AUTUMN,
    NOW,
    a_registered,
    a_reviewed,
    a_submitted,
    a_written,
    step,
    taken,
    the_dossier,
)
from tests.views.conftest import Browser, Hands
from workflow.vocabulary import Action, State

SignIn = Callable[[str], Browser]


def test_a_step_is_taken_and_said(sqlite_database: Database, sign_in: SignIn, clock: Hands) -> None:
    clock.now = AUTUMN
    code = a_written(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    answer = browser.post(f"/ho-so/{code}/buoc/submit", browser.carried())
    assert answer.status_code == 303
    assert answer.location == f"/ho-so/{code}"
    browser.get(answer.location)
    assert "Đã nộp hồ sơ lúc 09:00 ngày 20/11/2023." in browser.last
    assert the_dossier(sqlite_database, code).state is State.SUBMITTED


def test_a_refusal_lists_every_reason_and_leads_to_each(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    answer = browser.post(f"/ho-so/{code}/buoc/submit", browser.carried())
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    links = re.findall(r'<li><a href="#(dieu-kien-[^"]+)">', text)
    assert f"Chưa gửi được, còn {len(links)} mục</h2>" in text
    assert {"dieu-kien-R12", "dieu-kien-R16c", "dieu-kien-R08b", "dieu-kien-T01"} <= set(links)
    assert all(f'id="{link}"' in text for link in links)
    assert "<title>Lỗi: " in text
    assert the_dossier(sqlite_database, code).state is State.REGISTERED


def test_a_reason_is_asked_for_beside_its_field(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    answer = browser.post(f"/ho-so/{code}/buoc/withdraw", {**browser.carried(), "comment": " "})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert '<a href="#ly-do-withdraw">Chưa ghi lý do.' in text
    assert '<p class="err" id="ly-do-withdraw-e">Chưa ghi lý do.' in text
    assert '<details class="table-alt" id="thao-tac-withdraw" open>' in text


def test_with_a_reason_the_dossier_is_withdrawn(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    data = {**browser.carried(), "comment": "Đơn vị rút để sang năm."}
    assert browser.post(f"/ho-so/{code}/buoc/withdraw", data).status_code == 303
    browser.get(f"/ho-so/{code}")
    assert "Đơn vị rút để sang năm." in browser.last


def test_somebody_without_the_role_is_told_whose_step_it_is(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_written(sqlite_database)
    browser = sign_in("appraiser@ubnd-tinh")
    browser.get(f"/ho-so/{code}")
    version = str(the_dossier(sqlite_database, code).version)
    answer = browser.post(f"/ho-so/{code}/buoc/submit", {"version": version, "key": "k" * 22})
    assert answer.status_code == 422
    assert "Bạn xem được nhưng không xử lý được bước này." in browser.last
    assert "Bước này dành cho: Cán bộ lập hồ sơ, Thủ trưởng đơn vị." in browser.last


def test_pressing_twice_gives_the_first_result(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    data = browser.carried()
    before = the_dossier(sqlite_database, code).version
    answers = [browser.post(f"/ho-so/{code}/buoc/present", data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert {answer.location for answer in answers} == {f"/ho-so/{code}"}
    assert the_dossier(sqlite_database, code).version == before + 1


def test_an_old_page_is_told_who_was_faster_and_keeps_what_was_typed(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    carried = browser.carried()
    secretary = "council_secretary@H029"
    taken(step(sqlite_database, code, secretary, Action.REJECT, comment="Không đủ", now=NOW))
    data = {**carried, "comment": "Rút vì <thiếu> giấy"}
    answer = browser.post(f"/ho-so/{code}/buoc/withdraw", data)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Vàng Council Secretary H029, Thư ký Hội đồng," in text
    assert "08:10 ngày 05/12/2023" in text
    assert "Rút vì &lt;thiếu&gt; giấy" in text
    assert f'href="/ho-so/{code}"' in text


@pytest.mark.parametrize(
    "data",
    [{}, {"version": "1"}, {"key": "k"}, {"version": "x", "key": "k"}, {"version": "1", "key": ""}],
    ids=["nothing", "no key", "no version", "no number", "empty key"],
)
def test_a_form_without_version_or_key_is_none_of_ours(
    sqlite_database: Database, sign_in: SignIn, data: dict[str, str]
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    assert browser.post(f"/ho-so/{code}/buoc/submit", data).status_code == 400


@pytest.mark.parametrize("action", ["register", "fly", "SUBMIT"])
def test_a_word_that_is_no_step_is_not_found(
    sqlite_database: Database, sign_in: SignIn, action: str
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    data = {"version": "1", "key": "k"}
    assert browser.post(f"/ho-so/{code}/buoc/{action}", data).status_code == 404


def test_a_step_that_needs_more_leads_to_its_own_page(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in("council_secretary@h029")
    data = {"version": "1", "key": "k"}
    answer = browser.post(f"/ho-so/{code}/buoc/record_council_result", data)
    assert answer.status_code == 303
    assert answer.location == f"/ho-so/{code}/hoi-dong"


def test_a_hold_names_its_source_and_stops_the_check(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    browser = sign_in("appraiser@ubnd-tinh")
    browser.get(f"/ho-so/{code}")
    data = {**browser.carried(), "source": "Thanh tra tỉnh", "comment": "Có đơn tố cáo"}
    assert browser.post(f"/ho-so/{code}/buoc/hold", data).status_code == 303
    browser.get(f"/ho-so/{code}")
    assert "Hồ sơ đang tạm dừng" in browser.last
    assert "Thanh tra tỉnh" in browser.last
    released = {**browser.carried(), "comment": "Kết luận không vi phạm"}
    assert browser.post(f"/ho-so/{code}/buoc/release_hold", released).status_code == 303
    browser.get(f"/ho-so/{code}")
    assert "Hồ sơ đang tạm dừng" not in browser.last
    assert the_dossier(sqlite_database, code).hold_since is None


@pytest.mark.parametrize("version", ["²", "-1", "", "9" * 5000, "mới"])
def test_a_version_no_form_of_ours_carries_is_refused_with_a_page(
    sqlite_database: Database, sign_in: SignIn, version: str
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    answer = browser.post(f"/ho-so/{code}/buoc/present", {"version": version, "key": "a"})
    assert answer.status_code == 400
    assert "Biểu mẫu đã hết hiệu lực" in browser.last


@pytest.mark.parametrize("key", ["", "x" * 65, "\0", "khóa"])
def test_a_key_no_form_of_ours_carries_is_refused_with_a_page(
    sqlite_database: Database, sign_in: SignIn, key: str
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    data = {**browser.carried(), "key": key}
    assert browser.post(f"/ho-so/{code}/buoc/present", data).status_code == 400


def test_a_reason_too_long_is_given_back_whole_and_never_cut(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    reason = "a" * 4001
    answer = browser.post(f"/ho-so/{code}/buoc/withdraw", {**browser.carried(), "comment": reason})
    assert answer.status_code == 422
    assert "Lý do viết tối đa 4000 ký tự. Rút bớt 1 ký tự." in browser.last
    assert '<a href="#ly-do-withdraw">' in browser.last
    assert reason in browser.last
    assert the_dossier(sqlite_database, code).state is State.REGISTERED


def test_marks_nobody_can_see_are_left_out_of_reasons_and_notes(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    browser.post(f"/ho-so/{code}/trao-doi", {"text": "Hẹn\0 mai\u202e nhé"})
    data = {**browser.carried(), "comment": "Rút\0 lại\u202e."}
    assert browser.post(f"/ho-so/{code}/buoc/withdraw", data).status_code == 303
    browser.get(f"/ho-so/{code}")
    assert "Hẹn mai nhé" in browser.last
    assert "Rút lại." in browser.last
