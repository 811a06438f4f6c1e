"""Reports as papers to be signed: one unit's, and the consolidated one of the province."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from models.report_book import OpenedReport
from models.report_figures import ReportFigures
from models.report_summary import Summary, UnitSummary
from views import formats, labels
from views.languages import vietnamese
from views.official_paper import Foot, Head, OfficialPaper
from views.reports_words import known_figures

COLUMNS: Final = (
    ("STT", 11),
    ("Đơn vị", 47),
    ("Tình trạng", 28),
    ("Ngày gửi", 22),
    ("Hồ sơ", 13),
    ("Được khen", 14),
    ("CCHC", 15),
    ("Hài lòng", 15),
)


@vietnamese
def unit_report(opened: OpenedReport, known: ReportFigures, today: date) -> bytes:
    """One unit's report: the figures of the service and the words of the unit."""
    table, text = opened.facts.table, opened.facts.text
    to = opened.programme.consolidation
    paper = OfficialPaper(
        Head(
            superior=formats.shortened(opened.programme.issued_by),
            body=opened.facts.unit,
            number=f"Số: {text.number or '      /BC-'}",
            place=opened.programme.place,
            dated=text.dated or today,
            kind="Báo cáo",
            about=_without_kind(table.title),
        )
    )
    paper.addressee(f"{to.addressee} (qua {to.body})" if to else opened.programme.issued_by)
    paper.text(
        f"Thực hiện Mục {table.clause} của Chương trình ngày "
        f"{formats.day(opened.programme.issued_on)} của {opened.programme.issued_by}, "
        f"{opened.facts.unit} báo cáo như sau:"
    )
    paper.heading("I. SỐ LIỆU")
    for name, value in known_figures(known):
        paper.text(f"- {name}: {value}.")
    for title, words in (
        ("II. KẾT QUẢ THỰC HIỆN", text.results),
        ("III. TỒN TẠI, NGUYÊN NHÂN", text.shortcomings),
        ("IV. KIẾN NGHỊ, ĐỀ XUẤT", text.proposals),
    ):
        paper.heading(title)
        for part in _paragraphs(words):
            paper.text(part)
    return paper.sign(Foot("Thủ trưởng đơn vị", "", ("Như trên",), "VT"))


@vietnamese
def consolidated_report(found: Summary, today: date) -> bytes:
    """The report about all units, from the Board to the People's Committee of the province."""
    head = found.programme.consolidation
    if head is None:  # pragma: no cover - a sound programme with reports has it
        raise LookupError(found.table.id)
    paper = OfficialPaper(
        Head(
            superior=head.superior,
            body=head.body,
            number=f"Số:       /{head.symbol}",
            place=found.programme.place,
            dated=today,
            kind="Báo cáo",
            about=f"Tổng hợp {formats.lower_first(found.table.title)} của các đơn vị",
        )
    )
    paper.addressee(head.addressee)
    paper.text(
        f"Thực hiện Mục {head.clause} của Chương trình ngày "
        f"{formats.day(found.programme.issued_on)} của {found.programme.issued_by}, {head.body} "
        f"tổng hợp báo cáo của các đơn vị, tính đến {formats.moment(found.at)}, như sau:"
    )
    _sending(paper, found)
    _results(paper, found)
    paper.heading("III. BẢNG TỔNG HỢP THEO ĐƠN VỊ")
    rows = list(_rows(found))
    groups = {number for number, (first, *_) in enumerate(rows) if not first.isdigit()}
    paper.table(COLUMNS, rows, groups)
    paper.text("")
    paper.text(f"{head.body} kính báo cáo {head.addressee}./.")
    return paper.sign(Foot(head.signer_title, "", head.copies, head.archive))


def _sending(paper: OfficialPaper, found: Summary) -> None:
    of = found.totals
    paper.heading("I. TÌNH HÌNH GỬI BÁO CÁO")
    paper.text(
        f"Có {of.reported}/{of.units} đơn vị đã gửi báo cáo, trong đó {of.accepted} báo cáo đã "
        f"được tiếp nhận. Hạn gửi là {formats.day(found.table.due)}."
    )
    silent = [unit.line.unit for unit in found.silent]
    if silent:
        late = f", trong đó {of.overdue} đơn vị đã quá hạn" if of.overdue else ""
        paper.text(f"Chưa gửi hoặc phải gửi lại: {len(silent)} đơn vị{late}: {'; '.join(silent)}.")
    else:
        paper.text("Không có đơn vị nào chưa gửi.")


def _results(paper: OfficialPaper, found: Summary) -> None:
    of = found.totals
    paper.heading("II. KẾT QUẢ")
    paper.text(
        f"Toàn tỉnh có {formats.number(of.sent)} đăng ký thi đua, {formats.number(of.dossiers)} hồ "
        f"sơ đề nghị khen thưởng, {formats.number(of.awards)} trường hợp được khen thưởng."
    )
    if of.par is not None:
        paper.text(f"Chỉ số CCHC bình quân của các đơn vị đã công bố: {formats.decimal(of.par)}.")


def _rows(found: Summary) -> Iterable[tuple[str, ...]]:
    number = 0
    for roman, kind in zip(("I", "II", "III", "IV"), found.table.owed_by, strict=False):
        yield (roman, labels.UNIT[kind], *[""] * 6)
        for unit in found.of_kind(kind):
            number += 1
            yield _row(number, unit)
    of = found.totals
    yield (
        "",
        "Toàn tỉnh",
        f"{of.reported}/{of.units} đã gửi",
        "",
        str(of.dossiers),
        str(of.awards),
        formats.decimal(of.par) if of.par is not None else "",
        formats.decimal(of.sipas) if of.sipas is not None else "",
    )


def _row(number: int, unit: UnitSummary) -> tuple[str, ...]:
    report, figures = unit.line.report, unit.figures
    filed = formats.day(report.filed_at) if unit.reported and report.filed_at else ""
    return (
        str(number),
        unit.line.unit,
        labels.REPORT[report.state].text,
        filed,
        str(figures.dossier_count),
        str(figures.award_count),
        formats.decimal(figures.par) if figures.par is not None else "–",
        formats.decimal(figures.sipas) if figures.sipas is not None else "–",
    )


def _without_kind(title: str) -> str:
    """The title below the word BÁO CÁO."""
    rest = title.removeprefix("Báo cáo ")
    return rest[:1].upper() + rest[1:]


def _paragraphs(text: str) -> list[str]:
    found = [part.strip() for part in text.split("\n") if part.strip()]
    return found or ["Không có."]
