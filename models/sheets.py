"""Reading tables people bring: CSV or XLSX as rows of text, with the line each came from.

An XLSX is opened in a guarded process (`models.guarded`) and nowhere else.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from models.file_checks import FileRefused, check_weight_of
from models.guarded import MEGABYTE, Failure, Limits, run_guarded

LARGEST = 5 * MEGABYTE
MOST_ROWS = 20_000
LIMITS: Final = Limits(cpu_seconds=10, wall_seconds=30.0, answer=64 * MEGABYTE)
UNCALCULATED: Final = "#=?"
"""What a cell holds whose formula nobody calculated (`models.guarding.tables`)."""
ERRORS: Final = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|=\?|)")
WHY: Final = {
    "old": "Tệp là Excel đời cũ (.xls). Mở bằng Excel, chọn Lưu thành, loại Sổ làm việc Excel "
    "(.xlsx), rồi nạp lại.",
    "locked": "Tệp đặt mật khẩu nên không đọc được. Mở bằng Excel, bỏ mật khẩu (Tệp, Thông tin, "
    "Bảo vệ sổ làm việc), lưu lại rồi nạp.",
    "unsound": "Tệp Excel có cấu trúc bất thường hoặc nén quá mức. Mở bằng Excel, lưu lại dạng "
    ".xlsx rồi nạp lại.",
    "broken": "Không đọc được tệp Excel. Mở bằng Excel, lưu lại dạng .xlsx rồi nạp lại.",
    "large": "Bảng quá lớn. Tách thành nhiều tệp rồi nạp từng tệp.",
}
_BUSY: Final = "Máy đang đọc nhiều tệp khác. Nạp lại sau một phút."
_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(20_000, 80_000)
"""Numbers that a spreadsheet shows as days from 1954 to 2119."""
_DAY: Final = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one line of a table (1 is its first line), where, and how to mend it."""

    line: int
    text: str
    remedy: str
    column: str = ""
    """The letter and heading of the column, such as `D “Chỉ số (%)”`; empty for the whole line."""
    sheet: str = ""

    @property
    def place(self) -> str:
        """Trang “Tổng hợp”, dòng 5, cột D “Chỉ số (%)”."""
        parts = [f"trang “{self.sheet}”"] if self.sheet else []
        parts.append(f"dòng {self.line}")
        parts += [f"cột {self.column}"] if self.column else []
        told = ", ".join(parts)
        return told[:1].upper() + told[1:]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number, and its cells as trimmed NFC text."""

    line: int
    cells: tuple[str, ...]

    def cell(self, place: int) -> str:
        """The cell at a place from 0; empty where the line ends before."""
        return self.cells[place] if 0 <= place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """One visible worksheet, or a CSV (its name is empty), without its empty lines."""

    name: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged cells as first line, first place, last line, last place; lines from 1."""
    formulas: int = 0
    hidden: tuple[str, ...] = ()
    """Hidden worksheets of the same file that hold something: they are not read."""

    def merged_from(self, line: int, place: int) -> str:
        """The address of the cell this one was merged into; empty when it stands alone."""
        for first, left, last, right in self.merged:
            if first <= line <= last and left <= place <= right and (line, place) != (first, left):
                return f"{letter(left)}{first}"
        return ""


class Unreadable(Exception):
    """The file is no table we can read; the message says so in Vietnamese."""


def read_tables(content: bytes) -> list[Table]:
    """Every visible worksheet that holds something, or the one table of a CSV in UTF-8."""
    if len(content) > LARGEST:
        raise Unreadable(f"Tệp lớn hơn {LARGEST // MEGABYTE} MB. Tách thành nhiều tệp.")
    if not content.strip():
        raise Unreadable("Tệp rỗng. Chọn lại tệp có bảng.")
    kept = [one for one in _tables(content) if one.rows]
    for one in kept:
        if len(one.rows) > MOST_ROWS:
            raise Unreadable(f"Bảng có hơn {MOST_ROWS} dòng. Tách thành nhiều tệp.")
    if not kept:
        raise Unreadable("Tệp không có dòng nào. Chọn lại tệp có bảng.")
    return kept


def read_rows(content: bytes) -> list[Row]:
    """Read the first visible sheet of an XLSX, or a CSV in UTF-8, leaving out empty lines."""
    return list(read_tables(content)[0].rows)


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


def day(text: str) -> date:
    """Read a day: 09/10/2021 as offices write it, or 2021-10-09. Raises `ValueError`."""
    found = _DAY.fullmatch(text.strip())
    if found:
        return date(int(found[3]), int(found[2]), int(found[1]))
    return date.fromisoformat(text.strip())


def day_of_serial(text: str) -> date | None:
    """The day a spreadsheet would show for this bare number; None for any other text."""
    plain = text.removesuffix(".0")
    if not re.fullmatch(r"\d{5}", plain, re.ASCII) or int(plain) not in _SERIALS:
        return None
    return _EPOCH + timedelta(days=int(plain))


def letter(place: int) -> str:
    """The letters a spreadsheet gives the column at a place from 0: A, B, … AA."""
    name, rest = "", place + 1
    while rest:
        rest, last = divmod(rest - 1, len(_LETTERS))
        name = _LETTERS[last] + name
    return name


def _tables(content: bytes) -> list[Table]:
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _worksheets(content)
    return [Table("", _csv(content))]


def _csv(content: bytes) -> tuple[Row, ...]:
    if content.lstrip()[:1] == b"<":
        raise Unreadable(
            "Tệp là trang web đổi tên, không phải bảng. Mở bằng Excel, lưu lại dạng .xlsx."
        )
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise Unreadable("Tệp là PDF hoặc ảnh, không phải bảng. Nạp tệp Excel gốc (.xlsx).")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("Tệp CSV không phải UTF-8; lưu lại dạng “CSV UTF-8”.") from None
    first = text.split("\n", 1)[0]
    separator = max(";\t,", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:
        raise Unreadable("Không đọc được tệp CSV; lưu lại dạng .xlsx.") from None
    return _kept([[" ".join(cell.split()) for cell in line] for line in lines])


def _worksheets(content: bytes) -> list[Table]:
    if content.startswith(b"PK"):
        try:
            check_weight_of(content)
        except FileRefused:
            raise Unreadable(WHY["unsound"]) from None
        except (zipfile.BadZipFile, ValueError):
            raise Unreadable(WHY["broken"]) from None
    answer = _ask(content)
    sheets = answer["sheets"]
    hidden = tuple(one["name"] for one in sheets if not one["visible"] and one["filled"])
    return [
        Table(
            one["name"],
            _kept(one["rows"]),
            tuple((first + 1, left, last + 1, right) for first, left, last, right in one["merged"]),
            one["formulas"],
            hidden,
        )
        for one in sheets
        if one["visible"]
    ]


def _ask(content: bytes) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(prefix="table-") as file:
        file.write(content)
        file.flush()
        answer = run_guarded("table", Path(file.name), limits=LIMITS)
    if answer.failure is Failure.BUSY:
        raise Unreadable(_BUSY)
    if answer.failure is not None:
        large = answer.failure in {Failure.MEMORY, Failure.TIMEOUT, Failure.REFUSED}
        raise Unreadable(WHY["large" if large else "broken"])
    if why := answer.content.get("why"):
        raise Unreadable(WHY[why])
    return dict(answer.content)


def _kept(lines: Sequence[Sequence[str]]) -> tuple[Row, ...]:
    rows = (
        Row(number, tuple(unicodedata.normalize("NFC", cell) for cell in line))
        for number, line in enumerate(lines, start=1)
    )
    return tuple(row for row in rows if any(row.cells))
