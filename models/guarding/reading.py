"""The text of a DOCX or a text PDF, in the order it is read: paragraphs and tables.

A PDF knows lines, not paragraphs or tables: each line is a paragraph here. What cannot be read is
an answer of its own, with the reason: a scan, a password, a broken file, another kind of file.
"""

from __future__ import annotations

import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pypdfium2 as pdfium
from lxml import etree

from models.guarding import word

Block = dict[str, Any]
MOST_LETTERS: Final = 1_000_000
MOST_PAGES: Final = 500
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    pdfium.PdfiumError,
    KeyError,
    ValueError,
    NotImplementedError,
    EOFError,
    RuntimeError,
)
_PASSWORD: Final = "password"  # noqa: S105 - a word of an error message


def run(file: BinaryIO, _options: dict[str, Any]) -> dict[str, Any]:
    """`readable` with `blocks` and `pages` (0 for a DOCX), or not readable and `why`."""
    start = file.read(8)
    file.seek(0)
    try:
        if start.startswith(b"%PDF-"):
            blocks, pages = _of_pdf(file)
        elif start.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(file) as archive:
                blocks, pages = list(_short(word.blocks(archive))), 0
        else:
            return _unreadable("other")
    except _BROKEN as error:
        return _unreadable("locked" if _PASSWORD in str(error).lower() else "broken")
    if not blocks:
        return _unreadable("no_text")
    return {"readable": True, "blocks": blocks, "pages": pages}


def _unreadable(why: str) -> dict[str, Any]:
    return {"readable": False, "why": why}


def _of_pdf(file: BinaryIO) -> tuple[list[Block], int]:
    document = pdfium.PdfDocument(file.read())
    return list(_short(_lines(document))), len(document)


def _lines(document: pdfium.PdfDocument) -> Iterator[Block]:
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        text = page.get_textpage().get_text_range()
        page.close()
        # U+FFFE stands where a word was divided at the end of a line.
        for line in text.replace("\ufffe", "").splitlines():
            if shown := unicodedata.normalize("NFC", " ".join(line.split())):
                yield {"paragraph": shown, "page": number + 1}


def _short(blocks: Iterator[Block]) -> Iterator[Block]:
    """Only as much as a paper of this service can have."""
    letters = 0
    for block in blocks:
        rows = block.get("table", [])
        letters += len(block.get("paragraph", "")) + sum(len(c) + 4 for row in rows for c in row)
        if letters > MOST_LETTERS:
            return
        yield block
