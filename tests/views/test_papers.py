"""Papers going out: right in layout, filled from the record, and only for whoever may look."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Pt
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.editing import WriteReport
from models.rulebooks import rulebook_in_force
from models.tables import Appointment, Decision, Dossier
from tests import builders as build
from tests.views.conftest import Browser
from views import council_tally, decision_page
from views.papers import drawing, legal_bases, offices
from views.papers import pages as paper_pages
from views.papers.filling import BrokenTemplate, fill
from views.papers.kinds import TEMPLATES, PaperKind
from views.papers.library import previewed, written
from views.papers.samples import sample
from views.papers.template_pen import TemplatePaper
from views.papers.typesetting import typeset
from workflow.facts import SupplementInput
from workflow.vocabulary import Action, DocumentKind, Post, SigningCapacity, UnitKind

SignIn = Callable[[str], Browser]
BOARD = f"appraiser@{build.PROVINCE}".casefold()
DECIDER = f"head@{build.PROVINCE}".casefold()


def words_of(paper: Paper) -> list[str]:
    """Every paragraph of the paper in order, those of tables too."""
    return [found.text for found in _paragraphs(paper.element.body)]


def _paragraphs(body: Any) -> Iterable[Any]:
    from docx.text.paragraph import Paragraph  # noqa: PLC0415

    for element in body.iter(qn("w:p")):
        yield Paragraph(element, None)  # type: ignore[arg-type]


def download(browser: Browser, address: str) -> list[str]:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    return words_of(Document(BytesIO(answer.data)))


def a_template(*texts: str) -> bytes:
    paper = TemplatePaper()
    for text in texts:
        paper.text(text)
    return paper.done()


HEAD = {
    "co_quan_tren": "",
    "co_quan": "",
    "so_ky_hieu": "",
    "dia_danh_ngay": "",
    "ten_loai": "",
    "trich_yeu": "",
}


@pytest.fixture(autouse=True)
def samples_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a real paper is filled with, its sample has too: previews and help are complete."""

    def checked(session: Session, kind: PaperKind, words: dict[str, Any]) -> bytes:
        assert set(words) == set(sample(kind))
        for name, value in words.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                assert set(value[0]) == set(sample(kind)[name][0])
        return written(session, kind, words)

    for module in (paper_pages, decision_page, council_tally):
        monkeypatch.setattr(module, "written", checked)


# --- The templates of the repository -----------------------------------------------------------


@pytest.mark.parametrize("kind", PaperKind)
def test_a_template_is_what_the_script_draws(kind: PaperKind) -> None:
    lying = ZipFile(TEMPLATES / f"{kind.value}.docx")
    drawn = ZipFile(BytesIO(drawing.DRAWN[kind]()))
    for part in ("word/document.xml", "word/styles.xml", "word/header1.xml"):
        assert lying.read(part) == drawn.read(part), f"run python -m views.papers.drawing: {part}"


@pytest.mark.parametrize("kind", PaperKind)
def test_the_layout_is_that_of_the_decree(kind: PaperKind) -> None:
    paper = Document(str(TEMPLATES / f"{kind.value}.docx"))
    page: Any = paper.sections[0]
    width, height = round(page.page_width.mm), round(page.page_height.mm)
    assert (width, height) == (210, 297)
    assert all(20 <= round(side.mm) <= 25 for side in (page.top_margin, page.bottom_margin))
    assert 30 <= round(page.left_margin.mm) <= 35
    assert 15 <= round(page.right_margin.mm) <= 20
    assert page.different_first_page_header_footer, "no number on the first page"
    assert "PAGE" in page.header._element.xml
    normal: Any = paper.styles["Normal"]
    assert (normal.font.name, normal.font.size) == ("Times New Roman", Pt(14))
    left, right = paper.tables[0].rows[0].cells
    nation: Any
    motto: Any
    rule: Any
    nation, motto, rule = right.paragraphs[:3]
    assert nation.text == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert motto.text == "Độc lập - Tự do - Hạnh phúc"
    assert Pt(12) <= nation.runs[0].font.size <= Pt(13)
    assert Pt(13) <= motto.runs[0].font.size <= Pt(14)
    assert nation.runs[0].bold
    assert motto.runs[0].bold
    assert rule._p.pPr.find(qn("w:pBdr")) is not None, "a rule below the motto"
    assert any(one._p.pPr.find(qn("w:pBdr")) is not None for one in left.paragraphs)
    dated = next(one for one in right.paragraphs if "dia_danh_ngay" in one.text)
    assert dated.runs[0].italic
    title = next(one for one in paper.paragraphs if "ten_loai" in one.text)
    assert title.runs[0].bold
    for table in paper.tables:
        widths = [column.width.mm for column in table.columns if column.width]
        assert abs(sum(widths) - 165) < 1, "as wide as the text"


