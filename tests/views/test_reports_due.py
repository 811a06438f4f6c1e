"""Reports of units, on pages: written, filed, answered, consolidated, and taken home as files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Paper
from docx.shared import Mm, Pt
from flask import Flask
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from models.database import Database
from models.report_obligations import ensure_obligations
from models.report_queries import reports_of
from models.rulebooks import rulebook_in_force
from models.tables import OutgoingMessage, Report, ReportFile, Unit
from tests import builders as build
from tests.small_files import A_PDF
from tests.views.conftest import Browser, Hands
from views.official_paper import place_and_date
from workflow.vocabulary import ReportState

PDF = A_PDF
BOARD = f"appraiser@{build.PROVINCE}".casefold()
LIST = "/bao-cao-dinh-ky"
TOTAL = f"{LIST}/tong-hop/SK-2023"
SignIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def owed(sqlite_database: Database) -> None:
    """What units owe by the day of the tests."""
    with sqlite_database.writing() as session:
        ensure_obligations(session, rulebook_in_force(session), build.NOW)


def code_of(database: Database, unit: str = "H029", report: str = "SK-2023") -> str:
    with database.reading() as session:
        return (
            session.scalars(
                select(Report)
                .join(Unit, Unit.id == Report.unit_id)
                .where(Unit.code == unit, Report.report_id == report)
            )
            .one()
            .code
        )


def row_of(database: Database, code: str) -> Report:
    with database.reading() as session:
        return session.get_one(Report, int(code.rpartition("-")[2]))


def send(browser: Browser, code: str, doing: str, **fields: Any) -> TestResponse:
    """Open the report's page and send its form."""
    browser.get(f"{LIST}/{code}")
    return browser.post(f"{LIST}/{code}", {**browser.carried(), "do": doing, **fields})


def file(name: str = "bao-cao.pdf", content: bytes = PDF) -> tuple[BytesIO, str]:
    return BytesIO(content), name


def filed(sign_in: SignIn, database: Database, unit: str = "H029", **fields: Any) -> str:
    code = code_of(database, unit)
    words = {"results": "Đã phát động ở 13 xã.", "file": file(), **fields}
    answer = send(sign_in(f"clerk@{unit}".casefold()), code, "file", **words)
    assert answer.status_code == 303
    return code


def titles(browser: Browser) -> list[str]:
    return re.findall(r'<h3><a href="/bao-cao[^"]*">([^<]*)</a></h3>', browser.last)


def test_a_unit_sees_what_it_owes(sign_in: SignIn, sqlite_database: Database) -> None:
    browser = sign_in("clerk@h029")
    page = browser.get(LIST)
    assert page.status_code == 200
    assert 'aria-current="page">Báo cáo</a>' in browser.last
    assert browser.last.count("Soạn báo cáo<span") == 4
    assert "Quá hạn <span>2 báo cáo" in browser.last
    assert "Bảng tổng hợp" not in browser.last
    assert code_of(sqlite_database, "H030") not in browser.last


def test_the_form_knows_the_figures(sign_in: SignIn, sqlite_database: Database) -> None:
    build.a_decided(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"{LIST}/{code_of(sqlite_database)}")
    for words in ("Đăng ký thi đua đã gửi</dt><dd>1<", "Được khen thưởng</dt><dd>1<"):
        assert words in browser.last
    assert "Bằng khen tỉnh" in browser.last
    assert "Mục III.2.a" in browser.last


