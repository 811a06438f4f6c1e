"""The Board finds two defects, asks once, gets them back, sees what changed, and confirms.

In a real browser over a staffed record, with scripts and without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.doctor import examine
from models.editing import AddDocument, Particulars
from models.file_checks import PDF
from models.files import FileStore
from tests import builders as build
from tests.journeys.served import serving
from tests.small_files import A_PDF
from workflow.vocabulary import DocumentKind, State

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from models.database import Database

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOARD, CLERK = f"appraiser@{build.PROVINCE}", "clerk@H029"
SMALL_PDF = A_PDF


@dataclass
class Clock:
    """The service's clock, moved by hand."""

    now: datetime = build.NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """The service at its address, its clock, and how to come in."""

    url: str
    clock: Clock
    enter: Callable[[str], Page]


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def place(
    request: pytest.FixtureRequest, browser: Browser, sqlite_database: Database, tmp_path: Path
) -> Iterator[Place]:
    """The service over this record."""
    clock = Clock()
    with serving(sqlite_database, tmp_path / "files", clock) as url:

        def enter(login: str) -> Page:
            page = browser.new_context(
                viewport={"width": 1280, "height": 900}, java_script_enabled=request.param
            ).new_page()
            page.set_default_timeout(20_000)
            page.goto(f"{url}/dang-nhap")
            page.fill("input#login", login)
            page.fill("input#password", build.PASSWORD)
            press(page, "Đăng nhập", within="form:has(input#password)")
            return page

        yield Place(url, clock, enter)


def press(page: Page, words: str, within: str = "main") -> None:
    button = page.locator(f"{within} button").filter(has_text=re.compile(rf"^\s*{words}")).first
    with page.expect_navigation():
        button.click()


def follow(page: Page, words: str) -> None:
    link = page.locator("a").filter(has_text=re.compile(rf"^\s*{words}")).first
    with page.expect_navigation():
        link.click()


def words(page: Page) -> str:
    return " ".join(page.locator("main").inner_text().split())


def choose(page: Page, name: str, value: str) -> None:
    page.check(f'main input[name="{name}"][value="{value}"]', force=True)


@pytest.fixture
def code(sqlite_database: Database, tmp_path: Path) -> str:
    """A dossier before the Board, with a letter that can be opened."""
    found = build.a_reviewed(sqlite_database)
    stored = FileStore(tmp_path / "files").put(BytesIO(SMALL_PDF), "to-trinh.pdf")
    letter = AddDocument(
        DocumentKind.TO_TRINH,
        stored.file_name,
        PDF,
        stored.size,
        stored.sha256,
        Particulars("86/TTr-UBND", date(2023, 11, 20), "Phàn A Lình", confirmed=True),
    )
    build.taken(build.change(sqlite_database, found, letter))
    return found


def test_two_defects_asked_once_come_back_are_seen_and_confirmed(
    place: Place, sqlite_database: Database, code: str
) -> None:
    board, clerk = place.enter(BOARD), place.enter(CLERK)
    follow(board, "Kiểm tra")
    assert "1 hồ sơ chờ kiểm tra" in words(board)
    follow(board, "UBND huyện")
    find_two_defects(board)
    ask_once(board)
    dossier = build.the_dossier(sqlite_database, code)
    assert dossier.supplement_rounds == 1
    assert dossier.supplement is not None
    assert (dossier.supplement["kinds"], dossier.supplement["initiatives"]) == (["TO_TRINH"], True)

    place.clock.now += timedelta(minutes=10)
    mend(clerk, place, code)

    place.clock.now += timedelta(minutes=10)
    board.goto(f"{place.url}/kiem-tra")
    assert "Kiểm tra lại: đã bổ sung 2 mục" in words(board)
    follow(board, "Kiểm tra lại: đã bổ sung")
    see_what_changed(board)
    choose(board, "check-1", "met")
    board.fill("#note-1", "")
    choose(board, "check-3", "met")
    board.fill("#note-3", "")
    press(board, "Xác nhận đã kiểm tra")
    assert build.the_dossier(sqlite_database, code).state is State.BOARD_CHECKED
    assert examine(sqlite_database) == []


def find_two_defects(board: Page) -> None:
    told = words(board)
    assert "0/3 điều đã xem" in told
    assert "Số, ký hiệu 86/TTr-UBND" in told
    choose(board, "check-1", "not_met")
    board.locator("summary").filter(has_text="Câu soạn sẵn").first.click()
    board.check('input[name="ready-1-1"]')
    choose(board, "check-2", "met")
    choose(board, "check-3", "not_met")
    board.fill("#note-3", "Sáng kiến: số quyết định công nhận chưa khớp bản giấy.")
    press(board, "Lưu kết quả kiểm")
    told = words(board)
    assert "3/3 điều đã xem" in told
    assert "Yêu cầu bổ sung (2 mục)" in told


def ask_once(board: Page) -> None:
    follow(board, r"Yêu cầu bổ sung \(2 mục\)")
    first, second = (board.input_value(f"#item-{number}") for number in (1, 2))
    assert first.startswith("Tờ trình: ký, đóng dấu")
    assert "(Mục IV.1.b)" in second
    assert board.locator('input[name="kind-TO_TRINH"]').is_checked()
    assert not board.locator('input[name="kind-BIEN_BAN"]').is_checked()
    board.fill("#comment", "Bổ sung hai mục, các mục khác đã rà đủ.")
    press(board, "Gửi yêu cầu bổ sung")


def mend(clerk: Page, place: Place, code: str) -> None:
    clerk.goto(f"{place.url}/ho-so/{code}")
    told = words(clerk)
    assert "Cần bổ sung 2 mục" in told
    assert "số quyết định công nhận chưa khớp" in told
    clerk.goto(f"{place.url}/ho-so/{code}/lap/sang-kien")
    follow(clerk, "Sửa")
    clerk.fill("#recognition_number", "1230/QĐ-UBND")
    press(clerk, "Lưu")
    clerk.goto(f"{place.url}/ho-so/{code}/lap/tai-lieu")
    clerk.set_input_files(
        'input[name="TO_TRINH-file"]',
        {"name": "to-trinh-ky-lai.pdf", "mimeType": PDF, "buffer": SMALL_PDF + b"\n"},
    )
    press(clerk, "Lưu")
    clerk.goto(f"{place.url}/ho-so/{code}")
    press(clerk, "Gửi bổ sung")


def see_what_changed(board: Page) -> None:
    told = words(board)
    assert "Thay đổi từ lần bạn xem trước" in told
    assert "to-trinh.pdf to-trinh-ky-lai.pdf" in told
    assert "1203/QĐ-UBND 1230/QĐ-UBND" in told
    assert "Kiểm lại 2 mục" in told
    assert "1/3 điều đã xem" in told
