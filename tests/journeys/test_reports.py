"""A unit files its report in a real browser, is asked no more, and the Board answers it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.lines import PART, BrokenLine, a_scan
from tests.journeys.people import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.people import Person
    from tests.journeys.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TASK = "Gửi báo cáo sơ kết phong trào thi đua giữa giai đoạn"
ANSWER = "Tiếp nhận báo cáo sơ kết phong trào thi đua giữa giai đoạn: "


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def people(request: pytest.FixtureRequest, service: Service, browser: Browser) -> Iterator[People]:
    found = People(browser, service.url, scripts=request.param)
    yield found
    found.leave()


def open_task(person: Person, title: str) -> None:
    person.open("/viec")
    with person.page.expect_navigation():
        person.page.locator("main h3 a").filter(has_text=title).first.click()


def test_a_report_is_filed_sent_back_and_accepted(people: People) -> None:
    login, unit = (
        ("anh.tran", "Sở Thông tin và Truyền thông")
        if people.scripts
        else ("mai.ly", "UBND huyện Quản Bạ")
    )
    clerk, board = people[login], people["hang.nguyen"]
    open_task(clerk, TASK)
    clerk.press("Gửi báo cáo")
    assert "Chưa viết kết quả thực hiện phong trào." in clerk.words()
    clerk.fill(results="Đã phát động tới mọi đơn vị trực thuộc.", dated="4.12.23")
    line, scan = BrokenLine(), a_scan()
    line.lay(clerk.page)
    clerk.page.set_input_files(
        "#file", {"name": "bao-cao.pdf", "mimeType": "application/pdf", "buffer": scan}
    )
    clerk.press("Gửi báo cáo")
    assert "Đã gửi báo cáo BC-2023-" in clerk.words()
    # A broken line costs one part; without scripts the form carries the file as ever.
    again = ["0", str(PART), str(2 * PART), str(2 * PART)]
    assert line.offsets[:4] == (again if people.scripts else [])
    assert line.lost == (["PATCH", "HEAD"] if people.scripts else [])
    with clerk.page.expect_download() as paper:
        clerk.page.locator("main a").filter(has_text="Tải bản đã ký").click()
    assert paper.value.path().read_bytes() == scan
    assert TASK not in clerk.open("/viec").locator("main").inner_text()

    open_task(board, ANSWER + unit)
    board.press("Trả lại")
    assert "Chưa ghi lý do trả lại." in board.words()
    board.fill(reason="Thiếu số liệu của đơn vị trực thuộc.")
    board.press("Trả lại")

    open_task(clerk, TASK)
    assert "Thiếu số liệu của đơn vị trực thuộc." in clerk.words()
    clerk.press("Gửi báo cáo")
    open_task(board, ANSWER + unit)
    board.press("Tiếp nhận")
    assert "Đã tiếp nhận báo cáo BC-2023-" in board.words()
    board.open("/bao-cao-dinh-ky/tong-hop/SK-2023")
    row = board.page.locator("tbody tr").filter(has_text=unit).first
    assert "Đã tiếp nhận" in row.inner_text()
    with board.page.expect_download() as download:
        board.page.click("text=Xuất Excel")
    assert download.value.suggested_filename.startswith("HaGiang_SoKet2023_TongHop_")
