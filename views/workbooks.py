"""Workbooks going out: every one is written here, row by row, and no cell is ever a formula.

What somebody typed is written as text, whatever sign it begins with; figures, days and instants
are cells of their own type, so that a reader can sort and sum them. Rows may be an iterator of any
length: a row is on the disk before the next one is asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final, Literal

import xlsxwriter

from views import formats
from workflow.words import phrase

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""What a unit typed stays text, whatever sign it begins with."""

LONGEST: Final = 32_000
"""A cell holds 32,767 characters, counted as UTF-16 does."""
CUT: Final = phrase(" … (phần sau quá dài cho một ô)")
SIGNS: Final = frozenset("=+-@\t\r\n'\"＝＋－＠")
"""A text that begins with one of these also carries Excel's own mark of text (quote prefix)."""
_UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT: Final = {"\n", "\t"}
_FONT: Final = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
_CELL: Final = _FONT | {"border": 1, "text_wrap": True}

Cell = str | int | float | Decimal | date | datetime | None
Kind = Literal["text", "whole", "decimal", "day", "moment"]
NUMBER_FORMATS: Final[dict[Kind, dict[str, str]]] = {
    "text": {"num_format": "@"},
    "whole": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.00"},
    "day": {"num_format": "dd/mm/yyyy", "align": "center"},
    "moment": {"num_format": "dd/mm/yyyy hh:mm", "align": "center"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its width in characters, and what its cells are."""

    title: str
    width: int = 16
    kind: Kind = "text"


LONGEST_TAB = 31
"""Characters Excel shows of the name of a worksheet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet. `tab` and `title` are words of ours, never typed ones; `told` go above."""

    tab: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    told: Sequence[str] = ()
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """For a sheet to be filled in: the words a column offers, by its number from 0."""


def shown(text: str) -> str:
    """The text as a cell can hold it: composed, without marks nobody sees, cut where too long."""
    composed = unicodedata.normalize(
        "NFC", formats.told(text).replace("\r\n", "\n").replace("\r", "\n")
    )
    seen = "".join(
        sign for sign in composed if sign in _KEPT or unicodedata.category(sign) not in _UNSEEN
    )
    coded = seen.encode("utf-16-le")
    if len(coded) <= 2 * LONGEST:
        return seen
    return coded[: 2 * LONGEST].decode("utf-16-le", "ignore") + CUT


def write(out: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write a workbook into `out`."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties({"title": shown(sheets[0].title)})
        for sheet in sheets:
            _Writer(book, sheet).write()


class _Writer:
    """One worksheet being written, top to bottom."""

    def __init__(self, book: Any, sheet: Sheet) -> None:  # noqa: ANN401 - xlsxwriter
        self.sheet = sheet
        self.page = book.add_worksheet(shown(sheet.tab)[:LONGEST_TAB])
        self.title = book.add_format(_FONT | {"bold": True, "font_size": 14})
        self.plain = book.add_format(_FONT)
        self.head = book.add_format(
            _CELL | {"bold": True, "align": "center", "valign": "vcenter", "bg_color": "#EEE7D8"}
        )
        self.forms = {kind: book.add_format(_CELL | look) for kind, look in NUMBER_FORMATS.items()}
        self.quoted = book.add_format(_CELL | {"num_format": "@", "quote_prefix": True})
        self.at = 0

    def write(self) -> None:
        """Title and what is told of the list, then the headings, then the rows."""
        columns = self.sheet.columns
        for number, column in enumerate(columns):
            self.page.set_column(number, number, column.width)
        if self.sheet.title:
            self._line(self.sheet.title, self.title)
            for text in self.sheet.told:
                self._line(text, self.plain)
            self.at += 1
        first = self.at
        for number, column in enumerate(columns):
            self.page.write_string(first, number, shown(column.title), self.head)
        self.page.freeze_panes(first + 1, 1)
        self.page.repeat_rows(first)
        self.at += 1
        for row in self.sheet.rows:
            for number, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(number, column.kind, value)
            self.at += 1
        self.page.autofilter(first, 0, max(self.at - 1, first), len(columns) - 1)
        for number, words in self.sheet.choices.items():
            rule = {"validate": "list", "source": list(words)}
            self.page.data_validation(first + 1, number, first + 500, number, rule)
        self._set_up_paper()

    def _line(self, text: str, form: Any) -> None:  # noqa: ANN401 - xlsxwriter
        self.page.write_string(self.at, 0, shown(text), form)
        self.at += 1

    def _cell(self, number: int, kind: Kind, value: Cell) -> None:
        form = self.forms[kind]
        if isinstance(value, str):
            value = shown(value) or None
        if value is None:
            self.page.write_blank(self.at, number, None, form)
        elif isinstance(value, str):
            risky = value[0] in SIGNS
            self.page.write_string(self.at, number, value, self.quoted if risky else form)
        elif isinstance(value, datetime):
            local = formats.local(value).replace(tzinfo=None)
            self.page.write_datetime(self.at, number, local, form)
        elif isinstance(value, date):
            self.page.write_datetime(self.at, number, value, form)
        else:
            self.page.write_number(self.at, number, float(value), form)

    def _set_up_paper(self) -> None:
        self.page.set_landscape()
        self.page.set_paper(9)
        self.page.fit_to_pages(1, 0)
        self.page.set_footer("&C&P/&N")
