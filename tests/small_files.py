"""The smallest sound papers, and how to spoil one: a PDF of one page, a DOCX of one paragraph."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pikepdf

A_PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def a_pdf(more: bytes = b"") -> bytes:
    """A sound PDF whose catalogue says `more`."""
    return A_PDF.replace(b"<</Type/Catalog", b"<<" + more + b"/Type/Catalog", 1)


def written(change: Callable[[pikepdf.Pdf], object] = lambda _: None, **saved: object) -> bytes:
    """A PDF of one page as a writer of today writes it, after `change`."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        change(pdf)
        pdf.save(out, **saved)  # type: ignore[arg-type]
    return out.getvalue()


def types_of(main: str = MAIN, *more: str) -> bytes:
    """The content types of an office file."""
    told = "".join(
        f'<Override PartName="/p{n}" ContentType="{one}"/>' for n, one in enumerate(more)
    )
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    default = '<Default Extension="xml" ContentType="application/xml"/>'
    first = f'<Override PartName="/main.xml" ContentType="{main}"/>'
    return f'<Types xmlns="{space}">{default}{first}{told}</Types>'.encode()


def document(body: str = "<w:p><w:r><w:t>Báo cáo</w:t></w:r></w:p>") -> bytes:
    """The main part of a Word document."""
    return f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'.encode()


def relations(kind: str, target: str = "x", mode: str = ' TargetMode="External"') -> bytes:
    """A part with one relation."""
    one = f'<Relationship Id="a" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'
    return f"<Relationships>{one}</Relationships>".encode()


def docx(*more: tuple[str, bytes], without: str = "", main: str = MAIN) -> bytes:
    """A DOCX with more parts, one of the same name in place of its own."""
    parts = {"[Content_Types].xml": types_of(main), "word/document.xml": document()} | dict(more)
    return zipped(*((name, content) for name, content in parts.items() if name != without))


def xlsx(*more: tuple[str, bytes]) -> bytes:
    """A workbook as it lies behind a chart."""
    parts = {"[Content_Types].xml": types_of(SHEET), "xl/workbook.xml": b"<workbook/>"} | dict(more)
    return zipped(*parts.items())


def zipped(*parts: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive; names may stand in it twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()