def test_a_report_is_drafted_filed_returned_and_accepted(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    code = code_of(sqlite_database)
    clerk, board = sign_in("clerk@h029"), sign_in(BOARD)
    words = {"results": "Đã phát động.", "number": "12/BC-UBND", "dated": "4.12.23"}
    assert send(clerk, code, "save", **words).status_code == 303
    clerk.get(f"{LIST}/{code}")
    assert "Đã lưu nháp báo cáo" in clerk.last
    assert 'value="04/12/2023"' in clerk.last
    assert send(clerk, code, "file", **words, file=file()).status_code == 303
    clerk.get(f"{LIST}/{code}")
    assert "Đã gửi báo cáo BC-" in clerk.last
    assert "<textarea" not in clerk.last
    send(board, code, "return", reason="Thiếu số liệu cấp xã.")
    clerk.get(f"{LIST}/{code}")
    assert "Thiếu số liệu cấp xã." in clerk.last
    assert send(clerk, code, "file", **words).status_code == 303
    assert send(board, code, "accept").status_code == 303
    row = row_of(sqlite_database, code)
    assert (row.state, row.rounds, row.dated) == (ReportState.ACCEPTED, 1, date(2023, 12, 4))
    board.get(f"{LIST}/{code}")
    assert "Đã tiếp nhận" in board.last
    assert "Trả lời báo cáo" not in board.last


def test_what_is_missing_is_told_and_what_was_typed_is_kept(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    code = code_of(sqlite_database)
    clerk = sign_in("clerk@h029")
    answer = send(clerk, code, "file", proposals="Mở lớp tập huấn.")
    assert answer.status_code == 422
    assert 'href="#results"' in clerk.last
    assert 'href="#file"' in clerk.last
    assert "Mở lớp tập huấn." in clerk.last
    assert "<title>Lỗi: " in clerk.last
    kept = row_of(sqlite_database, code)
    assert (kept.state, kept.proposals) == (ReportState.DUE, "Mở lớp tập huấn.")


def test_a_file_is_kept_though_a_day_is_mistyped(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    code = code_of(sqlite_database)
    clerk = sign_in("clerk@h029")
    answer = send(clerk, code, "file", results="Đã làm.", dated="31/02/2023", file=file())
    assert answer.status_code == 422
    assert "Gõ theo ngày/tháng/năm" in clerk.last
    assert 'value="31/02/2023"' in clerk.last
    again = clerk.post(
        f"{LIST}/{code}",
        {**clerk.carried(), "do": "file", "results": "Đã làm.", "dated": "04/12/2023"},
    )
    assert again.status_code == 303
    assert row_of(sqlite_database, code).state is ReportState.FILED


def test_words_too_many_are_told_and_not_cut(sign_in: SignIn, sqlite_database: Database) -> None:
    code = code_of(sqlite_database)
    clerk = sign_in("clerk@h029")
    send(clerk, code, "save", results="Bản nháp.")
    answer = send(clerk, code, "save", results="a" * 20_001, proposals="Mở lớp.\0")
    assert answer.status_code == 422
    assert "tối đa 20000 ký tự" in clerk.last
    row = row_of(sqlite_database, code)
    assert (row.results, row.proposals) == ("Bản nháp.", "Mở lớp.")


@pytest.mark.parametrize("code", ["BC-2023-" + "9" * 30, "BC-2023-²", "x", "BC-2022-0001"])
def test_a_forged_code_is_no_page(sign_in: SignIn, code: str) -> None:
    board = sign_in(BOARD)
    assert board.get(f"{LIST}/{code}").status_code == 404
    assert board.get(f"{LIST}/{code}/tep/{'9' * 30}").status_code == 404


def test_a_wrong_kind_of_file_is_refused(sign_in: SignIn, sqlite_database: Database) -> None:
    clerk = sign_in("clerk@h029")
    code = code_of(sqlite_database)
    answer = send(clerk, code, "file", results="Đã làm.", file=file("x.exe", b"MZ" + b"\0" * 99))
    assert answer.status_code == 422
    assert 'href="#file"' in clerk.last
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ReportFile)) == 0


def test_a_return_without_a_reason_is_refused(sign_in: SignIn, sqlite_database: Database) -> None:
    code = filed(sign_in, sqlite_database)
    board = sign_in(BOARD)
    assert send(board, code, "return").status_code == 422
    assert 'href="#reason"' in board.last
    assert row_of(sqlite_database, code).state is ReportState.FILED


@pytest.mark.parametrize("login", ["clerk@h030", "head@snv", "clerk@x00853"])
def test_strangers_find_nothing(sign_in: SignIn, sqlite_database: Database, login: str) -> None:
    code = filed(sign_in, sqlite_database)
    with sqlite_database.reading() as session:
        paper = session.scalars(select(ReportFile.id)).one()
    stranger = sign_in(login)
    addresses = (
        f"{LIST}/{code}",
        f"{LIST}/{code}/tep/{paper}",
        f"{LIST}/{code}/ban-word",
        TOTAL,
        f"{TOTAL}/xlsx",
        f"{TOTAL}/docx",
    )
    assert [stranger.get(one).status_code for one in addresses] == [404] * 6
    body = {"do": "accept", "version": "2", "key": "k"}
    assert stranger.post(f"{LIST}/{code}", body).status_code == 404
    assert row_of(sqlite_database, code).state is ReportState.FILED


def test_who_may_look_may_not_act(sign_in: SignIn, sqlite_database: Database) -> None:
    code = filed(sign_in, sqlite_database)
    auditor = sign_in(f"auditor@{build.PROVINCE}".casefold())
    auditor.get(f"{LIST}/{code}")
    assert "Trả lời báo cáo" not in auditor.last
    body = {"do": "accept", "version": "2", "key": "k"}
    assert auditor.post(f"{LIST}/{code}", body).status_code == 422
    assert row_of(sqlite_database, code).state is ReportState.FILED


def test_an_old_page_changes_nothing(sign_in: SignIn, sqlite_database: Database) -> None:
    code = filed(sign_in, sqlite_database)
    clerk = sign_in("clerk@h029")
    body = {"do": "save", "version": "1", "key": "alt", "results": "Viết lại."}
    answer = clerk.post(f"{LIST}/{code}", body)
    assert answer.status_code == 409
    assert "Báo cáo vừa được người khác cập nhật" in clerk.last
    assert "Viết lại." in clerk.last
    assert f'href="{LIST}/{code}"' in clerk.last


def test_pressing_twice_files_once(sign_in: SignIn, sqlite_database: Database) -> None:
    code = code_of(sqlite_database)
    clerk = sign_in("clerk@h029")
    clerk.get(f"{LIST}/{code}")
    form = {**clerk.carried(), "do": "file", "results": "Đã làm."}
    assert clerk.post(f"{LIST}/{code}", {**form, "file": file()}).status_code == 303
    assert clerk.post(f"{LIST}/{code}", {**form, "file": file()}).status_code == 303
    assert row_of(sqlite_database, code).version == 2
    clerk.get(f"{LIST}/{code}")
    assert "đã được ghi từ lần gửi trước" in clerk.last


@pytest.mark.parametrize(
    "broken",
    [
        {"do": "burn"},
        {"version": "x"},
        {"version": "²"},
        {"version": "9" * 30},
        {"key": ""},
        {"key": "a b"},
        {"key": "k" * 65},
    ],
)
def test_a_form_that_is_not_ours_is_refused(
    sign_in: SignIn, sqlite_database: Database, broken: dict[str, str]
) -> None:
    code = code_of(sqlite_database)
    body = {"do": "save", "version": "1", "key": "k", **broken}
    assert sign_in("clerk@h029").post(f"{LIST}/{code}", body).status_code == 400


def test_the_inbox_asks_until_it_is_filed_and_then_asks_the_board(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    clerk, board = sign_in("clerk@h029"), sign_in(BOARD)
    clerk.get("/viec")
    wanted = "Gửi báo cáo sơ kết phong trào thi đua giữa giai đoạn"
    assert wanted in titles(clerk)
    assert len(titles(clerk)) == 4
    assert 'class="count">4<' in clerk.last
    assert "<b>2 việc đã quá hạn</b>" in clerk.last
    board.get("/viec")
    assert titles(board) == []
    filed(sign_in, sqlite_database)
    clerk.get("/viec")
    assert wanted not in titles(clerk)
    board.get("/viec")
    assert titles(board) == [
        "Tiếp nhận báo cáo sơ kết phong trào thi đua giữa giai đoạn: UBND huyện Quản Bạ"
    ]


def test_the_board_sees_all_units_overdue_ones_first(
    sign_in: SignIn, sqlite_database: Database, clock: Hands
) -> None:
    filed(sign_in, sqlite_database)
    board = sign_in(BOARD)
    board.get(LIST)
    assert "Chờ tiếp nhận <span>1 báo cáo" in board.last
    assert "Chưa gửi <span>29 báo cáo" in board.last
    clock.now = datetime(2023, 12, 15, 10, 0, 1, tzinfo=UTC)
    board = sign_in(BOARD)
    board.get(f"{LIST}?ky=SK-2023")
    assert "Quá hạn <span>29 báo cáo" in board.last
    assert board.last.index("Quá hạn <span>") < board.last.index("Chờ tiếp nhận <span>")
    board.get(f"{LIST}?ky=SK-2023&trang-thai=filed")
    assert "Quá hạn <span>" not in board.last
    assert "Quản Bạ" in board.last
    board.get(f"{LIST}?ky=SK-2023&trang-thai=accepted")
    assert "Không có báo cáo khớp bộ lọc" in board.last


def test_a_late_report_is_filed_and_says_so(
    sign_in: SignIn, sqlite_database: Database, clock: Hands
) -> None:
    clock.now = datetime(2023, 12, 18, 2, tzinfo=UTC)
    code = filed(sign_in, sqlite_database)
    board = sign_in(BOARD)
    board.get(f"{LIST}/{code}")
    assert "gửi báo cáo sau hạn" in board.last
    board.get(TOTAL)
    assert "18/12/2023 (sau hạn)" in board.last
    with sqlite_database.reading() as session:
        assert session.scalars(select(OutgoingMessage.values)).one()["late"] is True


def test_a_commune_owes_nothing(sign_in: SignIn) -> None:
    clerk = sign_in("clerk@x00853")
    clerk.get(LIST)
    assert "Chưa có báo cáo nào phải gửi" in clerk.last


def test_the_signed_file_comes_back_as_it_was(sign_in: SignIn, sqlite_database: Database) -> None:
    code = filed(sign_in, sqlite_database)
    with sqlite_database.reading() as session:
        paper = session.scalars(select(ReportFile.id)).one()
    answer = sign_in(BOARD).get(f"{LIST}/{code}/tep/{paper}")
    assert answer.data == PDF
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert sign_in(BOARD).get(f"{LIST}/{code}/tep/{paper + 1}").status_code == 404


def test_the_consolidated_table_adds_up(sign_in: SignIn, sqlite_database: Database) -> None:
    build.a_decided(sqlite_database)
    filed(sign_in, sqlite_database)
    board = sign_in(BOARD)
    board.get(TOTAL)
    assert "1/30 đơn vị đã gửi" in board.last
    assert "29 đơn vị chưa gửi hoặc phải gửi lại" in board.last
    assert "Cộng toàn tỉnh" in board.last
    assert board.get(f"{LIST}/tong-hop/XX-2023").status_code == 404


def test_a_report_not_yet_open_has_an_empty_table(sign_in: SignIn) -> None:
    board = sign_in(BOARD)
    assert board.get(f"{LIST}/tong-hop/TK-2025").status_code == 200
    assert "Kỳ này chưa mở" in board.last
    assert board.get(f"{LIST}/tong-hop/TK-2025/xlsx").status_code == 200
    assert board.get(f"{LIST}/tong-hop/TK-2025/docx").status_code == 200


def workbook(answer: TestResponse) -> tuple[dict[str, list[list[Any]]], dict[str, str]]:
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    cells = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    with ZipFile(BytesIO(answer.data)) as parts:
        raw = {name: parts.read(name).decode() for name in parts.namelist() if "sheet" in name}
    return cells, raw


def test_the_workbook_holds_no_formula_whatever_was_typed(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    evil = {
        "results": "=HYPERLINK(1)",
        "shortcomings": "+1+1",
        "proposals": "@SUM(A1)",
        "number": "=1/BC",
    }
    filed(sign_in, sqlite_database, **evil)
    with sqlite_database.writing() as session:
        session.execute(update(Unit).where(Unit.code == "H029").values(name="=cmd|' /C calc'!A0"))
    answer = sign_in(BOARD).get(f"{TOTAL}/xlsx")
    assert (
        "filename=HaGiang_SoKet2023_TongHop_20231205.xlsx" in answer.headers["Content-Disposition"]
    )
    cells, raw = workbook(answer)
    assert not any("<f>" in text or "<f " in text for text in raw.values())
    assert not any("<hyperlink" in text for text in raw.values())
    assert cells["Nội dung"][1] == [
        "=cmd|' /C calc'!A0",
        "=HYPERLINK(1)",
        "+1+1",
        "@SUM(A1)",
    ]


def test_the_workbook_has_figures_as_figures(sign_in: SignIn, sqlite_database: Database) -> None:
    build.a_decided(sqlite_database)
    filed(sign_in, sqlite_database)
    cells, _ = workbook(sign_in(BOARD).get(f"{TOTAL}/xlsx"))
    table = cells["Tổng hợp"]
    mine = next(row for row in table if row[1] == "UBND huyện Quản Bạ")
    assert mine[3] == date(2023, 12, 5)
    assert mine[5:8] == [1, 1, 1]
    assert isinstance(mine[8], float)
    sums = table[-1]
    assert sums[1:3] == ["Toàn tỉnh", "1/30 đã gửi"]
    assert sums[5:8] == [1, 1, 1]
    assert sum(isinstance(row[0], float) for row in table) == 30


def paper_of(answer: TestResponse) -> Paper:
    return Document(BytesIO(answer.data))


def test_the_paper_is_laid_out_as_the_decree_says(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    filed(sign_in, sqlite_database)
    answer = sign_in(BOARD).get(f"{TOTAL}/docx")
    name = unquote(answer.headers["Content-Disposition"])
    assert "HaGiang_SoKet2023_TongHop_20231205.docx" in name
    paper = paper_of(answer)
    page = paper.sections[0]
    assert [round(one.mm) for one in (page.page_width, page.page_height) if one] == [210, 297]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(one.mm) for one in margins if one is not None] == [20, 20, 30, 15]
    assert page.different_first_page_header_footer
    assert "PAGE" in page.header.paragraphs[0]._p.xml
    assert page.first_page_header.paragraphs[0].text == ""
    style = paper.styles["Normal"].font
    assert (style.name, style.size) == ("Times New Roman", Pt(14))
    assert set(
        re.findall(r'w:rFonts w:[^>]*?ascii="([^"]+)"', paper.styles["Normal"].element.xml)
    ) == {"Times New Roman"}


def test_the_paper_says_who_writes_what_to_whom(sign_in: SignIn, sqlite_database: Database) -> None:
    filed(sign_in, sqlite_database)
    paper = paper_of(sign_in(BOARD).get(f"{TOTAL}/docx"))
    left, right = paper.tables[0].rows[0].cells
    lines = [one for one in left.paragraphs if one.text]
    assert [one.text for one in lines] == [
        "SỞ NỘI VỤ",
        "BAN THI ĐUA - KHEN THƯỞNG",
        "Số:       /BC-BTĐKT",
    ]
    assert [one.runs[0].bold for one in lines] == [False, True, False]
    title, motto, dated = [one for one in right.paragraphs if one.text]
    assert (title.text, title.runs[0].bold, title.runs[0].font.size) == (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        True,
        Pt(12),
    )
    assert (motto.text, motto.runs[0].bold) == ("Độc lập - Tự do - Hạnh phúc", True)
    assert (dated.text, dated.runs[0].italic) == ("Hà Giang, ngày 05 tháng 12 năm 2023", True)
    assert sum("w:pBdr" in one._p.xml for one in right.paragraphs) == 1
    copies = [one.text for one in paper.tables[-1].rows[0].cells[0].paragraphs]
    assert copies[0] == "Nơi nhận:"
    assert copies[-1] == "- Lưu: VT, BTĐKT."
    assert paper.tables[-1].rows[0].cells[1].paragraphs[0].text == "TRƯỞNG BAN"
    assert len(paper.tables[1].rows) == 1 + 2 + 30 + 1


def test_body_text_is_justified_and_indented(sign_in: SignIn) -> None:
    paper = paper_of(sign_in(BOARD).get(f"{TOTAL}/docx"))
    body = next(one for one in paper.paragraphs if one.text.startswith("Thực hiện Mục V.3"))
    form = body.paragraph_format
    assert form.alignment is not None
    assert form.alignment.name == "JUSTIFY"
    assert form.first_line_indent is not None
    assert abs(form.first_line_indent - Mm(12.7)) < 1000
    assert form.space_after == Pt(6)


def test_a_unit_takes_its_report_home_to_be_signed(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    code = code_of(sqlite_database)
    clerk = sign_in("clerk@h029")
    send(clerk, code, "save", results="Dòng một.\nDòng hai.\x0b", number="12/BC-UBND")
    answer = clerk.get(f"{LIST}/{code}/ban-word")
    assert f"{code}.docx" in answer.headers["Content-Disposition"]
    paper = paper_of(answer)
    said = [one.text for one in paper.paragraphs]
    assert "Dòng một." in said
    assert "Dòng hai." in said
    assert "Không có." in said
    assert "Sơ kết phong trào thi đua giữa giai đoạn" in said
    as_pdf = clerk.get(f"{LIST}/{code}/ban-pdf")
    assert as_pdf.mimetype == "application/pdf"
    assert "Dòng hai." in PdfReader(BytesIO(as_pdf.data)).pages[0].extract_text()
    assert sign_in(BOARD).get(f"{TOTAL}/pdf").data.startswith(b"%PDF-")
    assert "Số: 12/BC-UBND" in [one.text for one in paper.tables[0].rows[0].cells[0].paragraphs]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2021, 10, 9), "Hà Giang, ngày 09 tháng 10 năm 2021"),
        (date(2024, 1, 31), "Hà Giang, ngày 31 tháng 01 năm 2024"),
        (date(2024, 2, 1), "Hà Giang, ngày 01 tháng 02 năm 2024"),
        (date(2024, 3, 10), "Hà Giang, ngày 10 tháng 3 năm 2024"),
    ],
)
def test_zeros_stand_where_the_decree_wants_them(day: date, words: str) -> None:
    assert place_and_date("Hà Giang", day) == words


