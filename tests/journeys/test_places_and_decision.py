"""The province ranks, breaks a tie, decides, contests the last place, publishes and revokes.

In a real browser, over a staffed record: twenty per cent of thirty units are six places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.doctor import examine
from models.scores import put_score
from tests import builders as build
from tests.journeys.served import serving
from workflow.vocabulary import State

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from models.database import Database

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHAIRMAN, DEPUTY = "head@ubnd-tinh", "deputy_head@ubnd-tinh"
RANKING = "/xep-hang/2023-midterm/BANG_KHEN_TINH/UBND-TINH"
SCORES = {
    "H024": "95.00",
    "H026": "94.00",
    "H027": "93.00",
    "H028": "92.00",
    "H029": "91.00",
    "H030": "88.50",
    "H031": "88.50",
    "H032": "86.42",
}
"""The sixth and the seventh are equal: the last place falls into their tie."""


@pytest.fixture
def address(sqlite_database: Database, tmp_path: Path) -> Iterator[str]:
    """The service over this record."""
    with serving(sqlite_database, tmp_path / "files", clock) as url:
        yield url


def clock() -> datetime:
    return build.NOW


def window(browser: Browser, address: str, login: str) -> Page:
    """Somebody signed in, at a window of their own."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{address}/dang-nhap")
    page.fill("input#login", login)
    page.fill("input#password", build.PASSWORD)
    press(page, "Đăng nhập", within="form:has(input#password)")
    return page


def press(page: Page, words: str, within: str = "main") -> None:
    button = page.locator(f"{within} button").filter(has_text=re.compile(rf"^\s*{words}")).first
    with page.expect_navigation():
        button.click()


def words(page: Page) -> str:
    return " ".join(page.locator("main").inner_text().split())


def write_paper(page: Page, number: str, when: str = "ngay") -> None:
    page.fill("#number", number)
    page.fill("#dated", "05/12/2023")
    page.fill("#signer", "Nguyễn Văn Sơn")
    page.check('main input[name="capacity"][value=""]', force=True)
    page.check(f'main input[name="when"][value="{when}"]', force=True)
    page.check('main input[name="compared"]', force=True)


@pytest.fixture
def codes(sqlite_database: Database) -> dict[str, str]:
    """Eight checked dossiers with their published scores."""
    found = {}
    for unit, value in SCORES.items():
        found[unit] = build.a_checked(sqlite_database, unit)
        with sqlite_database.writing() as session:
            put_score(session, build.a_score(build.unit_id(session, unit), value), None, build.NOW)
    return found


def test_six_places_are_ranked_decided_contested_published_and_one_freed(
    browser: Browser, address: str, sqlite_database: Database, codes: dict[str, str]
) -> None:
    def state(code: str) -> State:
        return build.the_dossier(sqlite_database, code).state

    sixth, seventh, eighth = codes["H030"], codes["H031"], codes["H032"]
    chairman, deputy = (window(browser, address, login) for login in (CHAIRMAN, DEPUTY))
    public = browser.new_context().new_page()
    break_the_tie_at_the_line(chairman, address, sixth, seventh)
    decision = decide_for_five(chairman, address, sixth)

    outcomes = contest({sixth: chairman, seventh: deputy}, address)
    assert sorted(map(state, outcomes)) == [State.BOARD_CHECKED, State.DECIDED]
    loser = next(code for code in outcomes if state(code) is State.BOARD_CHECKED)
    assert re.search("đã dùng 6, không còn|vừa được dùng hết", outcomes[loser])

    be_refused_with_the_clause(chairman, address, eighth)
    assert state(eighth) is State.BOARD_CHECKED

    public.goto(f"{address}/tra-cuu/ket-qua")
    assert "2417/QĐ-UBND" not in words(public)
    publish(chairman, decision, eighth, chosen=loser == seventh)
    assert state(eighth) is State.REJECTED
    public.reload()
    assert words(public).count("2417/QĐ-UBND") == 5

    revoke(chairman, address, codes["H024"])
    assert state(codes["H024"]) is State.REVOKED
    deputy.goto(f"{address}/ho-so/{loser}/quyet-dinh")
    assert "đã dùng 5/6. Sau: 6/6" in words(deputy)
    write_paper(deputy, "2501/QĐ-UBND")
    press(deputy, "Ban hành quyết định")
    assert state(loser) is State.DECIDED
    public.reload()
    assert "hủy bỏ" in words(public).casefold()
    assert examine(sqlite_database) == []


