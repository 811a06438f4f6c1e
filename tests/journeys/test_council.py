"""A council of nine in a browser: by keyboard, on paper, with one conflict, until it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import People
from tests.journeys.service import running
from tests.journeys.test_four_awards import WORD, move

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = "/hoi-dong/PH-2023-0003"
"""The open session of the demonstration: five of nine have sent their ballots."""


@pytest.fixture(params=["scripts", "no-scripts"])
def people(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[People]:
    with running(tmp_path) as service:
        everybody = People(browser, service.url, scripts=request.param == "scripts")
        yield everybody
        everybody.leave()


def test_a_council_of_nine_votes_and_closes(people: People) -> None:
    keyboard = people.scripts
    for login in ("chu.giang", "hien.nong", "linh.phan"):
        member = people[login]
        member.open(f"{OPEN}/phieu")
        nominee = login == "chu.giang"
        assert ("Bạn không bỏ phiếu" in member.words()) is nominee
        by_keyboard(member) if keyboard else by_mouse(member)
        member.press("Xem lại và gửi phiếu")
        member.press("Gửi phiếu")
        assert "Đã gửi phiếu" in member.words(), member.words()[:600]
    secretary = people["do.vang"]
    secretary.open(OPEN)
    secretary.press("Đóng bỏ phiếu")
    assert "chưa gửi phiếu và chưa ghi vắng: Ma Đình Thưởng" in secretary.words()
    on_paper(secretary, people["linh.phan"], "Ma Đình Thưởng")
    assert people["quan.tri"].page.request.get(f"{people.url}{OPEN}/tong-hop").status == 404
    secretary.open(OPEN)
    secretary.press("Đóng bỏ phiếu")
    secretary.open(f"{OPEN}/tong-hop")
    assert "8/9" in secretary.words(), "the nominee did not vote on the own dossier"
    assert "Giàng Seo Chử là người được đề nghị khen. Không bỏ phiếu." in secretary.words()
    assert "Biểu quyết của từng thành viên" not in secretary.words()
    move(people, "11/12/2023")
    page = secretary.open(f"{OPEN}/tong-hop")
    page.set_input_files(
        "main input[name=file]",
        {"name": "bien-ban.docx", "mimeType": WORD, "buffer": minutes_of(secretary)},
    )
    secretary.fill(signer="Phàn A Lình, Vàng Thị Dợ")
    secretary.press("Chốt phiên và ghi kết quả cho 4 hồ sơ")
    assert "Đã chốt phiên và ghi kết quả cho 4 hồ sơ" in secretary.words()


def by_keyboard(member: Person) -> None:
    """Arrows and digits only; a digit typed into a reason is a digit."""
    page = member.page
    page.locator("#nhom-2 .row").first.focus()
    count = page.locator("#nhom-2 .row").count()
    for _ in range(count):
        page.keyboard.press("1")
    assert page.locator("#nhom-1 .row").count() == count
    page.keyboard.press("Alt+ArrowUp")
    why = page.locator("#nhom-1 .row .why").first
    why.locator("summary").click()
    why.locator("textarea").press_sequentially("12")
    assert page.locator("#nhom-1 .row").count() == count, "no vote was changed by typing"
    why.locator("textarea").fill("")


def by_mouse(member: Person) -> None:
    """Every dossier yes, with radio buttons."""
    names = {box.get_attribute("name") or "" for box in member.page.locator(".vote input").all()}
    for name in sorted(names):
        member.choose(name, "1")


def on_paper(secretary: Person, checker: Person, name: str) -> None:
    """The secretary types a paper ballot in; the chair types it again, wrongly first."""
    fill_in(secretary, name, "Nhập phiếu", "1", reason="")
    secretary.press("Lưu phiếu đã nhập")
    fill_in(checker, name, "Kiểm phiếu", "2", reason=None)
    checker.press("Đối chiếu")
    assert "Hai lần nhập khác nhau" in checker.words()
    fill_in(checker, name, "Kiểm phiếu", "1", reason=None)
    checker.press("Đối chiếu")
    assert "Đã kiểm khớp" in checker.words()


def fill_in(person: Person, name: str, label: str, first: str, reason: str | None) -> None:
    """Every dossier yes in the order of the page, but the first as told."""
    page = person.open(f"{OPEN}/phieu-giay")
    with page.expect_navigation():
        page.locator("main a").filter(has_text=f"{label}: {name}").click()
    del reason
    for number, box in enumerate(page.locator("main select").all()):
        box.select_option(first if number == 0 else "1")
    for number, box in enumerate(page.locator("main input[name^='hang-']").all(), start=1):
        box.fill(str(number))


def minutes_of(secretary: Person) -> bytes:
    """The draft minutes, as the paper that is signed and scanned."""
    return secretary.page.request.get(f"{secretary.url}{OPEN}/bien-ban.docx").body()
