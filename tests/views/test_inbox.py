"""The inbox: what is mine comes from the steps of the programme; soonest first; one button."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from models.database import Database
from tests.builders import (
    NOW,
    PROVINCE,
    a_checked,
    a_decided,
    a_registered,
    a_registration,
    a_reviewed,
    a_submitted,
    a_written,
    step,
    taken,
)
from tests.views.conftest import Browser, Hands, counted
from workflow.facts import HoldInput, SupplementInput
from workflow.vocabulary import Action, DocumentKind

SignIn = Callable[[str], Browser]


def titles(browser: Browser, address: str = "/viec") -> list[str]:
    text = browser.get(address).get_data(as_text=True)
    return re.findall(r'<h3><a href="[^"]+">([^<]+)</a></h3>', text)


@pytest.mark.parametrize(
    ("make", "login", "title"),
    [
        (a_registered, "clerk@h029", "Nộp hồ sơ"),
        (a_registered, "head@h029", "Nộp hồ sơ"),
        (a_submitted, "council_secretary@h029", "Ghi kết quả xét của Hội đồng"),
        (a_reviewed, "appraiser@ubnd-tinh", "Xác nhận đã kiểm tra"),
        (a_checked, "head@ubnd-tinh", "Ban hành quyết định"),
        (a_checked, "deputy_head@ubnd-tinh", "Ban hành quyết định"),
    ],
)
def test_a_dossier_waits_in_the_inbox_of_whoever_takes_the_next_step(
    sqlite_database: Database,
    sign_in: SignIn,
    make: Callable[[Database], str],
    login: str,
    title: str,
) -> None:
    make(sqlite_database)
    (found,) = titles(sign_in(login))
    assert found.startswith(title)
    assert "UBND huyện Quản Bạ" in found


@pytest.mark.parametrize("login", ["clerk@h026", "auditor@ubnd-tinh", "administrator@ubnd-tinh"])
def test_nobody_else_has_it(sqlite_database: Database, sign_in: SignIn, login: str) -> None:
    a_submitted(sqlite_database)
    assert titles(sign_in(login)) == []


def test_a_registration_waits_for_the_superior(sqlite_database: Database, sign_in: SignIn) -> None:
    a_registration(sqlite_database)
    browser = sign_in("appraiser@ubnd-tinh")
    assert titles(browser) == ["Tiếp nhận đăng ký thi đua: UBND huyện Quản Bạ"]
    assert titles(sign_in("clerk@h029")) == []


def ask_for_more(database: Database, code: str) -> None:
    due = datetime(2023, 12, 7, 10, 0, tzinfo=UTC)
    inputs = SupplementInput(("Ký trang 3.", "Ghi số."), (DocumentKind.BIEN_BAN,), due)
    appraiser = f"appraiser@{PROVINCE}"
    taken(step(database, code, appraiser, Action.REQUEST_SUPPLEMENT, inputs, comment="Thiếu"))


def test_an_open_supplement_turns_the_dossier_back_to_the_unit(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    ask_for_more(sqlite_database, a_reviewed(sqlite_database))
    clerk, appraiser = sign_in("clerk@h029"), sign_in("appraiser@ubnd-tinh")
    assert titles(clerk) == ["Bổ sung 2 mục theo yêu cầu: UBND huyện Quản Bạ"]
    assert "còn 2 ngày" in clerk.last
    assert "Yêu cầu bổ sung" in clerk.last
    assert titles(appraiser) == []
    assert titles(appraiser, "/viec?nhom=cho") == ["UBND huyện Quản Bạ: chờ gửi bổ sung"]
    assert "Vàng Clerk H029" in appraiser.last


def test_a_hold_waits_for_who_can_lift_it_and_is_never_the_button_to_press(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    hold = HoldInput("Thanh tra")
    appraiser = f"appraiser@{PROVINCE}"
    taken(step(sqlite_database, code, appraiser, Action.HOLD, hold, comment="Đang xem xét"))
    browser = sign_in("appraiser@ubnd-tinh")
    assert titles(browser) == ["Gỡ tạm dừng khi có kết luận: UBND huyện Quản Bạ"]
    assert 'class="btn btn--sm btn--go"' not in browser.last


def test_what_is_over_is_told_with_its_end(sqlite_database: Database, sign_in: SignIn) -> None:
    a_decided(sqlite_database)
    browser = sign_in("clerk@h029")
    assert titles(browser, "/viec?nhom=xong") == ["UBND huyện Quản Bạ"]
    assert "Đã quyết định" in browser.last
    assert titles(browser) == []
    assert "Bạn không còn việc nào." in browser.last
    assert "Mốc tiếp theo 08/12: Hội đồng họp xét." in browser.last


def test_groups_stand_in_the_order_of_their_dates(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_written(sqlite_database, "H026")
    a_submitted(sqlite_database, "H029")
    a_reviewed(sqlite_database, "H027")
    browser = sign_in("clerk@h026")
    assert titles(browser)
    assert re.findall(r'<h2 class="group__h" id="[^"]+">([^<]+) <span>', browser.last) == [
        "Quá hạn"
    ]
    assert "quá 5 ngày" in browser.last
    assert "Quá hạn nộp" in browser.last
    assert "<b>1 việc đã quá hạn</b>" in browser.last
    secretary = sign_in("council_secretary@h029")
    assert titles(secretary)
    assert ">Trong tuần này <span>" in secretary.last
    appraiser = sign_in("appraiser@ubnd-tinh")
    assert titles(appraiser)
    assert ">Sau đó <span>" in appraiser.last


def test_exactly_one_button_is_filled(sqlite_database: Database, sign_in: SignIn) -> None:
    for unit in ("H026", "H027", "H029"):
        a_reviewed(sqlite_database, unit)
    browser = sign_in("appraiser@ubnd-tinh")
    assert len(titles(browser)) == 3
    assert browser.last.count('class="btn btn--sm btn--go"') == 1


def test_the_number_in_the_navigation_is_the_number_of_tasks(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    for page in ("/viec", "/ho-so"):
        browser.get(page)
        assert '<span class="count">1<span class="sr"> việc</span></span>' in browser.last


def test_the_season_marks_the_next_date(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/viec")
    assert "Đợt sơ kết tháng 12/2023" in browser.last
    assert '<li class="is-next" aria-current="step"><b>08/12 · còn 3 ngày</b>' in browser.last


def test_reminders_are_shown_before_they_happen(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    code = a_registered(sqlite_database)
    clock.now = NOW - timedelta(days=12)
    browser = sign_in("clerk@h029")
    browser.get("/viec")
    assert f"Sắp hết hạn nộp hồ sơ: {code}" in browser.last
    clock.now = NOW
    browser = sign_in("clerk@h029")
    browser.get("/viec")
    assert f"Quá hạn 7 ngày, báo thêm thủ trưởng đơn vị: {code}" in browser.last


def test_somebody_without_a_post_is_told_whom_to_ask(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    clock.now = datetime(2021, 10, 8, 3, 0, tzinfo=UTC)
    browser = sign_in("clerk@h029")
    browser.get("/viec")
    assert "Bạn chưa được gán vai trò." in browser.last


def test_an_auditor_has_no_inbox_but_the_list(sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    assert browser.get("/").location == "/ho-so"
    browser.get("/ho-so")
    assert "Việc của tôi</a>" not in browser.last


def test_the_cost_of_the_other_heaps_does_not_grow_with_their_rows(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_submitted(sqlite_database, "H029")
    browser = sign_in("appraiser@ubnd-tinh")
    with counted(sqlite_database) as one:
        browser.get("/viec?nhom=cho")
    for unit in ("H026", "H027"):
        a_submitted(sqlite_database, unit)
    with counted(sqlite_database) as three:
        browser.get("/viec?nhom=cho")
    assert len(one) == len(three)