def break_the_tie_at_the_line(chairman: Page, address: str, sixth: str, seventh: str) -> None:
    chairman.goto(f"{address}{RANKING}")
    press(chairman, "Chốt bảng xếp hạng")
    told = words(chairman)
    assert "Vạch chỉ tiêu: 6 chỗ, còn 1 chỗ cho 2 hồ sơ ngang nhau" in told
    assert "Hệ thống không tự chọn" in told
    chairman.fill(f'[name="thu-{sixth}"]', "1")
    chairman.fill(f'[name="thu-{seventh}"]', "2")
    chairman.fill("#reason", "Địa bàn biên giới, khó khăn hơn")
    press(chairman, "Phân định")
    told = words(chairman)
    assert "Vàng Head UBND-TINH đã phân định:" in told
    assert "Hồ sơ đầu tiên ngoài chỉ tiêu: UBND huyện" in told


def decide_for_five(chairman: Page, address: str, sixth: str) -> str:
    """The address of the decision, which is not published yet."""
    chairman.goto(f"{address}/quyet-dinh")
    assert chairman.locator('input[name="chon"]:checked').count() == 6, "the top is chosen already"
    chairman.uncheck(f'input[name="chon"][value="{sixth}"]', force=True)
    press(chairman, "Đưa vào danh sách trình ký")
    assert "Trước quyết định này: đã dùng 0/6. Sau: 5/6." in words(chairman)
    write_paper(chairman, "2417/QĐ-UBND", "sau")
    press(chairman, "Ban hành quyết định cho 5 tập thể")
    assert "Chưa công bố" in words(chairman)
    return chairman.url


def contest(rivals: dict[str, Page], address: str) -> dict[str, str]:
    """Both send their forms at the same instant; what each is told then."""
    for number, (code, page) in enumerate(rivals.items(), start=18):
        page.goto(f"{address}/ho-so/{code}/quyet-dinh")
        assert "còn 1" in words(page)
        write_paper(page, f"24{number}/QĐ-UBND")
    first, second = rivals.values()
    with first.expect_navigation(), second.expect_navigation():
        for page in (first, second):
            page.evaluate(
                "setTimeout(() => document.querySelector('main form').requestSubmit(), 400)"
            )
    return {code: words(page) for code, page in rivals.items()}


def be_refused_with_the_clause(chairman: Page, address: str, code: str) -> None:
    chairman.goto(f"{address}/ho-so/{code}/quyet-dinh")
    write_paper(chairman, "2430/QĐ-UBND")
    press(chairman, "Ban hành quyết định")
    told = words(chairman)
    assert "Chỉ tiêu 20% × 30 = 6; đã dùng 6, không còn." in told
    assert "Mục IV.2.b" in told
    assert chairman.locator("#number").input_value() == "2430/QĐ-UBND", "what was typed is kept"


def publish(chairman: Page, decision: str, loser: str, *, chosen: bool) -> None:
    """Before publishing, the page says why each was left out; who broke the tie, if that did it."""
    chairman.goto(decision)
    chairman.check(f'input[name="khong"][value="{loser}"]', force=True)
    told = words(chairman)
    assert "Đủ điều kiện nhưng ngoài chỉ tiêu, xếp thứ 8/8" in told
    assert "kém hồ sơ cuối trong chỉ tiêu 2,08 điểm ở tiêu chí “Chỉ số CCHC đã công bố”" in told
    said = "Vàng Head UBND-TINH phân định: Địa bàn biên giới, khó khăn hơn." in told
    assert said is chosen
    chairman.check('input[name="sure"]', force=True)
    press(chairman, "Công bố quyết định")
    assert "Đã công bố" in words(chairman)


def revoke(chairman: Page, address: str, winner: str) -> None:
    chairman.goto(f"{address}/ho-so/{winner}/huy-bo")
    chairman.check('main input[name="ground"][value="false_achievement"]', force=True)
    chairman.fill("#number", "2500/QĐ-UBND")
    chairman.fill("#dated", "05/12/2023")
    chairman.fill("#signer", "Nguyễn Văn Sơn")
    chairman.check('main input[name="capacity"][value=""]', force=True)
    chairman.fill("#comment", "Kết luận thanh tra số 12/KL-TTr ngày 04/12/2023.")
    chairman.check('main input[name="compared"]', force=True)
    press(chairman, "Hủy bỏ quyết định khen thưởng")
    chairman.goto(f"{address}/chi-tieu/2023-midterm/BANG_KHEN_TAP_THE/UBND-TINH")
    assert "Đã dùng 5, còn 1." in words(chairman)
