"""Papers of the demonstration: short Word documents in the words of the season."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from docx import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from workflow.statements import Line

if TYPE_CHECKING:
    from collections.abc import Iterable


def word_paper(issuer: str, title: str, paragraphs: Iterable[str], signer: str) -> bytes:
    """A one-page DOCX: issuer, national title, title, text, signer; marked as invented."""
    paper = WordDocument()
    style = paper.styles["Normal"]
    style.font.name = "Times New Roman"
    style.font.size = Pt(13)
    _centred(paper.add_paragraph(), issuer.upper(), bold=True)
    _centred(paper.add_paragraph(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True)
    _centred(paper.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", bold=True)
    _centred(paper.add_paragraph(), title.upper(), bold=True)
    for text in paragraphs:
        paper.add_paragraph(text)
    _centred(paper.add_paragraph(), signer, bold=True)
    _centred(paper.add_paragraph(), "Dữ liệu minh hoạ, không phải văn bản thật", bold=False)
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def lines_in(paper: bytes) -> list[Line]:
    """The text of a paper made here; a stranger's file is opened in a guarded process only."""
    written = WordDocument(BytesIO(paper))
    return [Line(one.text, paragraph=n) for n, one in enumerate(written.paragraphs, 1)]


def _centred(paragraph: object, text: str, *, bold: bool) -> None:
    run = paragraph.add_run(text)  # type: ignore[attr-defined]
    run.bold = bold
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER  # type: ignore[attr-defined]