@pytest.mark.parametrize("kind", PaperKind)
def test_a_template_is_filled_with_its_sample_and_nothing_stays_open(kind: PaperKind) -> None:
    filled = previewed(kind, (TEMPLATES / f"{kind.value}.docx").read_bytes())
    told = " ".join(words_of(Document(BytesIO(filled))))
    assert "{" not in told
    assert "Nguyễn Văn Mẫu" in told or "NGƯỜI" in told or "TRƯỞNG BAN" in told


@pytest.mark.parametrize("kind", PaperKind)
def test_the_pdf_says_what_the_word_file_says(kind: PaperKind) -> None:
    filled = previewed(kind, (TEMPLATES / f"{kind.value}.docx").read_bytes())
    made = typeset(filled, "Văn bản", build.NOW)
    opened = PdfReader(BytesIO(made))
    first = opened.pages[0]
    assert (round(float(first.mediabox.width)), round(float(first.mediabox.height))) == (595, 842)
    told = _plain(" ".join(page.extract_text() for page in opened.pages))
    said = "".join(words_of(Document(BytesIO(filled))))
    missing = [sign for sign in set(_plain(said)) if sign not in told]
    assert not missing, "every letter of Vietnamese is in the font"
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", sample(kind)["ten_loai"]):
        assert _plain(words) in told
    for number, page in enumerate(opened.pages, start=1):
        assert page.extract_text().startswith(str(number)) is (number > 1), (
            "numbered from the second"
        )


def test_the_same_paper_is_the_same_pdf() -> None:
    filled = previewed(PaperKind.TO_TRINH, (TEMPLATES / "to-trinh.docx").read_bytes())
    assert typeset(filled, "Tờ trình", build.NOW) == typeset(filled, "Tờ trình", build.NOW)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(text.split()))


# --- Filling ------------------------------------------------------------------------------------


def test_signs_of_xml_in_a_name_stay_letters() -> None:
    filled = fill(a_template("{{ ten }}"), {**HEAD, "ten": "Tổ “A & B” <1>\x01"})
    assert "Tổ “A & B” <1>" in words_of(Document(BytesIO(filled)))


def test_every_unknown_placeholder_is_named() -> None:
    with pytest.raises(BrokenTemplate) as broken:
        fill(a_template("{{ ten_don_vi }}", "{{ ngay_sinh }}"), HEAD)
    assert broken.value.faults == (
        "Mẫu dùng {{ ten_don_vi }} nhưng văn bản này không có dữ liệu tên đó.",
        "Mẫu dùng {{ ngay_sinh }} nhưng văn bản này không có dữ liệu tên đó.",
    )


def test_an_unknown_part_of_a_line_is_named() -> None:
    with pytest.raises(BrokenTemplate, match="chuc_danh"):
        fill(a_template("{{ mot.chuc_danh }}"), {**HEAD, "mot": {"ten": "A"}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ ten.upper() }}", "Call"),
        ("{{ ten ** 9 }}", "Pow"),
        ("{% set a = 1 %}", "Assign"),
        ("{{ ten|attr('x') }}", "attr"),
        ("{% for one in ten %}", "thiếu lệnh kết thúc"),
        ("{{ ten.__class__ }}", "__class__"),
    ],
)
def test_a_template_names_data_and_does_nothing_else(text: str, told: str) -> None:
    with pytest.raises(BrokenTemplate) as broken:
        fill(a_template(text), {**HEAD, "ten": "A"})
    assert told in " ".join(broken.value.faults)


# --- Căn cứ, offices, signatures ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cites", "leaves"),
    [
        (date(2023, 12, 31), "Nghị định số 91/2017", "Nghị định số 98/2023"),
        (date(2024, 1, 1), "Nghị định số 98/2023", "Nghị định số 91/2017"),
        (date(2025, 7, 1), "Nghị định số 152/2025", "Nghị định số 98/2023"),
    ],
)
def test_the_law_cited_is_that_of_the_day(
    sqlite_database: Database, day: date, cites: str, leaves: str
) -> None:
    with sqlite_database.reading() as session:
        programme = rulebook_in_force(session).programme
    lines = legal_bases.cited(programme, day, {legal_bases.AWARD, legal_bases.ORGANISATION})
    told = " ".join(lines)
    assert cites in told
    assert leaves not in told
    assert all(line.startswith("Căn cứ ") for line in lines)
    assert all(line.endswith(";") for line in lines[:-1])
    assert lines[-1].endswith(".")


