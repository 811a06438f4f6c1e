"""A council of nine in a browser: by keyboard, on paper, with one conflict, until it is closed.

And the edges of its quorum: two thirds of all members, rounded up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from models.doctor import examine
from tests import builders as build
from tests import councils
from tests.journeys.people import People
from tests.journeys.served import serving
from tests.journeys.test_four_awards import WORD
from workflow.vocabulary import Post, State

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from models.database import Database
    from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRETARY, CHAIR = "council_secretary@h029", "council_chair@h029"
NOMINEE, BY_HAND, ON_PAPER = "m2@H029", "m3@H029", "m9@H029"


def clock() -> datetime:
    return build.NOW


@pytest.fixture
def address(sqlite_database: Database, tmp_path: Path) -> Iterator[str]:
    """The service over this record."""
    with serving(sqlite_database, tmp_path / "files", clock) as url:
        yield url


@pytest.fixture
def people(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[People]:
    scripts = getattr(request, "param", "scripts") == "scripts"
    everybody = People(browser, address, scripts, build.PASSWORD)
    yield everybody
    everybody.leave()


@pytest.mark.parametrize("people", ["scripts", "no-scripts"], indirect=True)
def test_a_council_of_nine_votes_and_closes(people: People, sqlite_database: Database) -> None:
    members = councils.a_council(sqlite_database)
    codes = [build.a_submitted(sqlite_database), councils.a_personal(sqlite_database, NOMINEE)]
    session = councils.a_session(sqlite_database, codes)
    page = f"/hoi-dong/{session}"
    for login in (CHAIR, NOMINEE.casefold(), BY_HAND.casefold()):
        member = people[login]
        member.open(f"{page}/phieu")
        assert ("Bạn không bỏ phiếu" in member.words()) is (login == NOMINEE.casefold())
        by_keyboard(member) if people.scripts else by_mouse(member)
        member.press("Xem lại và gửi phiếu")
        member.press("Gửi phiếu")
        assert "Đã gửi phiếu" in member.words(), member.words()[:600]
    rest = [one for one in members[3:] if one != ON_PAPER]
    councils.everybody_agrees(sqlite_database, session, rest)
    secretary = people[SECRETARY]
    secretary.open(page)
    secretary.press("Đóng bỏ phiếu")
    name = f"Giàng {ON_PAPER}"
    assert f"chưa gửi phiếu và chưa ghi vắng: {name}" in secretary.words()
    on_paper(page, secretary, people[CHAIR], name)
    clerk = people["clerk@h029"]
    assert clerk.page.request.get(f"{people.url}{page}/tong-hop").status == 404
    secretary.open(page)
    secretary.press("Đóng bỏ phiếu")
    secretary.open(f"{page}/tong-hop")
    assert "9/9 thành viên dự họp, cần 6" in secretary.words()
    assert "8/9" in secretary.words(), "the nominee did not vote on the own dossier"
    assert f"Giàng {NOMINEE} là người được đề nghị khen. Không bỏ phiếu." in secretary.words()
    assert "Biểu quyết của từng thành viên" not in secretary.words()
    close(secretary, page, 2)
    assert "Đã chốt phiên và ghi kết quả cho 2 hồ sơ" in secretary.words()
    states = {build.the_dossier(sqlite_database, code).state for code in codes}
    assert states == {State.COUNCIL_REVIEWED}
    assert examine(sqlite_database) == []


def test_six_of_nine_and_seven_of_ten_may_resolve_and_one_fewer_may_not(
    people: People, sqlite_database: Database
) -> None:
    members = councils.a_council(sqlite_database)
    secretary = people[SECRETARY]
    unit, person = build.a_submitted(sqlite_database), councils.a_personal(sqlite_database, NOMINEE)
    without_quorum(secretary, sqlite_database, unit, members, present=5, needed=6)
    with_quorum(secretary, sqlite_database, unit, members, present=6, needed=6)
    with sqlite_database.writing() as session:
        councils.a_person(session, "m10@H029", "H029", Post.COUNCIL_MEMBER)
    members.append("m10@H029")
    without_quorum(secretary, sqlite_database, person, members, present=6, needed=7)
    with_quorum(secretary, sqlite_database, person, members, present=7, needed=7)
    assert examine(sqlite_database) == []


def without_quorum(
    secretary: Person,
    database: Database,
    code: str,
    members: list[str],
    *,
    present: int,
    needed: int,
) -> None:
    """The session resolves nothing, says why, and is given up for another day."""
    page = counted(secretary, database, code, members, present)
    assert f"{present}/{len(members)} thành viên dự họp, cần {needed}" in secretary.words()
    assert "Chưa họp hợp lệ" in secretary.words()
    close(secretary, page, 1)
    assert "Đã chốt phiên" not in secretary.words()
    assert f"cần {needed}" in secretary.words()
    assert build.the_dossier(database, code).state is State.SUBMITTED
    secretary.open(page)
    secretary.page.locator("summary").filter(has_text="Hủy phiên").click()
    secretary.page.locator("form[action$=huy] [name=reason]").fill("Không đủ số thành viên dự họp")
    secretary.press("Hủy phiên")


def with_quorum(
    secretary: Person,
    database: Database,
    code: str,
    members: list[str],
    *,
    present: int,
    needed: int,
) -> None:
    """The session may resolve; so few yes votes are no four fifths of all members."""
    page = counted(secretary, database, code, members, present)
    assert f"{present}/{len(members)} thành viên dự họp, cần {needed}" in secretary.words()
    assert "Chưa họp hợp lệ" not in secretary.words()
    close(secretary, page, 1)
    assert "Đã chốt phiên và ghi kết quả cho 1 hồ sơ" in secretary.words()
    assert build.the_dossier(database, code).state is State.REJECTED


def counted(
    secretary: Person, database: Database, code: str, members: list[str], present: int
) -> str:
    """A session in which so many vote yes and the others are put down as absent; its address."""
    session = councils.a_session(database, [code])
    there = [one for one in members if one != NOMINEE][:present]
    councils.everybody_agrees(database, session, there)
    page = f"/hoi-dong/{session}"
    secretary.open(page)
    for one in members:
        if one in there:
            continue
        row = secretary.page.locator("tr", has_text=f"Giàng {one}")
        row.locator("select").select_option("absent")
        row.locator("summary").click()
        row.locator("input[name^='why-']").fill("Đi công tác")
    secretary.press("Ghi dự họp")
    secretary.press("Đóng bỏ phiếu")
    secretary.open(f"{page}/tong-hop")
    return page


def close(secretary: Person, page: str, dossiers: int) -> None:
    """Hand in the draft minutes as the paper that was signed and scanned, and close."""
    minutes = secretary.page.request.get(f"{secretary.url}{page}/bien-ban.docx").body()
    secretary.page.set_input_files(
        "main input[name=file]", {"name": "bien-ban.docx", "mimeType": WORD, "buffer": minutes}
    )
    secretary.fill(signer="Phàn A Lình, Vàng Thị Dợ")
    secretary.press(f"Chốt phiên và ghi kết quả cho {dossiers} hồ sơ")


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


def on_paper(session: str, secretary: Person, checker: Person, name: str) -> None:
    """The secretary types a paper ballot in; the chair types it again, wrongly first."""
    fill_in(session, secretary, name, "Nhập phiếu", "1")
    secretary.press("Lưu phiếu đã nhập")
    fill_in(session, checker, name, "Kiểm phiếu", "2")
    checker.press("Đối chiếu")
    assert "Hai lần nhập khác nhau" in checker.words()
    fill_in(session, checker, name, "Kiểm phiếu", "1")
    checker.press("Đối chiếu")
    assert "Đã kiểm khớp" in checker.words()


def fill_in(session: str, person: Person, name: str, label: str, first: str) -> None:
    """Every dossier yes in the order of the page, but the first as told."""
    page = person.open(f"{session}/phieu-giay")
    with page.expect_navigation():
        page.locator("main a").filter(has_text=f"{label}: {name}").click()
    for number, box in enumerate(page.locator("main select").all()):
        box.select_option(first if number == 0 else "1")
    for number, box in enumerate(page.locator("main input[name^='hang-']").all(), start=1):
        box.fill(str(number))
