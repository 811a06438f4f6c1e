"""An administrative paper as DOCX in the layout of Nghị định 30/2020/NĐ-CP, Phụ lục I.

A4 upright, margins 20, 20, 30 and 15 mm, Times New Roman; national title with its rule, number,
place and date, title, body, place of distribution, signature. Pages are numbered from the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT: Final = "Times New Roman"
BODY: Final = Pt(14)
LEFT_SIDE: Final = Mm(66)
RIGHT_SIDE: Final = Mm(99)
ZERO_UP_TO: Final = 2
"""Months 1 and 2 are written with a leading zero, the others without."""


@dataclass(frozen=True, slots=True)
class Head:
    """Who writes what, under which number, where and when."""

    superior: str
    body: str
    number: str
    place: str
    dated: date
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Foot:
    """Who signs and who gets a copy."""

    title: str
    name: str
    copies: Sequence[str]
    archive: str


def place_and_date(place: str, day: date) -> str:
    """Hà Giang, ngày 05 tháng 12 năm 2023: zeros before days under ten and months 1 and 2."""
    month = f"{day.month:02d}" if day.month <= ZERO_UP_TO else str(day.month)
    return f"{place}, ngày {day.day:02d} tháng {month} năm {day.year}"


class OfficialPaper:
    """Builds one paper from top to bottom."""

    def __init__(self, head: Head) -> None:
        """Lay out the page and write the head."""
        self.document = Document()
        self._lay_out()
        self._number_pages()
        self._head(head)
        self._title(head)

    def heading(self, text: str) -> None:
        """A numbered heading in the body."""
        self._write(self._body_paragraph(), text, bold=True)

    def text(self, text: str, *, italic: bool = False) -> None:
        """A paragraph of the body: justified, first line indented."""
        self._write(self._body_paragraph(), text, italic=italic)

    def addressee(self, name: str) -> None:
        """Kính gửi, on one line."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(12)
        self._write(paragraph, f"Kính gửi: {name}")

    def table(
        self, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]], bold: set[int]
    ) -> None:
        """A ruled table; `columns` are headings with widths in mm, `bold` numbers of rows."""
        table = self.document.add_table(rows=1, cols=len(columns))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, (_, width) in zip(table.columns, columns, strict=True):
            column.width = Mm(width)
        self._row(table.rows[0], [name for name, _ in columns], columns, bold=True)
        _repeat(table.rows[0])
        for number, row in enumerate(rows):
            self._row(table.add_row(), row, columns, bold=number in bold)

    def sign(self, foot: Foot) -> bytes:
        """Write the foot; the whole paper as a file."""
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)
        left, right = self._two_columns()
        self._line(left, "Nơi nhận:", Pt(12), bold=True, italic=True)
        for copy in foot.copies:
            self._line(left, f"- {copy};", Pt(11))
        self._line(left, f"- Lưu: {foot.archive}.", Pt(11))
        self._line(right, foot.title.upper(), BODY, bold=True, centre=True)
        for _ in range(4):
            self._line(right, "", BODY, centre=True)
        self._line(right, foot.name, BODY, bold=True, centre=True)
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    # --- the page -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin, section.right_margin = Mm(30), Mm(15)
        section.header_distance = Mm(10)
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = FONT, BODY
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)

    def _number_pages(self) -> None:
        section = self.document.sections[0]
        section.different_first_page_header_footer = True
        paragraph = section.header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        paragraph._p.append(field)  # noqa: SLF001 - python-docx has no fields

    def _head(self, head: Head) -> None:
        left, right = self._two_columns()
        self._line(left, head.superior.upper(), Pt(12), centre=True)
        self._line(left, head.body.upper(), Pt(12), bold=True, centre=True)
        self._rule(left, Mm(22))
        self._line(left, head.number, Pt(13), centre=True)
        self._line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Pt(12), bold=True, centre=True)
        self._line(right, "Độc lập - Tự do - Hạnh phúc", Pt(13), bold=True, centre=True)
        self._rule(right, Mm(21))
        written = place_and_date(head.place, head.dated)
        self._line(right, written, Pt(13), italic=True, centre=True)

    def _title(self, head: Head) -> None:
        for text, before in ((head.kind.upper(), Pt(18)), (head.about, Pt(0))):
            paragraph = self.document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_before = before
            paragraph.paragraph_format.space_after = Pt(0)
            self._write(paragraph, text, bold=True)
        self._border(self.document.add_paragraph(), Mm(58))

    # --- pieces -------------------------------------------------------------------------------

    def _two_columns(self, first: Mm = LEFT_SIDE, second: Mm = RIGHT_SIDE) -> tuple[Any, Any]:
        table = self.document.add_table(rows=1, cols=2)
        table.autofit = False
        left, right = table.rows[0].cells
        left.width, right.width = first, second
        # Word goes by the cells, others by the columns: both say the same.
        table.columns[0].width, table.columns[1].width = first, second
        _without_padding(table)
        return left, right

    def _line(
        self,
        cell: Any,  # noqa: ANN401 - a cell of python-docx
        text: str,
        size: Pt,
        *,
        bold: bool = False,
        italic: bool = False,
        centre: bool = False,
    ) -> None:
        paragraph = _next_paragraph(cell)
        paragraph.paragraph_format.space_after = Pt(0)
        if centre:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = self._write(paragraph, text, bold=bold, italic=italic)
        run.font.size = size

    def _rule(self, cell: Any, indent: Mm) -> None:  # noqa: ANN401 - a cell of python-docx
        """A rule below the line before, shorter than the column by `indent` on each side."""
        self._border(cell.add_paragraph(), indent)

    def _border(self, paragraph: Any, indent: Mm) -> None:  # noqa: ANN401
        form = paragraph.paragraph_format
        form.left_indent = form.right_indent = indent
        form.space_before, form.space_after = Pt(0), Pt(6)
        form.line_spacing = Pt(3)
        borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
            top.set(qn(f"w:{name}"), value)
        borders.append(top)
        _in_order(paragraph._p.get_or_add_pPr(), borders)  # noqa: SLF001

    def _body_paragraph(self) -> Any:  # noqa: ANN401 - a paragraph of python-docx
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        form = paragraph.paragraph_format
        form.first_line_indent = Mm(12.7)
        form.space_before, form.space_after = Pt(0), Pt(6)
        form.line_spacing = 1.15
        return paragraph

    def _row(
        self,
        row: Any,  # noqa: ANN401 - a row of python-docx
        texts: Sequence[str],
        columns: Sequence[tuple[str, int]],
        *,
        bold: bool,
    ) -> None:
        for cell, text, (_, width) in zip(row.cells, texts, columns, strict=True):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            self._write(paragraph, text, bold=bold).font.size = Pt(11)

    def _write(
        self,
        paragraph: Any,  # noqa: ANN401 - a paragraph of python-docx
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
    ) -> Any:  # noqa: ANN401 - a run of python-docx
        run = paragraph.add_run(_printable(text))
        run.bold, run.italic = bold, italic
        return run


def _printable(text: str) -> str:
    """The text without signs XML cannot hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\n\t")


def _next_paragraph(cell: Any) -> Any:  # noqa: ANN401 - python-docx
    first = cell.paragraphs[0]
    unused = len(cell.paragraphs) == 1 and not first.runs
    return first if unused else cell.add_paragraph()


def _in_order(properties: Any, borders: Any) -> None:  # noqa: ANN401 - XML elements
    """Put the border where the schema wants it: before spacing, indents and alignment."""
    later = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    found = [properties.find(qn(name)) for name in later]
    nearest = next((one for one in found if one is not None), None)
    if nearest is None:
        properties.append(borders)
    else:
        nearest.addprevious(borders)


def _repeat(row: Any) -> None:  # noqa: ANN401 - a row of python-docx
    """Let the heading of a table come again on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001


def _without_padding(table: Any) -> None:  # noqa: ANN401 - a table of python-docx
    """The national title needs the whole column."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        one = OxmlElement(f"w:{side}")
        one.set(qn("w:w"), "0")
        one.set(qn("w:type"), "dxa")
        margins.append(one)
    properties = table._tbl.tblPr  # noqa: SLF001
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)