def test_every_unit_is_in_the_table_once(app: Flask, sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        programme = rulebook_in_force(session).programme.id
        units = [line.unit_code for line in reports_of(session, programme, "SK-2023")]
    assert len(units) == len(set(units)) == 30


def test_a_report_owed_stands_in_agenda_feed_and_coming_reminders_until_filed(
    sign_in: SignIn, sqlite_database: Database
) -> None:
    code = code_of(sqlite_database)
    clerk = sign_in("clerk@h029")
    clerk.get("/lich")
    clerk.post("/lich/dia-chi")
    secret = re.search(r"/lich/[\w-]+\.ics", clerk.last)
    assert secret is not None
    feed = clerk.get(secret[0]).get_data(as_text=True).replace("\r\n ", "")
    event = next(part for part in feed.split("BEGIN:VEVENT") if f"UID:{code}@" in part)
    assert "DTSTART:20231215T100000Z" in event
    clerk.get("/lich")
    assert f"{LIST}/{code}" in clerk.last
    clerk.get("/viec")
    assert "sắp đến hạn gửi báo cáo" in clerk.last
    filed = send(clerk, code, "file", results="Đã làm.", dated="04/12/2023", file=file())
    assert filed.status_code == 303
    feed = clerk.get(secret[0]).get_data(as_text=True).replace("\r\n ", "")
    assert f"UID:{code}@" not in feed
    clerk.get("/lich")
    assert f"{LIST}/{code}" not in clerk.last


def test_nobody_elses_reports_stand_in_a_feed(sign_in: SignIn, sqlite_database: Database) -> None:
    for login in (BOARD, "clerk@h030"):
        browser = sign_in(login)
        browser.get("/lich")
        assert code_of(sqlite_database) not in browser.last
