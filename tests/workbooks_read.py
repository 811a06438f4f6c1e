"""Workbooks as a stranger reads them: opened by other libraries, and searched as raw XML."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

HEADING = re.compile(r"Xuất lúc \d\d:\d\d ngày \d\d/\d\d/\d{4}")
_ACTIVE = re.compile(rb"<(?:\w+:)?(?:f|hyperlink|ddeLink|oleLink|externalReference)\b")
_OUTSIDE = re.compile(rb'TargetMode="External"')


def dangers(content: bytes) -> list[str]:
    """What in a workbook could act when it is opened: formulas, links, references, macros."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            if "vbaProject" in name or "externalLink" in name:
                found.append(name)
            found += [f"{name}: {one.group().decode()}" for one in _ACTIVE.finditer(part)]
            found += [f"{name}: outside" for _ in _OUTSIDE.finditer(part)]
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        found += [
            f"{sheet.title}!{cell.coordinate}"
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f" or cell.hyperlink
        ]
    return found


def sheets(content: bytes) -> list[Worksheet]:
    """The worksheets, by openpyxl."""
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets)


def header_line(sheet: Worksheet) -> int:
    """The line of the headings: the one right above the first row that is not frozen."""
    assert sheet.freeze_panes, "the headings are not frozen"
    return int(re.sub(r"\D", "", str(sheet.freeze_panes))) - 1


def records(content: bytes, number: int = 0) -> list[dict[str, object]]:
    """The rows of one sheet by their headings, by openpyxl."""
    sheet = sheets(content)[number]
    line = header_line(sheet)
    names = [str(cell.value) for cell in sheet[line]]
    return [
        dict(zip(names, map(_plain, row), strict=True))
        for row in sheet.iter_rows(min_row=line + 1, values_only=True)
    ]


def _plain(value: object) -> object:
    """Undo how a workbook writes what would read as a sign of its own, such as `_x003D_`."""
    return unescape(value) if isinstance(value, str) else value


def texts(content: bytes) -> set[str]:
    """Every text of every sheet, by calamine."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        cell
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for cell in row
        if isinstance(cell, str) and cell
    }