@pytest.mark.parametrize(
    ("name", "kind", "lines", "symbol", "place", "head_of"),
    [
        (
            "Huyện Quản Bạ",
            UnitKind.DISTRICT,
            "ỦY BAN NHÂN DÂN\nHUYỆN QUẢN BẠ",
            "UBND",
            "Quản Bạ",
            "Chủ tịch Ủy ban nhân dân huyện Quản Bạ",
        ),
        (
            "UBND xã Quyết Tiến",
            UnitKind.COMMUNE,
            "ỦY BAN NHÂN DÂN\nXÃ QUYẾT TIẾN",
            "UBND",
            "Quyết Tiến",
            "Chủ tịch Ủy ban nhân dân xã Quyết Tiến",
        ),
        (
            "Sở Thông tin và Truyền thông",
            UnitKind.DEPARTMENT,
            "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
            "STTTT",
            "Hà Giang",
            "Giám đốc Sở Thông tin và Truyền thông",
        ),
        (
            "Văn phòng UBND tỉnh",
            UnitKind.DEPARTMENT,
            "VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH",
            "VP",
            "Hà Giang",
            "Chánh Văn phòng Ủy ban nhân dân tỉnh",
        ),
        (
            "Thanh tra tỉnh",
            UnitKind.DEPARTMENT,
            "THANH TRA TỈNH",
            "TTr",
            "Hà Giang",
            "Chánh Thanh tra tỉnh",
        ),
        (
            "Ban Dân tộc",
            UnitKind.DEPARTMENT,
            "BAN DÂN TỘC",
            "BDT",
            "Hà Giang",
            "Trưởng ban Dân tộc",
        ),
    ],
)
def test_an_office_writes_as_it_is_called(
    name: str, kind: UnitKind, lines: str, symbol: str, place: str, head_of: str
) -> None:
    office = offices.office_of(name, kind, "UBND tỉnh Hà Giang", "Hà Giang")
    assert (office.lines, office.symbol, office.place) == (lines, symbol, place)
    assert office.head_of == head_of
    assert office.above == ("" if office.committee else "UBND TỈNH HÀ GIANG")


def test_the_capacity_stands_above_the_signature() -> None:
    office = offices.office_of("Sở Nội vụ", UnitKind.DEPARTMENT, "", "Hà Giang")
    assert offices.signed_as(office, SigningCapacity.SELF) == ["GIÁM ĐỐC"]
    assert offices.signed_as(office, SigningCapacity.KT) == ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]
    assert offices.signed_as(office, SigningCapacity.TUQ, "Chánh Văn phòng") == [
        "TUQ. GIÁM ĐỐC",
        "CHÁNH VĂN PHÒNG",
    ]
    assert offices.number_line("5/TTr-SNV", "") == "Số: 05/TTr-SNV"


# --- Papers of a dossier ------------------------------------------------------------------------


