"""A head goes on leave and somebody signs for them; a secretary leaves and the work moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import People
from tests.journeys.service import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DISTRICT_DECIDES = "HS-2023-0047"
"""Checked by the district's appraiser and waiting for its head."""
COUNCIL_RECORDS = "HS-2023-0048"
"""Waits for the secretary of the district's council, and for nobody else."""


@pytest.fixture(scope="module", params=[True, False], ids=["with scripts", "without scripts"])
def people(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[People]:
    """A season of its own: posts change hands in it."""
    with running(tmp_path_factory.mktemp("leave")) as service:
        found = People(browser, service.url, scripts=request.param)
        yield found
        found.leave()


def test_a_head_on_leave_lends_and_the_act_names_both(people: People) -> None:
    head, deputy = people["linh.phan"], people["chu.giang"]
    head.open("/uy-quyen")
    options = head.page.locator("select#delegate option").all()
    value = next(
        one.get_attribute("value") for one in options if "Giàng Seo Chử" in one.inner_text()
    )
    head.page.select_option("select#delegate", value)
    head.fill(last_day="08/12/2023", reason="Nghỉ phép năm")
    head.press("Lập ủy quyền")
    assert "Giàng Seo Chử thay mặt Phàn A Lình" in head.words()

    deputy.open("/viec")
    assert "Bạn đang thay mặt Phàn A Lình đến hết 08/12/2023" in deputy.words()
    assert "Thay mặt Phàn A Lình · HS-2023-" in deputy.words()
    deputy.open(f"/ho-so/{DISTRICT_DECIDES}")
    assert "bạn (Giàng Seo Chử thay mặt Phàn A Lình)" in deputy.words()
    deputy.open(f"/ho-so/{DISTRICT_DECIDES}/quyet-dinh")
    deputy.fill(number="77/QĐ-UBND", dated="05/12/2023", signer="Giàng Seo Chử")
    deputy.tick("compared")
    deputy.press("Ban hành quyết định")
    deputy.open(f"/ho-so/{DISTRICT_DECIDES}")
    assert "77/QĐ-UBND" in deputy.words()
    assert "Giàng Seo Chử thay mặt Phàn A Lình" in deputy.words()

    head.open("/uy-quyen")
    head.press("Kết thúc")
    assert "Đã kết thúc ủy quyền" in head.words()
    deputy.open("/viec")
    assert "Bạn đang thay mặt" not in deputy.words()


def test_a_person_is_replaced_and_the_work_moves(people: People) -> None:
    office = people["quan.tri"]
    office.open("/quan-tri/nguoi-dung?q=do.vang")
    with office.page.expect_navigation():
        office.page.locator("main tbody a").first.click()
    assert COUNCIL_RECORDS in office.words()
    with office.page.expect_navigation():
        office.page.locator("main a").filter(has_text="bàn giao việc").click()
    assert "hồ sơ chỉ người này xử lý được" in office.words()
    chosen = office.page.locator("main select").first
    chosen.select_option(label="Nông Thị Hiên, Ủy viên Hội đồng TĐKT huyện")
    office.fill(last_day="04/12/2023")
    office.press("Bàn giao")
    assert "Đã bàn giao" in office.words()

    # A new post ends old sessions: the receiver signs in with it.
    taker = people["hien.nong"]
    taker.open(f"/ho-so/{COUNCIL_RECORDS}")
    assert "Đến lượt bạn (Nông Thị Hiên)" in taker.words()
    office.open("/quan-tri/ai-xu-ly")
    row = office.page.locator("main tbody tr").filter(has_text=COUNCIL_RECORDS)
    assert "Nông Thị Hiên" in row.inner_text()
