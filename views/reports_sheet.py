"""The consolidated report as a workbook: figures as figures, days as days, never a formula."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from models.report_summary import Summary, Totals, UnitSummary, totals
from views import formats, labels
from views.formats import _
from views.workbooks import OPTIONS, shown
from workflow.reports_due import is_overdue
from workflow.words import phrase

COLUMNS: Final = (
    ("STT", 5),
    (phrase("Đơn vị"), 42),
    (phrase("Tình trạng"), 22),
    (phrase("Ngày gửi"), 12),
    (phrase("Số báo cáo"), 16),
    (phrase("Đăng ký"), 9),
    (phrase("Hồ sơ"), 9),
    (phrase("Được khen"), 10),
    (phrase("Chỉ số CCHC"), 12),
    (phrase("Xếp loại"), 12),
    (phrase("Chỉ số hài lòng (%)"), 12),
)
WORDS: Final = (
    (phrase("Đơn vị"), 36),
    (phrase("Kết quả thực hiện"), 60),
    (phrase("Tồn tại, nguyên nhân"), 45),
    (phrase("Kiến nghị, đề xuất"), 45),
)
_ROMAN: Final = ("I", "II", "III", "IV", "V")


def consolidated_sheet(found: Summary) -> bytes:
    """Two sheets: the table by unit, and what the units wrote."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties(
            {
                "title": found.table.title,
                "created": formats.local(found.at).replace(tzinfo=None),
            }
        )
        _Table(book, found).write()
        _write_words(book, found)
    return out.getvalue()


class _Table:
    """The sheet with the table by unit."""

    def __init__(self, book: Any, found: Summary) -> None:  # noqa: ANN401 - xlsxwriter
        self.found = found
        self.sheet = book.add_worksheet(_("Tổng hợp"))
        font = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
        cell = font | {"border": 1, "text_wrap": True}
        self.title = book.add_format(font | {"bold": True, "font_size": 14})
        self.plain = book.add_format(font)
        self.head = book.add_format(cell | {"bold": True, "align": "center", "bg_color": "#EEE7D8"})
        self.text = book.add_format(cell)
        self.bold = book.add_format(cell | {"bold": True})
        self.day = book.add_format(cell | {"num_format": "dd/mm/yyyy", "align": "center"})
        self.score = book.add_format(cell | {"num_format": "0.00"})
        self.total = book.add_format(cell | {"bold": True, "num_format": "0"})
        self.mean = book.add_format(cell | {"bold": True, "num_format": "0.00"})
        self.at = 0

    def write(self) -> None:
        """Write everything, top to bottom."""
        found = self.found
        self.sheet.write_string(0, 0, _("Tổng hợp: {title}", title=found.table.title), self.title)
        told = found.totals
        line = _(
            "Tính đến {at}. Hạn gửi {due}. {reported}/{count} đơn vị đã gửi, "
            "{accepted} đã tiếp nhận.",
            at=formats.moment(found.at),
            due=formats.day(found.table.due),
            reported=told.reported,
            count=told.units,
            accepted=told.accepted,
        )
        self.sheet.write_string(1, 0, line, self.plain)
        for column, (name, width) in enumerate(COLUMNS):
            self.sheet.set_column(column, column, width)
            self.sheet.write_string(3, column, name, self.head)
        self.at = 4
        number = 0
        for roman, kind in zip(_ROMAN, found.table.owed_by, strict=False):
            units = found.of_kind(kind)
            self._sums(roman, labels.UNIT[kind], totals(units, found.at))
            for unit in units:
                number += 1
                self._unit(number, unit)
        self._sums("", _("Toàn tỉnh"), told)
        self._set_up_paper()

    def _unit(self, number: int, unit: UnitSummary) -> None:
        report, figures = unit.line.report, unit.figures
        late = is_overdue(report.state, report.due_at, self.found.at)
        status = labels.REPORT[report.state].text + (_(", quá hạn") if late else "")
        rating = figures.par_class
        self._number(0, number, self.text)
        self._text(1, unit.line.unit)
        self._text(2, status)
        self._day(3, _filed_on(unit))
        self._text(4, report.number)
        self._number(5, figures.sent, self.text)
        self._number(6, figures.dossier_count, self.text)
        self._number(7, figures.award_count, self.text)
        self._number(8, figures.par, self.score)
        self._text(9, labels.CLASSIFICATION[rating] if rating else "")
        self._number(10, figures.sipas, self.score)
        self.at += 1

    def _sums(self, roman: str, name: str, of: Totals) -> None:
        self.sheet.write_string(self.at, 0, roman, self.bold)
        self.sheet.write_string(self.at, 1, name, self.bold)
        told = _("{reported}/{units} đã gửi", reported=of.reported, units=of.units) + (
            _(", {overdue} quá hạn", overdue=of.overdue) if of.overdue else ""
        )
        self.sheet.write_string(self.at, 2, told, self.bold)
        for column in (3, 4, 9):
            self.sheet.write_blank(self.at, column, None, self.bold)
        self._number(5, of.sent, self.total)
        self._number(6, of.dossiers, self.total)
        self._number(7, of.awards, self.total)
        self._number(8, of.par, self.mean)
        self._number(10, of.sipas, self.mean)
        self.at += 1

    def _text(self, column: int, text: str) -> None:
        self.sheet.write_string(self.at, column, shown(text), self.text)

    def _number(self, column: int, value: int | Decimal | None, form: Any) -> None:  # noqa: ANN401
        if value is None:
            self.sheet.write_string(self.at, column, _("chưa công bố"), self.text)
        else:
            self.sheet.write_number(self.at, column, float(value), form)

    def _day(self, column: int, day: date | None) -> None:
        if day is None:
            self.sheet.write_blank(self.at, column, None, self.text)
        else:
            self.sheet.write_datetime(self.at, column, day, self.day)

    def _set_up_paper(self) -> None:
        self.sheet.freeze_panes(4, 2)
        self.sheet.repeat_rows(3)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&C&P/&N")


def _filed_on(unit: UnitSummary) -> date | None:
    at = unit.line.report.filed_at
    return formats.local(at).date() if at is not None and unit.reported else None


def _write_words(book: Any, found: Summary) -> None:  # noqa: ANN401 - xlsxwriter
    sheet = book.add_worksheet(_("Nội dung"))
    font = {"font_name": "Times New Roman", "font_size": 12, "border": 1}
    head = book.add_format(font | {"bold": True, "bg_color": "#EEE7D8"})
    text = book.add_format(font | {"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(WORDS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    told = [unit for unit in found.units if unit.reported]
    for row, unit in enumerate(told, start=1):
        report = unit.line.report
        words = (unit.line.unit, report.results, report.shortcomings, report.proposals)
        for column, said in enumerate(words):
            sheet.write_string(row, column, shown(said), text)
    sheet.freeze_panes(1, 1)
