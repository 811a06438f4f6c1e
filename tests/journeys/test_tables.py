"""The Board brings a summary sheet in a real browser, faults first, and takes a list away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests import summary_sheet
from tests import workbooks_read as read
from tests.journeys.people import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.people import Person
    from tests.journeys.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def people(request: pytest.FixtureRequest, service: Service, browser: Browser) -> Iterator[People]:
    found = People(browser, service.url, scripts=request.param)
    yield found
    found.leave()


def bring(board: Person, content: bytes, year: str) -> None:
    board.open("/nap-bang/chi-so")
    board.choose("index", "sipas")
    board.choose("kind", "appraised")
    board.fill(year=year)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    board.page.set_input_files("#file", {"name": "bang.xlsx", "mimeType": kind, "buffer": content})
    board.press("Xem trước")


def test_a_summary_sheet_comes_in_and_a_list_goes_out(people: People) -> None:
    board, year = people["hang.nguyen"], "2022" if people.scripts else "2021"
    rows = summary_sheet.good_rows()
    rows[2][1], rows[2][3] = "Sở Nội vuj", "tám mươi"
    bring(board, summary_sheet.sheet(rows), year)
    told = board.words()
    assert "2 lỗi ở 1 dòng" in told
    assert "Không có đơn vị tên “Sở Nội vuj”. " in told.replace("\n", " ").replace("\t", " ") + " "
    assert "Có phải: Sở Nội vụ" in told
    bring(board, summary_sheet.sheet(summary_sheet.good_rows()), year)
    assert "30 thêm mới" in board.words()
    board.press("Ghi 30 dòng")
    assert "30 dòng" in board.words()
    assert "Gửi lại trang này không ghi thêm lần nữa" in board.words()
    bring(board, summary_sheet.sheet(summary_sheet.good_rows()), year)
    assert "không có gì để ghi" in board.words()
    board.press("Bỏ tệp này")
    assert "Đã bỏ tệp; chưa ghi gì." in board.words()

    board.open("/ho-so?trang-thai=decided")
    with board.page.expect_download() as waiting:
        board.page.get_by_role("link", name="Tải Excel").click()
    assert waiting.value.suggested_filename.startswith("HaGiang_HoSo_2023")
    taken = read.records(waiting.value.path().read_bytes())
    assert {one["Trạng thái"] for one in taken} == {"Đã quyết định"}
