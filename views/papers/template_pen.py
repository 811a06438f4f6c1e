"""Draws templates: an official paper with words in braces where the data will stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt

from views.official_paper import BODY, Head, OfficialPaper

Columns = Sequence[tuple[str, int, str]]
"""Heading, width in mm, and the words of the cell."""

HALF: Final = Mm(82.5)
SIGNATURE_LINES: Final = 4
NOBODY: Final = Head("", "", "", "", date.min, "", "")


class TemplatePaper(OfficialPaper):
    """An official paper with words to fill in where the data will stand."""

    def __init__(self, *, dated: bool = True, note: str = "") -> None:
        """Draw the head; `note` stands below the title, for forms that explain themselves."""
        self.dated = dated
        super().__init__(NOBODY)
        if note:
            self.centred(note, italic=True, after=10)

    def either(self, condition: str, *texts: str) -> None:
        """Paragraphs that stand only when the condition holds."""
        self.control(f"if {condition}")
        for text in texts:
            self.text(text)
        self.control("endif")

    def each(self, one: str, many: str, text: str, *, italic: bool = False) -> None:
        """A paragraph for each of many."""
        self.control(f"for {one} in {many}")
        self.text(text, italic=italic)
        self.control("endfor")

    def control(self, words: str) -> None:
        """A paragraph that leaves no trace but its condition or loop."""
        self._write(self.document.add_paragraph(), f"{{%p {words} %}}")

    def centred(
        self, text: str, *, bold: bool = False, italic: bool = False, after: int = 6
    ) -> None:
        """A line in the middle."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(after)
        self._write(paragraph, text, bold=bold, italic=italic)

    def addressees(self) -> None:
        """Kính gửi: one line for one addressee, dashes for several."""
        self.control("if kinh_gui|length == 1")
        self.addressee("{{ kinh_gui[0] }}")
        self.control("else")
        self.centred("Kính gửi:")
        self.control("for noi in kinh_gui")
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.left_indent = Mm(50)
        paragraph.paragraph_format.space_after = Pt(6)
        self._write(paragraph, "- {{ noi }}{{ '.' if loop.last else ';' }}")
        self.control("endfor")
        self.control("endif")

    def repeated(self, columns: Columns, one: str, many: str) -> None:
        """A ruled table with a row for each of many."""
        named = [(name, width) for name, width, _ in columns]
        first = [f"{{%tr for {one} in {many} %}}", *[""] * (len(columns) - 1)]
        last = ["{%tr endfor %}", *[""] * (len(columns) - 1)]
        self.table(named, [first, [words for _, _, words in columns], last], set())

    def foot(self, *, copies: bool = True) -> None:
        """Place of distribution on the left, who signs on the right."""
        self._stay_together()
        left, right = self._two_columns()
        if copies:
            self._line(left, "Nơi nhận:", Pt(12), bold=True, italic=True)
            self._line(left, "{%p for noi in noi_nhan %}", Pt(11))
            self._line(left, "- {{ noi }};", Pt(11))
            self._line(left, "{%p endfor %}", Pt(11))
            self._line(left, "- Lưu: {{ luu }}.", Pt(11))
        self._signature(right, "ky", "{{ nguoi_ky }}")
        self._whole()

    def two_signatures(self, left_title: str, left_name: str, right_title: str, name: str) -> None:
        """Two people sign side by side."""
        self._stay_together()
        left, right = self._two_columns(HALF, HALF)
        for cell, title, who in ((left, left_title, left_name), (right, right_title, name)):
            self._line(cell, title, BODY, bold=True, centre=True)
            for _ in range(SIGNATURE_LINES):
                self._line(cell, "", BODY, centre=True)
            self._line(cell, who, BODY, bold=True, centre=True)
        self._whole()

    def annex(self, title: str, below: str) -> None:
        """A list on a page of its own."""
        self.centred("DANH SÁCH", bold=True, after=0)
        self.document.paragraphs[-1].paragraph_format.page_break_before = True
        self.centred(title, bold=True, after=0)
        self.centred(below, italic=True, after=10)

    def done(self) -> bytes:
        """The template as a file."""
        self.document.core_properties.author = ""
        self.document.core_properties.comments = ""
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    def _head(self, head: Head) -> None:  # noqa: ARG002 - the words come later
        left, right = self._two_columns()
        self._line(left, "{%p if co_quan_tren %}", Pt(12))
        self._line(left, "{{ co_quan_tren }}", Pt(12), centre=True)
        self._line(left, "{%p endif %}", Pt(12))
        self._line(left, "{{ co_quan }}", Pt(12), bold=True, centre=True)
        self._rule(left, Mm(22))
        self._line(left, "{{ so_ky_hieu }}", Pt(13), centre=True)
        self._line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Pt(12), bold=True, centre=True)
        self._line(right, "Độc lập - Tự do - Hạnh phúc", Pt(13), bold=True, centre=True)
        self._rule(right, Mm(21))
        if self.dated:
            self._line(right, "{{ dia_danh_ngay }}", Pt(13), italic=True, centre=True)

    def _title(self, head: Head) -> None:  # noqa: ARG002 - the words come later
        for text, before in (("{{ ten_loai }}", Pt(18)), ("{{ trich_yeu }}", Pt(0))):
            paragraph = self.document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_before = before
            paragraph.paragraph_format.space_after = Pt(0)
            self._write(paragraph, text, bold=True)
        self._border(self.document.add_paragraph(), Mm(58))

    def _signature(self, cell: object, many: str, name: str) -> None:
        self._line(cell, f"{{%p for dong in {many} %}}", BODY)
        self._line(cell, "{{ dong }}", BODY, bold=True, centre=True)
        self._line(cell, "{%p endfor %}", BODY)
        for _ in range(SIGNATURE_LINES):
            self._line(cell, "", BODY, centre=True)
        self._line(cell, name, BODY, bold=True, centre=True)

    def _body_paragraph(self) -> Any:  # noqa: ANN401 - a paragraph of python-docx
        paragraph = super()._body_paragraph()
        paragraph.paragraph_format.line_spacing = 1.0
        return paragraph

    def _row(
        self,
        row: Any,  # noqa: ANN401 - a row of python-docx
        texts: Sequence[str],
        columns: Sequence[tuple[str, int]],
        *,
        bold: bool,
    ) -> None:
        super()._row(row, texts, columns, bold=bold)
        for number, cell in enumerate(row.cells):
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
            if bold or number == 0:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _stay_together(self) -> None:
        """The last words go with the signature to the next page: nobody signs an empty one."""
        paragraphs = self.document.paragraphs
        if paragraphs and not paragraphs[-1].text.startswith("{%p"):
            paragraphs[-1].paragraph_format.keep_with_next = True
        gap = self.document.add_paragraph()
        gap.paragraph_format.space_after = Pt(0)
        gap.paragraph_format.keep_with_next = True

    def _whole(self) -> None:
        """Keep the last row together."""
        mark = OxmlElement("w:cantSplit")
        row = self.document.tables[-1].rows[0]
        row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx has no word for it
