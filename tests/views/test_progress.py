"""The progress reports: findings that are true, numbers that lead to just those dossiers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import docx
import pytest
from sqlalchemy import update

from models.database import Database
from models.queries_dossiers import conditions_for, count
from models.queries_turns import programmes
from models.tables import Decision
from tests import workbooks_read as read
from tests.builders import (
    NOW,
    PROVINCE,
    a_decided,
    a_registered,
    a_reviewed,
    a_submitted,
    step,
    who,
)
from tests.many_dossiers import multiply
from tests.views.conftest import Browser, counted
from views import dossier_list
from views.progress_ground import NAMES
from workflow.vocabulary import Action

SignIn = Callable[[str], Browser]
READERS = {
    "clerk@h029": "clerk@H029",
    "appraiser@ubnd-tinh": f"appraiser@{PROVINCE}",
    "auditor@ubnd-tinh": f"auditor@{PROVINCE}",
}
_FIGURE = re.compile(r'<a href="(/ho-so\?[^"]*)">([\d.]+)<')
_TITLE = re.compile(r'<h2 id="t-([a-z-]+)">([^<]+)</h2>')


@pytest.fixture
def four(sqlite_database: Database) -> Database:
    """Registered in Đồng Văn and refused there, handed in, reviewed, decided but not published."""
    code = a_registered(sqlite_database, "H026")
    step(sqlite_database, code, "clerk@H026", Action.SUBMIT)
    a_submitted(sqlite_database, "H029")
    a_reviewed(sqlite_database, "H028")
    a_decided(sqlite_database, "H027")
    with sqlite_database.writing() as session:
        session.execute(update(Decision).values(published_at=None))
    return sqlite_database


def findings(browser: Browser, address: str = "/bao-cao") -> dict[str, str]:
    """The title of every report on a page."""
    assert browser.get(address).status_code == 200
    return {name: unescape(title) for name, title in _TITLE.findall(browser.last)}


def figures(browser: Browser, address: str) -> Iterator[tuple[str, int]]:
    """Every number on a page that leads to a list, with the address of that list."""
    assert browser.get(address).status_code == 200
    for url, number in _FIGURE.findall(browser.last):
        yield unescape(url), int(number.replace(".", ""))


def test_titles_are_what_was_found(four: Database, sign_in: SignIn) -> None:
    told = findings(sign_in("auditor@ubnd-tinh"))
    assert list(told) == list(NAMES)
    assert told["trang-thai"] == "1 trong 1 hồ sơ quá hạn ở bước Lập và nộp"
    assert told["nop-ho-so"] == "3 trong 4 hồ sơ đã nộp; 1 hồ sơ quá hạn nộp 30/11/2023"
    assert told["cho-lau"] == "1 hồ sơ chờ quá 14 ngày làm việc, đều ở bước Lập và nộp"
    assert told["thoi-gian"] == "Số ngày làm việc ở mỗi bước", "two are too few for a median"
    assert re.fullmatch(r"“.+” chặn nhiều hồ sơ nhất: 1 hồ sơ, 1 còn bị chặn", told["dieu-kien"])
    assert told["don-vi"] == "Chỉ UBND huyện Đồng Văn có hồ sơ quá hạn: 1 trong 1 hồ sơ"


def test_every_number_leads_to_just_these_dossiers(four: Database, sign_in: SignIn) -> None:
    """As three people; each list is also fetched once as the page it is."""
    multiply(four, 2)
    tried = 0
    for login, code in READERS.items():
        browser, seen = sign_in(login), dict[str, int]()
        for address in ("/bao-cao", *(f"/bao-cao/{name}" for name in NAMES)):
            for url, number in figures(browser, address):
                assert seen.setdefault(url, number) == number, (address, url)
        person_id = who(four, code)
        with four.reading() as session:
            known = programmes(session)
            for url, number in seen.items():
                given = dict(parse_qsl(urlsplit(url).query))
                wanted = dossier_list.wanted(given)
                conditions = conditions_for(session, person_id, NOW.date(), wanted, known, NOW)
                assert len(conditions) == len(given) + 1, f"a filter nobody reads: {url}"
                assert count(session, *conditions.values()) == number, (login, url)
                tried += 1
        for url, number in list(seen.items())[::9]:
            browser.get(url)
            assert f"{number} hồ sơ" in browser.last, url
    assert tried > 60


def test_who_is_not_to_know_of_a_decision_is_not_told_by_a_report(
    four: Database, sign_in: SignIn
) -> None:
    clerk, auditor = sign_in("clerk@h027"), sign_in("auditor@ubnd-tinh")
    told = {one["Trạng thái"]: one["Hồ sơ"] for one in table(clerk, "trang-thai")}
    assert told["Ban TĐKT đã kiểm tra"] == 1
    assert told["Đã quyết định"] == 0
    steps = {one["Bước"]: one["Đã qua bước"] for one in table(clerk, "thoi-gian")}
    assert steps["Quyết định"] == 0
    assert [one["Đã quyết định"] for one in table(auditor, "don-vi")].count(1) == 1


def table(browser: Browser, name: str) -> list[dict[str, object]]:
    """One report as a workbook."""
    return read.records(browser.get(f"/bao-cao/{name}?tai=xlsx").data)


def test_a_unit_sees_its_own_alone(four: Database, sign_in: SignIn) -> None:
    assert [one["Đơn vị"] for one in table(sign_in("clerk@h029"), "don-vi")] == [
        "UBND huyện Quản Bạ"
    ]
    assert sign_in("clerk@h030").get("/bao-cao").status_code == 200


def test_days_are_working_days_against_those_the_programme_gives(
    four: Database, sign_in: SignIn
) -> None:
    """From 20/11 to 05/12/2023 are 11 working days; the council has 8 (BANG_KHEN_TINH)."""
    multiply(four, 2)
    browser = sign_in("auditor@ubnd-tinh")
    council = table(browser, "thoi-gian")[1]
    assert council["Bước"] == "Hội đồng xét"
    assert council["Ở giữa (ngày làm việc)"] == 11
    assert council["Thời hạn (ngày làm việc)"] == "8"
    assert council["Vượt thời hạn"] == council["Đã qua bước"] == 6
    assert findings(browser)["thoi-gian"] == "6 trong 6 hồ sơ vượt thời hạn ở bước Hội đồng xét"


def test_more_dossiers_need_no_more_statements(sqlite_database: Database, sign_in: SignIn) -> None:
    auditor, needed = sign_in("auditor@ubnd-tinh"), dict[int, int]()
    a_reviewed(sqlite_database)
    for rows, copies in ((1, 0), (3, 2), (51, 16)):
        if copies:
            assert multiply(sqlite_database, copies) == rows
        auditor.get("/bao-cao")
        with counted(sqlite_database) as statements:
            auditor.get("/bao-cao")
        assert f'">{rows}<' in auditor.last
        needed[rows] = len(statements)
    assert needed[1] == needed[3] == needed[51]


def test_a_report_goes_out_as_workbook_word_and_pdf(four: Database, sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    told = findings(browser)
    book = browser.get("/bao-cao?tai=xlsx").data
    assert [sheet.title for sheet in read.sheets(book)] == list(NAMES.values())
    assert [sheet["A1"].value for sheet in read.sheets(book)] == list(told.values())
    paper = docx.Document(io.BytesIO(browser.get("/bao-cao/docx").data))
    said = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert all(title in said for title in told.values())
    one = docx.Document(io.BytesIO(browser.get("/bao-cao/nop-ho-so/docx").data))
    assert ["20/11/2023", "3", "3"] in [
        [cell.text for cell in row.cells] for each in one.tables for row in each.rows
    ]
    assert browser.get("/bao-cao/don-vi/pdf").data.startswith(b"%PDF")
    assert browser.get("/bao-cao/khong-co/pdf").status_code == 404


def test_pictures_are_told_in_words_and_need_no_style(four: Database, sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    browser.get("/bao-cao")
    assert 'style="' not in browser.last
    pictures = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="([^"]+)"', browser.last)
    assert len(pictures) > 8
    for names in pictures:
        for name in names.split():
            assert browser.last.count(f'id="{name}"') == 1, name
    identities = re.findall(r'\bid="([^"]+)"', browser.last)
    assert len(identities) == len(set(identities))


def test_without_dossiers_the_page_says_why_and_what_next(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    browser.get("/bao-cao")
    assert "Chưa có hồ sơ để báo cáo." in browser.last
    a_registered(sqlite_database)
    browser.get("/bao-cao?dot=2022-annual")
    assert "Không có hồ sơ trong phạm vi này." in browser.last
    assert "31/03/2022" in browser.last
    assert 'href="/bao-cao?dot="' in browser.last
    for name in NAMES:
        assert browser.get(f"/bao-cao/{name}?dot=2022-annual").status_code == 200
    assert browser.get("/bao-cao?dot=khong-co&don-vi=x&hinh-thuc=y").status_code == 200
    assert browser.get("/bao-cao/khong-co").status_code == 404


def test_rules_are_named_in_the_language_of_the_reader(four: Database, sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    browser.get("/ngon-ngu/en")
    page = browser.get("/bao-cao/dieu-kien").get_data(as_text=True)
    assert "blocks most dossiers" in page
    assert "Achievement report on Form No. 07" in page
    assert "Once blocked by: <b>Achievement report" in browser.get("/ho-so?chan=R16c").text