def test_a_proposal_names_everybody_the_unit_proposes(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_checked(sqlite_database)
    told = download(sign_in("clerk@h029"), f"/ho-so/{code}/van-ban/to-trinh.docx")
    assert "TỜ TRÌNH" in told
    assert "Số: 86/TTr-UBND" in told
    assert "Quản Bạ, ngày 20 tháng 11 năm 2023" in told, "the day on the paper, no zero before 11"
    assert "- Chủ tịch Ủy ban nhân dân tỉnh Hà Giang;" in told
    assert "TM. ỦY BAN NHÂN DÂN" in told
    assert "Vàng Head H029" in told
    assert "1. Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh cho 01 tập thể." in told
    assert "9/9" in told, "how the council voted"
    assert any("Nghị định số 91/2017/NĐ-CP" in line for line in told)


def test_a_deputy_signs_for_the_head(sqlite_database: Database, sign_in: SignIn) -> None:
    code = build.a_written(sqlite_database)
    with sqlite_database.writing() as session:
        person = build.person_id(session, "council_chair@H029")
        session.execute(
            update(Appointment).where(Appointment.person_id == person).values(post=Post.DEPUTY_HEAD)
        )
    address = f"/ho-so/{code}/van-ban/to-trinh.docx?nguoi-ky={person}&ngay=05/01/2024"
    told = download(sign_in("clerk@h029"), address)
    assert told.index("KT. CHỦ TỊCH") + 1 == told.index("PHÓ CHỦ TỊCH")
    assert "Quản Bạ, ngày 05 tháng 01 năm 2024" in told
    assert any("Nghị định số 98/2023" in line for line in told), "by the day of the paper"


def test_a_report_carries_what_the_unit_wrote(sqlite_database: Database, sign_in: SignIn) -> None:
    code = build.a_written(sqlite_database)
    wrote = WriteReport("Huyện có 13 xã & thị trấn.", "Ý thứ nhất.\n\nÝ thứ hai.", "")
    build.taken(build.change(sqlite_database, code, wrote))
    browser = sign_in("clerk@h029")
    told = download(browser, f"/ho-so/{code}/van-ban/bao-cao-tap-the.docx")
    set_as_pdf = browser.get(f"/ho-so/{code}/van-ban/bao-cao-tap-the.pdf")
    assert set_as_pdf.mimetype == "application/pdf"
    assert "Ý thứ hai." in PdfReader(BytesIO(set_as_pdf.data)).pages[0].extract_text()
    assert told.index("Ý thứ nhất.") + 1 == told.index("Ý thứ hai."), "a paragraph each"
    assert "Huyện có 13 xã & thị trấn." in told
    assert any(line.startswith("- Tổ trả kết quả lưu động") for line in told)
    assert "Không có." in told, "no earlier award"
    assert browser.get(f"/ho-so/{code}/van-ban/bao-cao-ca-nhan.docx").status_code == 404


def test_a_receipt_lists_papers_with_their_hashes(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_reviewed(sqlite_database)
    told = download(sign_in(BOARD), f"/ho-so/{code}/van-ban/phieu-tiep-nhan.docx")
    assert "BAN THI ĐUA - KHEN THƯỞNG" in told
    assert told.count("a" * 16) == 2
    assert any(line.startswith("Ban TĐKT kiểm tra xong: 15/12/2023") for line in told)


def test_a_request_for_supplement_lists_every_item(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_reviewed(sqlite_database)
    asked = SupplementInput(
        ("Ghi số của Tờ trình.", "Nêu số liệu năm trước."),
        (DocumentKind.BAO_CAO_THANH_TICH,),
        build.NOW + timedelta(days=6),
    )
    build.taken(
        build.step(
            sqlite_database,
            code,
            f"appraiser@{build.PROVINCE}",
            Action.REQUEST_SUPPLEMENT,
            asked,
            comment="Cần bổ sung.",
        )
    )
    told = download(sign_in("clerk@h029"), f"/ho-so/{code}/van-ban/yeu-cau-bo-sung.docx")
    assert "1. Ghi số của Tờ trình." in told
    assert "2. Nêu số liệu năm trước." in told
    assert "Kính gửi: Ủy ban nhân dân huyện Quản Bạ" in told


def test_a_refusal_gives_reasons_and_clauses(sqlite_database: Database, sign_in: SignIn) -> None:
    code = build.a_reviewed(sqlite_database)
    with sqlite_database.writing() as session:
        unit = build.unit_id(session, "H029")
        from models.scores import put_score  # noqa: PLC0415

        put_score(session, build.a_score(unit, "71.20"), None, build.NOW)
    build.taken(
        build.step(
            sqlite_database,
            code,
            f"appraiser@{build.PROVINCE}",
            Action.REJECT,
            comment="Chỉ số dưới 80 điểm.",
        )
    )
    told = download(sign_in("clerk@h029"), f"/ho-so/{code}/van-ban/khong-khen-thuong.docx")
    assert "Lý do: Chỉ số dưới 80 điểm." in told
    assert "Chỉ số cải cách hành chính từ 80 điểm trở lên" in told
    assert "Mục IV.1.b" in told
    assert any("71,20" in line for line in told)


def test_papers_are_for_whoever_sees_the_dossier(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_written(sqlite_database)
    stranger, clerk = sign_in("clerk@h026"), sign_in("clerk@h029")
    for page in ("van-ban", "van-ban/to-trinh.docx", "van-ban/bao-cao-tap-the.docx"):
        assert stranger.get(f"/ho-so/{code}/{page}").status_code == 404
    for kind in ("khong-khen-thuong", "yeu-cau-bo-sung", "phieu-tiep-nhan", "quyet-dinh", "x"):
        assert clerk.get(f"/ho-so/{code}/van-ban/{kind}.docx").status_code == 404, kind
    assert clerk.get(f"/ho-so/{code}/van-ban").status_code == 200
    assert "Tờ trình đề nghị khen thưởng" in clerk.last
    assert f'href="/ho-so/{code}/van-ban"' in clerk.get(f"/ho-so/{code}").get_data(as_text=True)


# --- The decision -------------------------------------------------------------------------------


def test_a_decision_has_its_law_its_articles_and_its_list(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_decided(sqlite_database)
    with sqlite_database.reading() as session:
        number = session.scalars(select(Decision.id)).one()
        name = session.scalars(select(Dossier.subject_name).where(Dossier.code == code)).one()
    told = download(sign_in(DECIDER), f"/quyet-dinh/{number}/quyet-dinh.docx")
    assert "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH HÀ GIANG" in told
    assert any(line.startswith("Căn cứ Luật Tổ chức chính quyền") for line in told)
    assert any("Tờ trình số 86/TTr-UBND ngày 20 tháng 11 năm 2023" in line for line in told)
    assert any(line.startswith("Điều 1. Tặng Bằng khen") and "01 tập thể" in line for line in told)
    assert "TẬP THỂ (01)" in told
    assert name in told
    assert not any("CÁ NHÂN" in line for line in told)
    assert sign_in("clerk@h029").get(f"/quyet-dinh/{number}/quyet-dinh.docx").status_code == 404
