"""Bringing tables through the web: dry run, every fault, one transaction, once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.folding import sort_key
from models.scores import put_score
from models.tables import HistoryLine, ImportRun, IndexScore, Registration, Unit
from tests import summary_sheet
from tests import workbooks_read as read
from tests.builders import (
    AUTUMN,
    NOW,
    SPRING,
    a_paper,
    a_registered,
    a_score,
    a_submitted,
    change,
    step,
    taken,
    the_dossier,
    unit_id,
)
from tests.views.conftest import Browser, Hands
from workflow.facts import CouncilInput, CouncilResult
from workflow.vocabulary import Action, DocumentKind

SignIn = Callable[[str], Browser]
SCORES = "/nap-bang/chi-so"
ABOUT = {
    "index": "par_index",
    "kind": "published",
    "year": "2023",
    "published_on": "04/12/2023",
    "source": "QĐ 2400/QĐ-UBND",
}
DIGEST = re.compile(r'name="digest" value="([0-9a-f]{64})"')
BOARD, ADMINISTRATOR, CLERK = "appraiser@ubnd-tinh", "administrator@ubnd-tinh", "clerk@h029"


def bring(browser: Browser, address: str, content: bytes, **about: str) -> str:
    """Bring a table; the address of its dry run, whose page is then open."""
    browser.get(address)
    file = (io.BytesIO(content), "bang.xlsx")
    answer = browser.post(address, {"key": browser.carried_key(), **about, "file": file})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    browser.get(answer.location)
    return str(answer.location)


def confirm(browser: Browser, address: str, **more: str) -> Any:
    digest = DIGEST.search(browser.last)
    assert digest, "nothing to confirm on this page"
    given = {"key": browser.carried_key(), "digest": digest[1], "do": "ghi", **more}
    return browser.post(address, given)


def faults(browser: Browser) -> list[tuple[str, str]]:
    """Place and text of every fault on the page."""
    table = browser.last.partition('<caption class="sr">Lỗi của bảng')[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td data-l="Lỗi">([^<]+)</td>', table)
    return [(place, text) for place, text in rows]


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def waiting_for_its_score(database: Database) -> str:
    """A dossier before the check, whose index nobody has published yet."""
    code = a_submitted(database)
    taken(change(database, code, a_paper(DocumentKind.BIEN_BAN)))
    result = CouncilInput(CouncilResult(date(2023, 11, 20), 9, 9, 9))
    secretary = "council_secretary@H029"
    taken(step(database, code, secretary, Action.RECORD_COUNCIL_RESULT, result))
    return code


def with_faults() -> tuple[list[list[Any]], list[tuple[int, str, str]]]:
    """The thirty rows with twelve faults, and where and how each is to be told."""
    rows, first = summary_sheet.good_rows(), summary_sheet.FIRST
    rows[2][1] = "Sở Nội vuj"
    rows[3][3] = "tám mươi"
    rows[4][3] = 188.1
    rows[5][3] = "88,105"
    rows[6][1] = ""
    rows[8][3] = ""
    rows[9][5] = "Rất tốt"
    rows[10][1], rows[10][3] = "Sở Phép thuật", -1
    rows[11][3] = "=A99"
    rows[12][3] = date(2023, 10, 8)
    rows[20][1] = "Huyện Mèo Vạc"
    told = [
        (2, "B", "Không có đơn vị tên “Sở Nội vuj”"),
        (3, "D", "“tám mươi” không phải điểm"),
        (4, "D", "Điểm 188.1 ngoài khoảng 0 đến 100"),
        (5, "D", "Điểm 88,105 có quá hai chữ số thập phân"),
        (6, "B", "Dòng thiếu tên đơn vị"),
        (8, "D", "Thiếu điểm"),
        (9, "F", "Xếp loại “Rất tốt” không có"),
        (10, "B", "Không có đơn vị tên “Sở Phép thuật”"),
        (10, "D", "Điểm -1 ngoài khoảng"),
        (11, "D", "Ô chứa lỗi #REF! của bảng tính"),
        (12, "D", "Ô là ngày 2023-10-08, không phải điểm"),
        (21, "B", "Đơn vị “Mèo Vạc” đã có ở dòng"),
    ]
    group = len(summary_sheet.DEPARTMENTS)
    return rows, [(first + at + (at >= group), column, text) for at, column, text in told]


def test_a_real_looking_sheet_with_twelve_faults_tells_exactly_those_and_mended_it_comes_in(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = waiting_for_its_score(sqlite_database)
    browser = sign_in(BOARD)
    browser.get(f"/ho-so/{code}")
    assert "chờ nguồn" in browser.last

    rows, planted = with_faults()
    address = bring(browser, SCORES, summary_sheet.sheet(rows), **ABOUT)
    found = faults(browser)
    assert len(found) == len(planted) == 12
    for (place, text), (line, column, words) in zip(found, planted, strict=True):
        assert f"Trang “Tổng hợp”, dòng {line}, cột {column} “" in place
        assert words in text
    assert "Có phải: Sở Nội vụ" in browser.last
    assert "12 lỗi ở 11 dòng" in browser.last
    assert "Trang tính ẩn không được đọc: “Tính toán”." in browser.last
    assert "19 thêm mới, 0 thay đổi, 0 giữ nguyên" in browser.last
    assert not DIGEST.search(browser.last)
    listed = read.records(browser.get(f"{address}?tai=xlsx").data)
    assert len(listed) == 12
    assert count(sqlite_database, IndexScore) == 0

    address = bring(browser, SCORES, summary_sheet.sheet(summary_sheet.good_rows()), **ABOUT)
    assert faults(browser) == []
    assert "30 thêm mới, 0 thay đổi, 0 giữ nguyên" in browser.last
    assert "Không đọc dòng tổng, dòng bình quân: dòng 38." in browser.last
    assert count(sqlite_database, IndexScore) == 0
    assert confirm(browser, address).status_code == 303
    assert count(sqlite_database, IndexScore) == 30
    browser.get(f"/ho-so/{code}")
    assert "chờ nguồn" not in browser.last
    assert "69,10" in browser.last


def test_confirming_again_changes_nothing_and_the_same_table_again_says_so(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(BOARD)
    content = summary_sheet.sheet(summary_sheet.good_rows())
    address = bring(browser, SCORES, content, **ABOUT)
    page = browser.last
    assert confirm(browser, address).status_code == 303
    browser.last = page
    assert confirm(browser, address).status_code == 303
    with sqlite_database.reading() as session:
        written = session.scalars(
            select(HistoryLine.action).where(
                HistoryLine.action.in_(("import_scores", "import_done"))
            )
        ).all()
    assert sorted(written) == ["import_done", "import_scores"]
    browser.get(address)
    assert "Đã ghi lúc 08:10 ngày 05/12/2023" in browser.last
    bring(browser, SCORES, content, **ABOUT)
    assert "0 thêm mới, 0 thay đổi, 30 giữ nguyên" in browser.last
    assert "không có gì để ghi" in browser.last


def test_what_changed_since_the_dry_run_is_shown_and_nothing_is_written(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(BOARD)
    address = bring(browser, SCORES, summary_sheet.sheet(summary_sheet.good_rows()), **ABOUT)
    with sqlite_database.writing() as session:
        put_score(session, a_score(unit_id(session, "H029")), None, NOW)
    answer = confirm(browser, address)
    assert answer.status_code == 409
    assert "Dữ liệu đã thay đổi sau lần xem trước nên chưa ghi gì" in browser.last
    assert "86,42 → <b>69,10</b>" in browser.last
    assert "29 thêm mới, 1 thay đổi" in browser.last
    assert count(sqlite_database, IndexScore) == 1
    assert confirm(browser, address).status_code == 303
    assert count(sqlite_database, IndexScore) == 30


def test_a_run_is_for_who_brought_it_and_as_long_as_they_may(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(BOARD)
    address = bring(browser, SCORES, summary_sheet.sheet(summary_sheet.good_rows()), **ABOUT)
    other = sign_in(ADMINISTRATOR)
    assert other.get(address).status_code == 404
    assert other.get(f"{address}?tai=xlsx").status_code == 404
    assert other.post(address, {"key": "k" * 20, "do": "ghi"}).status_code == 404
    assert sign_in(CLERK).get("/nap-bang/don-vi").status_code == 403
    assert browser.post(address, {"key": "k" * 20, "do": "bo"}).status_code == 303
    assert count(sqlite_database, ImportRun) == 0


def test_a_clerk_scores_no_other_unit_and_is_told_so_row_by_row(sign_in: SignIn) -> None:
    browser = sign_in(CLERK)
    content = "Đơn vị;Chỉ số\nQuản Bạ;80,5\nMèo Vạc;80,5\n".encode()
    bring(browser, SCORES, content, **{**ABOUT, "kind": "self", "published_on": ""})
    assert faults(browser) == [
        ("Dòng 3, cột A “Đơn vị”", "Bạn không nhập được điểm của UBND huyện Mèo Vạc.")
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Tệp rỗng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel đời cũ (.xls)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "đặt mật khẩu",
        ),
        (b"PK\x03\x04 broken", "Không đọc được tệp Excel"),
        (b"<html><table></table></html>", "trang web đổi tên"),
        (b"%PDF-1.7", "PDF hoặc ảnh"),
        (b"a;b\n1;2\n", "Không thấy dòng tiêu đề"),
        ("Đơn vị;b\n1;2\n".encode(), "Dòng 1: dòng tiêu đề thiếu cột “Chỉ số (%)”"),
        ("Đơn vị;Chỉ số\n".encode(), "không có dòng đơn vị nào"),
        ("Đơn vị;Chỉ số\n".encode("utf-16"), "không phải UTF-8"),
    ],
)
def test_what_is_no_table_is_told_with_its_remedy_and_nothing_typed_is_lost(
    sqlite_database: Database, sign_in: SignIn, content: bytes, words: str
) -> None:
    browser = sign_in(BOARD)
    browser.get(SCORES)
    file = (io.BytesIO(content), "bang.xlsx")
    answer = browser.post(SCORES, {"key": browser.carried_key(), **ABOUT, "file": file})
    assert answer.status_code == 422
    assert words in browser.last
    assert 'value="QĐ 2400/QĐ-UBND"' in browser.last
    assert count(sqlite_database, ImportRun) == 0


def test_a_form_without_a_file_tells_all_its_faults(sign_in: SignIn) -> None:
    browser = sign_in(BOARD)
    browser.get(SCORES)
    answer = browser.post(SCORES, {"key": browser.carried_key(), "year": "1999"})
    assert answer.status_code == 422
    for words in ("Chọn tệp bảng", "Chọn chỉ số.", "Chọn loại kết quả.", "Ghi năm từ 2015"):
        assert words in browser.last


NOMINEES = (
    "DANH SÁCH ĐĂNG KÝ THI ĐUA;;;\n"
    "STT;Họ và tên;Đơn vị;Số bản đăng ký\n"
    "I;Tập thể;;\n"
    "1;Huyện Quản Bạ;;12/ĐK-UBND\n"
    "II;Cá nhân;;\n"
    "1;{person};;13/ĐK-UBND\n"
)


def test_a_list_of_nominees_is_registered_at_once_and_again_says_it_is(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    clock.now = SPRING
    browser = sign_in(CLERK)
    browser.get("/dang-ky/moi")
    person = re.search(r"Cá nhân: ([^,(<]+)", browser.last)
    assert person
    about = {"cycle": "2023-midterm", "registered_on": "14/02/2023"}
    content = NOMINEES.format(person=person[1].strip()).encode()
    address = bring(browser, "/nap-bang/dang-ky", content, **about)
    assert faults(browser) == []
    assert "2 thêm mới" in browser.last
    assert "Cấp trên trực tiếp" in browser.last
    assert count(sqlite_database, Registration) == 0
    assert confirm(browser, address).status_code == 303
    with sqlite_database.reading() as session:
        sent = session.scalars(select(Registration).order_by(Registration.id)).all()
    assert [(one.subject_kind.value, one.number) for one in sent] == [
        ("collective", "12/ĐK-UBND"),
        ("individual", "13/ĐK-UBND"),
    ]
    bring(browser, "/nap-bang/dang-ky", content, **about)
    assert "0 thêm mới, 0 thay đổi, 2 giữ nguyên" in browser.last


def test_a_list_of_nominees_tells_every_fault_of_every_row(sign_in: SignIn, clock: Hands) -> None:
    clock.now = SPRING
    browser = sign_in(CLERK)
    content = (
        "Đối tượng;Loại;Ngày ký;Mã\n"
        "Quản Bja;Tập thể;31/02/2023;\n"
        "Mèo Vạc;;;\n"
        "Quản Bạ;Nhóm;;\n"
        ";;;KHONGCO\n"
        "Huyện Quản Bạ;;14/02/2023;\n"
        "UBND huyện Quản Bạ;;14/02/2023;\n"
        "1;;;\n"
    ).encode()
    about = {"cycle": "2023-midterm", "registered_on": "14/02/2023"}
    bring(browser, "/nap-bang/dang-ky", content, **about)
    told = faults(browser)
    places = [place for place, _ in told]
    assert places[:2] == ["Dòng 2, cột A “Đối tượng”", "Dòng 2, cột C “Ngày ký”"]
    texts = " | ".join(text for _, text in told)
    for words in (
        "Không thấy “Quản Bja”",
        "“31/02/2023” không phải ngày",
        "Bạn không đăng ký được cho “Mèo Vạc”",
        "Loại “Nhóm” không có",
        "Mã “KHONGCO” không thuộc phạm vi",
        "UBND huyện Quản Bạ đã có ở dòng",
        "Không thấy “1”",
    ):
        assert words in texts
    assert "Có phải: UBND huyện Quản Bạ" in browser.last


def test_a_person_of_that_name_elsewhere_is_not_registered_instead(
    sign_in: SignIn, clock: Hands
) -> None:
    clock.now = SPRING
    browser = sign_in(CLERK)
    browser.get("/dang-ky/moi")
    found = re.search(r"Cá nhân: ([^,(<]+)[^<]*\(UBND huyện Quản Bạ\)", browser.last)
    assert found
    name = found[1].strip()
    about = {"cycle": "2023-midterm", "registered_on": "14/02/2023"}
    content = f"Họ và tên;Đơn vị công tác\n{name};Sở Y tế\n".encode()
    bring(browser, "/nap-bang/dang-ky", content, **about)
    assert faults(browser) == [
        ("Dòng 2, cột A “Họ và tên”", f"Không thấy “{name}” ở “Sở Y tế” trong phạm vi bạn đăng ký.")
    ]
    assert f"Có phải: {name} (UBND huyện Quản Bạ)" in browser.last
    head = "Họ và tên;Chức vụ, đơn vị công tác"
    content = f"{head}\n{name};Chuyên viên, UBND huyện Quản Bạ\n".encode()
    bring(browser, "/nap-bang/dang-ky", content, **about)
    assert "1 thêm mới" in browser.last


def test_people_as_listed_come_back_without_a_change(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(ADMINISTRATOR)
    content = browser.get("/quan-tri/nguoi-dung?tai=xlsx&q=quan ba").data
    assert len(read.records(content)) >= 5
    bring(browser, "/nap-bang/nguoi", content)
    assert faults(browser) == []
    assert "0 thêm mới, 0 thay đổi" in browser.last


def test_a_post_that_needs_a_second_administrator_waits_for_one(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(ADMINISTRATOR)
    content = (
        "Mã;Họ và tên;Chức vụ;Cơ quan;Vai trò\n"
        'CB9;Vàng Seo Páo;Chuyên viên;Sở Nội vụ;"Quản trị, UBND-TINH@x"\n'
    ).encode()
    bring(browser, "/nap-bang/nguoi", content)
    assert len(faults(browser)) == 1
    content = content.replace(b", UBND-TINH@x", "@UBND-TINH; Cán bộ lập hồ sơ".encode())
    address = bring(browser, "/nap-bang/nguoi", content)
    assert "chờ quản trị thứ hai" in browser.last
    assert confirm(browser, address).status_code == 303
    browser.get("/quan-tri/nguoi-dung?q=pao")
    assert "Vàng Seo Páo: quản trị" in browser.last
    assert "Cán bộ lập hồ sơ, Sở Nội vụ" in browser.last


def test_units_tell_all_faults_of_a_row_and_change_in_one_go(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(ADMINISTRATOR)
    head = "Mã;Tên đơn vị;Loại;Mã cấp trên;Từ ngày;Đến ngày;Tính chỉ tiêu\n"
    wrong = f"{head};;Phố;KHONG;45000;01/01/2020;có lẽ\n".encode()
    bring(browser, "/nap-bang/don-vi", wrong)
    texts = [text for _, text in faults(browser)]
    assert len(texts) == 5
    assert "“45000” không phải ngày (là 15/03/2023 nếu ô định dạng ngày)." in texts
    good = f"{head}P9;Phòng Chín;Phòng, đơn vị trực thuộc;SNV;09/10/2021;;\n".encode()
    address = bring(browser, "/nap-bang/don-vi", good)
    assert confirm(browser, address).status_code == 303
    with sqlite_database.reading() as session:
        made = session.scalars(select(Unit).where(Unit.code == "P9")).one()
    assert (made.name, made.valid_from) == ("Phòng Chín", date(2021, 10, 9))


@pytest.mark.parametrize("name", ["chi-so", "dang-ky", "de-nghi", "nguoi", "don-vi", "ke-thua"])
def test_the_table_to_fill_in_has_the_columns_the_import_reads(sign_in: SignIn, name: str) -> None:
    browser = sign_in(CLERK if name in {"dang-ky", "de-nghi"} else ADMINISTRATOR)
    answer = browser.get(f"/nap-bang/{name}/mau.xlsx")
    assert read.dangers(answer.data) == []
    browser.get(f"/nap-bang/{name}")
    heads = [str(cell.value) for cell in read.sheets(answer.data)[0][1]]
    assert heads
    assert all(re.search(rf"<b[^>]*>{re.escape(head)}</b>", browser.last) for head in heads)


def test_units_are_found_without_marks_and_their_workbook_comes_back_without_a_change(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(ADMINISTRATOR)
    browser.get("/quan-tri/don-vi?q=quan ba&loai=district")
    assert "1 đơn vị khớp" in browser.last
    assert "UBND huyện Quản Bạ" in browser.last
    content = browser.get("/quan-tri/don-vi?tai=xlsx").data
    names = [str(one["Tên đơn vị"]) for one in read.records(content)]
    assert len(names) == 224
    assert names == sorted(names, key=sort_key)
    bring(browser, "/nap-bang/don-vi", content)
    assert faults(browser) == []
    assert "0 thêm mới, 0 thay đổi, 224 giữ nguyên" in browser.last
    assert sign_in(CLERK).get("/quan-tri/don-vi").status_code == 403


def test_the_list_of_a_letter_chooses_forms_of_award_for_many_dossiers(
    sqlite_database: Database, sign_in: SignIn, clock: Hands
) -> None:
    code, other = a_registered(sqlite_database), a_submitted(sqlite_database, "H026")
    clock.now = AUTUMN
    browser = sign_in(CLERK)
    about = {"cycle": "2023-midterm"}
    wrong = (
        "Đối tượng;Hình thức;Mã hồ sơ\n"
        f";Bằng khen tnh;{code}\n"
        f";Bằng khen tỉnh;{other}\n"
        "Quản Bjạ;;\n"
        "Quản Bạ;Bằng khen tỉnh;\n"
    ).encode()
    bring(browser, "/nap-bang/de-nghi", wrong, **about)
    told = [text for _, text in faults(browser)]
    assert told == [
        "Hình thức “Bằng khen tnh” không có.",
        f"Không thấy hồ sơ đang lập của “{other}”.",
        "Không thấy hồ sơ đang lập của “Quản Bjạ”.",
        "Thiếu hình thức khen thưởng.",
        f"Hồ sơ {code} đã có ở dòng 2.",
    ]
    assert "Bằng khen tỉnh" in browser.last
    good = "Đối tượng;Hình thức\nI. Tập thể;\nQuản Bạ;Bằng khen tỉnh\n".encode()
    address = bring(browser, "/nap-bang/de-nghi", good, **about)
    assert "trống → <b>Bằng khen tỉnh</b>" in browser.last
    assert confirm(browser, address).status_code == 303
    assert the_dossier(sqlite_database, code).award_form == "BANG_KHEN_TINH"
    filled = browser.get("/nap-bang/de-nghi/mau.xlsx").data
    bring(browser, "/nap-bang/de-nghi", filled, **about)
    assert faults(browser) == []
    assert "0 thêm mới, 0 thay đổi, 1 giữ nguyên" in browser.last
