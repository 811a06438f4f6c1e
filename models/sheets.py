"""Reading tables people bring: CSV or XLSX as rows of text, with the line each came from."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from python_calamine import CalamineError, CalamineWorkbook

from models.file_checks import FileRefused, check_weight_of

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one line of a table (1 is its first line), and how to mend it."""

    line: int
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number, and its cells as trimmed NFC text."""

    line: int
    cells: tuple[str, ...]


class Unreadable(Exception):
    """The file is no table we can read; the message says so in Vietnamese."""


def read_rows(content: bytes) -> list[Row]:
    """Read the first sheet of an XLSX, or a CSV in UTF-8, leaving out empty lines."""
    if len(content) > LARGEST:
        raise Unreadable(f"Tệp lớn hơn {LARGEST // 1024 // 1024} MB.")
    cells = _sheet(content) if content.startswith(b"PK") else _csv(content)
    rows = [
        Row(line, tuple(_text(cell) for cell in row)) for line, row in enumerate(cells, start=1)
    ]
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"Bảng có hơn {MOST_ROWS} dòng.")
    return [row for row in rows if any(row.cells)]


def read_records(content: bytes, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Read a table whose first line names the columns; yields line number and record.

    Raises `Unreadable` when one of `columns` is missing.
    """
    rows = read_rows(content)
    header = [cell.casefold() for cell in rows[0].cells] if rows else []
    missing = [column for column in columns if column not in header]
    if missing:
        raise Unreadable(f"Thiếu cột: {', '.join(missing)}.")
    for row in rows[1:]:
        yield row.line, dict(zip(header, (*row.cells, *[""] * len(header)), strict=False))


def number(text: str) -> Decimal:
    """Read a figure written with decimal comma or point ("88,10"). Raises `ValueError`."""
    plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").removesuffix("%")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    return value


def _csv(content: bytes) -> Iterable[Sequence[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("Tệp CSV không phải UTF-8; lưu lại dạng “CSV UTF-8”.") from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def _sheet(content: bytes) -> Iterable[Sequence[object]]:
    try:
        check_weight_of(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, FileRefused, IndexError, zipfile.BadZipFile):
        raise Unreadable("Không đọc được tệp Excel; lưu lại dạng .xlsx.") from None


def _text(cell: object) -> str:
    if isinstance(cell, float):
        # Fifteen digits are what a spreadsheet keeps of what was typed.
        return format(cell, ".15g")
    return unicodedata.normalize("NFC", " ".join(str(cell).split()))
