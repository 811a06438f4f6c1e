"""Tables as people bring them, with planted faults: all are named, with line and remedy."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import func, select

from models.database import Database
from models.importing import HasErrors
from models.importing_people import read_people
from models.importing_people_apply import apply_people
from models.importing_scores import Scoring, apply_scores, read_scores
from models.importing_units import apply_units, read_units
from models.sheets import Unreadable, number, read_rows
from models.tables import Account, Appointment, IndexScore, Person, Unit
from models.unit_names import UnitNames
from tests import builders as build
from workflow.vocabulary import Classification, IndexKind, Post, ScoreKind

PUBLISHED = Scoring(IndexKind.PAR, 2023, ScoreKind.PUBLISHED, date(2023, 12, 27), "QĐ 2400")
UNITS = "code,name,kind,parent_code,valid_from,valid_to,in_quota_base\n"
PEOPLE = "code,full_name,position,unit_code,email,posts,login\n"


def workbook(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def test_the_official_units_come_in_whole_and_once(sqlite_database: Database) -> None:
    content = (build.ROOT / "config/data/ha-giang-units.csv").read_bytes()
    with sqlite_database.writing() as session:
        assert session.scalars(select(func.count()).select_from(Unit)).one() == 224
        plan = read_units(session, content)
        assert plan.errors == ()
        assert apply_units(session, plan, None, build.NOW) == 0


def test_units_with_planted_faults(sqlite_database: Database) -> None:
    content = UNITS + (
        "P1,Phòng Một,division,SNV,2021-10-09,,false\n"
        "P1,Phòng Một,division,SNV,2021-10-09,,false\n"
        "P2,Phòng Hai,phong,SNV,2021-10-09,,false\n"
        "P3,Phòng Ba,division,SNVX,2021-10-09,,false\n"
        "P4,Phòng Bốn,division,SNV,9 tháng 10,,false\n"
        "P5,Phòng Năm,division,SNV,2021-10-09,2020-01-01,false\n"
        ",Không mã,division,SNV,2021-10-09,,false\n"
        "P6,Phòng Sáu,division,P7,2021-10-09,,false\n"
        "P7,Phòng Bảy,division,P6,2021-10-09,,false\n"
    )
    with sqlite_database.writing() as session:
        plan = read_units(session, content.encode())
        assert [row.code for row in plan.changes] == ["P1", "P3", "P6", "P7"]
        assert [error.line for error in plan.errors] == [3, 4, 5, 6, 7, 8, 9, 10]
        assert all(error.text and error.remedy for error in plan.errors)
        with pytest.raises(HasErrors):
            apply_units(session, plan, None, build.NOW)


def test_people_with_posts_and_accounts(sqlite_database: Database) -> None:
    content = PEOPLE + "CB1,Đặng Thị Ước,CV,H029,uoc@hg.example,clerk@H029;head@X00853,uoc\n"
    with sqlite_database.writing() as session:
        plan = read_people(session, content.encode())
        assert plan.errors == ()
        apply_people(session, plan, None, build.NOW)
        person = session.scalars(select(Person).where(Person.code == "CB1")).one()
        assert person.search_key == "cb1 dang thi uoc"
        account = session.get_one(Account, person.id)
        assert (account.login, account.must_change) == ("uoc", True)
    again = PEOPLE + "CB1,Đặng Thị Ước,Phó phòng,H029,uoc@hg.example,clerk@H029,uoc\n"
    later = build.NOW.replace(day=20)
    with sqlite_database.writing() as session:
        apply_people(session, read_people(session, again.encode()), None, later)
        rows = session.execute(
            select(Appointment.post, Appointment.valid_to)
            .where(Appointment.person_id == person.id)
            .order_by(Appointment.post)
        ).all()
        assert [tuple(row) for row in rows] == [
            (Post.CLERK, None),
            (Post.HEAD, date(2023, 12, 19)),
        ]
        version = session.scalars(
            select(Account.role_version).where(Account.person_id == person.id)
        ).one()
        assert version == 2


def test_people_with_planted_faults(sqlite_database: Database) -> None:
    content = PEOPLE + (
        "A,Vàng Một,CV,H029,a@hg.example,clerk@H029,a\n"
        "A,Vàng Hai,CV,H029,b@hg.example,,b\n"
        "C,Vàng Ba,CV,H999,c@hg.example,,c\n"
        "D,Vàng Bốn,CV,H029,không phải thư,,d\n"
        "E,Vàng Năm,CV,H029,,boss@H029;clerk@H998,e\n"
        "F,,CV,H029,,,A\n"
    )
    with sqlite_database.reading() as session:
        plan = read_people(session, content.encode())
    assert [row.code for row in plan.changes] == ["A"]
    assert [error.line for error in plan.errors] == [3, 4, 5, 6, 6, 7, 7]
    assert "Không có đơn vị “H999”." in [error.text for error in plan.errors]


def test_scores_from_a_sheet_as_people_lay_it_out(sqlite_database: Database) -> None:
    content = workbook(
        [
            ["KẾT QUẢ CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM 2023"],
            [],
            ["STT", "Đơn vị", "Tổng điểm", "Chỉ số (%)", "Xếp hạng", "Xếp loại"],
            ["I", "Sở, ban, ngành"],
            [1, "Sở Nội vụ", 88, "88,10", 1, "Tốt"],
            [2, "thanh tra tỉnh", 80, 80, 2, "Tốt"],
            ["II", "UBND huyện, thành phố"],
            [1, "Quản Bạ", 86, 86.42, 1, "Tốt"],
            [2, "UBND huyện Yên Minh", 79, "79.99", 2, "Khá"],
            [3, "TP. Hà Giang", 90, "90,5", 3, "Xuất sắc"],
        ]
    )
    with sqlite_database.writing() as session:
        plan = read_scores(session, content, PUBLISHED)
        assert plan.errors == ()
        assert apply_scores(session, plan, None, build.NOW) == 5
        assert apply_scores(session, plan, None, build.NOW) == 0
        found = {
            code: (value, rating)
            for code, value, rating in session.execute(
                select(Unit.code, IndexScore.value, IndexScore.classification).join(
                    IndexScore, IndexScore.unit_id == Unit.id
                )
            )
        }
    assert found == {
        "SNV": (Decimal("88.10"), Classification.TOT),
        "TTT": (Decimal("80.00"), Classification.TOT),
        "H029": (Decimal("86.42"), Classification.TOT),
        "H028": (Decimal("79.99"), Classification.KHA),
        "H024": (Decimal("90.50"), Classification.XUAT_SAC),
    }


def test_scores_with_planted_faults(sqlite_database: Database) -> None:
    content = (
        "STT;Đơn vị;Tổng điểm;Chỉ số (%);Xếp hạng;Xếp loại\n"
        "1;Sở Nội vụ;88;88,105;1;Tốt\n"
        "2;Sở Phép Thuật;88;88,10;1;Tốt\n"
        "3;Huyện Quản Bạ;88;101;1;Tốt\n"
        "4;Huyện Đồng Văn;88;tám mươi;1;Tốt\n"
        "5;Huyện Mèo Vạc;88;88,10;1;Rất tốt\n"
        "6;Xã Tả Lủng;88;88,10;1;Tốt\n"
        "7;Xã Tả Lủng (Huyện Mèo Vạc);88;88,10;1;Tốt\n"
        "8;Huyện Bắc Mê;88;88,10;1;Tốt\n"
        "9;Bắc Mê;88;88,20;1;Tốt\n"
        "10;;88;88,20;1;Tốt\n"
    )
    with sqlite_database.reading() as session:
        plan = read_scores(session, content.encode(), PUBLISHED)
    assert [error.line for error in plan.errors] == [2, 3, 4, 5, 6, 7, 10, 11]
    assert len(plan.changes) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rỗng"),
        (b"a,b\n1,2\n", "tiêu đề"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"PK\x03\x04 broken", "Excel"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(
    sqlite_database: Database, content: bytes, words: str
) -> None:
    with sqlite_database.reading() as session, pytest.raises(Unreadable, match=words):
        read_scores(session, content, PUBLISHED)


@pytest.mark.parametrize(
    ("written", "value"),
    [("88,10", "88.10"), ("88.1", "88.1"), ("1.234,5", "1234.5"), ("91,30%", "91.30")],
)
def test_figures_with_comma_or_point(written: str, value: str) -> None:
    assert number(written) == Decimal(value)


def test_cells_of_a_sheet_read_as_they_were_typed() -> None:
    rows = read_rows(workbook([[88.1, 80, "  Sở   Nội vụ "], [], [1]]))
    assert [(row.line, row.cells) for row in rows] == [
        (1, ("88.1", "80", "Sở Nội vụ")),
        (3, ("1",)),
    ]


def book_of(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """A workbook with the headings of scores, changed as a test wants it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Bảng"
    sheet.append(["Đơn vị", "Chỉ số (%)"])
    sheet.append(["Sở Nội vụ", 88.1])
    sheet.append(["Quản Bạ", 86.42])
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def merged(book: openpyxl.Workbook) -> None:
    book.worksheets[0].merge_cells("A2:A3")


