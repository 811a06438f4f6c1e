"""The worksheets of an XLSX or ODS as text, with what a spreadsheet knows and a reader must too.

The library that reads cells passes over cells with an error and over formulas nobody calculated:
those are found in the XML and stand in the cell as what they are, `#REF!` or `UNCALCULATED`.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import zipfile
from typing import Any, BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

UNCALCULATED: Final = "#=?"
MOST_CELLS: Final = 2_000_000
_OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE: Final = re.compile(rb"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_CELL: Final = re.compile(
    rb"<(?:\w+:)?c\b([^>/]*)>((?:(?!<(?:\w+:)?c\b|</(?:\w+:)?c>).){0,20000}?)</(?:\w+:)?c>",
    re.DOTALL,
)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f\b")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_PLACE: Final = re.compile(rb"([A-Z]{1,3})(\d{1,7})")
_BROKEN: Final = (CalamineError, zipfile.BadZipFile, KeyError, ValueError, EOFError, IndexError)


def run(file: BinaryIO, _options: dict[str, Any]) -> dict[str, Any]:
    """`sheets` in their order, or `why` there are none: `old`, `locked`, `broken`, `large`."""
    content = file.read()
    if content.startswith(_OLD):
        return {"why": "locked" if _ENCRYPTED in content else "old"}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        parts = _parts(content)
        sheets = [_sheet(book, number, content, parts) for number in range(len(book.sheet_names))]
    except PasswordError:
        return {"why": "locked"}
    except _BROKEN:
        return {"why": "broken"}
    if sum(len(row) for sheet in sheets for row in sheet["rows"]) > MOST_CELLS:
        return {"why": "large"}
    return {"sheets": sheets}


def _sheet(book: CalamineWorkbook, number: int, content: bytes, parts: list[str]) -> dict[str, Any]:
    known = book.sheets_metadata[number]
    visible = known.visible is SheetVisibleEnum.Visible
    found: dict[str, Any] = {"name": known.name, "visible": visible, "rows": [], "merged": []}
    found["formulas"] = 0
    sheet = book.get_sheet_by_index(number)
    rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    found["filled"] = any(any(row) for row in rows)
    if not visible:
        return found
    found["merged"] = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
    if number < len(parts):
        found["formulas"] = _put_oddities(rows, content, parts[number])
    found["rows"] = [_without_end(row) for row in rows]
    return found


def _text(cell: object) -> str:
    if isinstance(cell, float):
        # Fifteen digits are what a spreadsheet keeps of what was typed.
        return format(cell, ".15g")
    if isinstance(cell, bool):
        return "x" if cell else ""
    if isinstance(cell, dt.datetime):
        whole = cell.time() == dt.time()
        return cell.date().isoformat() if whole else cell.isoformat(" ", "minutes")
    return unicodedata.normalize("NFC", " ".join(str(cell).split()))


def _without_end(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _parts(content: bytes) -> list[str]:
    """The names of the sheets' parts in the order of the workbook; none for an ODS."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return []
        links = {
            told.get(b"Id", b""): told.get(b"Target", b"").decode()
            for told in _tags(_RELATION, archive.read("xl/_rels/workbook.xml.rels"))
        }
        wanted = [
            next((value for name, value in told.items() if name.endswith(b":id")), b"")
            for told in _tags(_SHEET, archive.read("xl/workbook.xml"))
        ]
    targets = (links.get(key, "") for key in wanted)
    return [one.lstrip("/") if one.startswith("/") else f"xl/{one}" for one in targets]


def _tags(pattern: re.Pattern[bytes], part: bytes) -> list[dict[bytes, bytes]]:
    return [dict(_ATTRIBUTE.findall(one.group(1))) for one in pattern.finditer(part)]


def _put_oddities(rows: list[list[str]], content: bytes, part: str) -> int:
    """Write errors and uncalculated formulas into their cells; returns how many formulas."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if part not in archive.namelist():
            return 0
        text = archive.read(part)
    formulas = 0
    if b"<f" not in text and b":f" not in text and b't="e"' not in text:
        return 0
    for one in _CELL.finditer(text):
        told = dict(_ATTRIBUTE.findall(one.group(1)))
        inside, error = one.group(2), told.get(b"t") == b"e"
        formula = bool(_FORMULA.search(inside))
        formulas += formula
        value = _VALUE.search(inside)
        if error:
            _put(
                rows,
                told.get(b"r", b""),
                value.group(1).decode("ascii", "ignore") if value else "#",
            )
        elif formula and (value is None or not value.group(1)):
            _put(rows, told.get(b"r", b""), UNCALCULATED)
    return formulas


def _put(rows: list[list[str]], where: bytes, text: str) -> None:
    place = _PLACE.fullmatch(where)
    if place is None:
        return
    column = 0
    for letter in place.group(1):
        column = column * 26 + letter - 64
    line = int(place.group(2))
    if line > MOST_CELLS or column > MOST_CELLS:
        return
    while len(rows) < line:
        rows.append([])
    row = rows[line - 1]
    row.extend("" for _ in range(column - len(row)))
    row[column - 1] = text