def uncalculated(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["B3"] = "=80+6"


def twice(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["C1"] = "Chỉ số"


def as_day(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["B3"] = date(2023, 10, 8)


def as_serial(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["B3"] = 45207


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (merged, "Trang “Bảng”, dòng 3, cột A “Đơn vị”", "Ô bị gộp với ô A2."),
        (
            uncalculated,
            "Trang “Bảng”, dòng 3, cột B “Chỉ số (%)”",
            "Ô chứa công thức chưa có kết quả.",
        ),
        (twice, "Trang “Bảng”, dòng 1, cột B và C", "Cột “Chỉ số (%)” có ở B và C."),
        (as_day, "Trang “Bảng”, dòng 3, cột B “Chỉ số (%)”", "Ô là ngày 2023-10-08"),
        (as_serial, "Trang “Bảng”, dòng 3, cột B “Chỉ số (%)”", "(là ngày 08/10/2023 nếu ô"),
    ],
)
def test_what_a_spreadsheet_does_to_a_cell_is_a_fault_of_that_cell(
    sqlite_database: Database,
    change: Callable[[openpyxl.Workbook], None],
    place: str,
    text: str,
) -> None:
    with sqlite_database.reading() as session:
        plan = read_scores(session, book_of(change), PUBLISHED)
    assert [one.place for one in plan.errors] == [place]
    assert text in plan.errors[0].text
    assert plan.errors[0].remedy


def test_of_several_sheets_the_one_with_the_table_is_read_and_two_are_refused(
    sqlite_database: Database,
) -> None:
    def aside(book: openpyxl.Workbook) -> None:
        book.create_sheet("Ghi chú", 0).append(["không có bảng ở đây"])
        book.create_sheet("Ẩn").append(["Đơn vị", "Chỉ số"])
        book.worksheets[2].sheet_state = "hidden"

    def doubled(book: openpyxl.Workbook) -> None:
        book.copy_worksheet(book.worksheets[0]).title = "Bản sao"

    with sqlite_database.reading() as session:
        plan = read_scores(session, book_of(aside), PUBLISHED)
        assert (len(plan.changes), plan.errors) == (2, ())
        assert plan.notes == (
            "Trang tính ẩn không được đọc: “Ẩn”.",
            "Chỉ đọc trang “Bảng”; không đọc “Ghi chú”.",
        )
        with pytest.raises(Unreadable, match="“Bảng”, “Bản sao”"):
            read_scores(session, book_of(doubled), PUBLISHED)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Quản Bạ", "H029"),
        ("QUẢN BẠ", "H029"),
        ("ubnd Huyện Quản bạ", "H029"),
        ("Uỷ ban nhân dân huyện Quản Bạ", "H029"),
        ("Ủy ban nhân dân  huyện Quản Bạ", "H029"),
        ("H. Quản Bạ", "H029"),
        ("h029", "H029"),
        ("TP Hà Giang", "H024"),
        ("Tp. Hà Giang", "H024"),
        ("Sở Văn hoá, Thể thao và Du lịch", "SVHTTDL"),
        ("Sở Văn hóa Thể thao và Du lịch", "SVHTTDL"),
        ("Sở Lao động – Thương binh và Xã hội", "SLĐTBXH"),
        ("xã Tả Lủng, huyện Mèo Vạc", "?"),
    ],
)
def test_a_unit_is_found_however_its_name_is_written(
    sqlite_database: Database, written: str, code: str
) -> None:
    day = date(2023, 12, 5)
    with sqlite_database.reading() as session:
        names = UnitNames(session, day, day)
        found = [names.units[one].code for one in names.find(written)]
        assert len(found) == 1
        assert code in {"?", found[0]}
        assert names.suggest("Huyện Quãng Bạ")[0] == "UBND huyện Quản Bạ"
        assert names.suggest("không gần tên nào") == []
