"""Columns of tables people bring: found by their headings, wherever the table begins.

Title rows above the headings are passed over. Every cell that a spreadsheet could not work out,
or that was merged away, is a fault with its place, before anything is made of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.folding import search_key
from models.sheets import (
    ERRORS,
    UNCALCULATED,
    Row,
    RowError,
    Table,
    Unreadable,
    letter,
    read_tables,
)
from workflow.words import phrase

HEADINGS_WITHIN: Final = 40
"""How many filled lines may stand above the headings."""
_ASIDE: Final = re.compile(r"\([^)]*\)|[*:%“”\"]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key, the heading of ours, other headings people use, how to fill it in."""

    key: str
    title: str
    hint: str = ""
    required: bool = True
    also: tuple[str, ...] = ()
    starts: bool = False
    """Does a heading that only begins like one of these count too?"""

    def is_headed(self, heading: str) -> bool:
        """Is this heading, folded, one of this column?"""
        names = (self.title, self.key, *self.also)
        known = {_plain(name) for name in names}
        return heading in known or (
            self.starts and any(heading.startswith(f"{name} ") for name in known)
        )


@dataclass
class Faults:
    """The faults of a table as they are found, each with its place."""

    sheet: str
    found: list[RowError] = field(default_factory=list)

    def blame(self, line: int, column: str, text: str, remedy: str) -> None:
        """Note one fault; `column` as `Record.name_of` gives it."""
        self.found.append(RowError(line, text, remedy, column, self.sheet))

    def of_lines(self) -> tuple[RowError, ...]:
        """All of them in the order of the table."""
        return tuple(sorted(self.found, key=lambda one: (one.line, _rank(one.column))))


@dataclass(frozen=True, slots=True)
class Record:
    """One line by the keys of its columns; a column the table has not is not in it."""

    line: int
    cells: Mapping[str, str]
    letters: Mapping[str, str]
    broken: frozenset[str]
    """Keys of cells with a fault of their own: nothing else is to be said of them."""

    def __getitem__(self, key: str) -> str:
        """The text of a cell; empty where there is none."""
        return "" if key in self.broken else self.cells.get(key, "")

    def __contains__(self, key: str) -> bool:
        """Does the table have this column?"""
        return key in self.cells

    def told(self, key: str) -> str | None:
        """The text of a cell; None where the table does not have the column."""
        return None if key not in self.cells else self[key]

    def name_of(self, key: str) -> str:
        """The column as a person finds it: `D “Chỉ số (%)”`."""
        return self.letters.get(key, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table whose columns are known."""

    table: Table
    line: int
    """The line of the headings."""
    places: Mapping[str, int]
    letters: Mapping[str, str]
    faults: Faults
    notes: tuple[str, ...]

    def below(self) -> list[Row]:
        """The rows under the headings."""
        return [row for row in self.table.rows if row.line > self.line]

    def record(self, row: Row) -> Record:
        """Read one row, blaming every cell that cannot be read at all."""
        broken = set()
        for key, place in self.places.items():
            told = self._trouble(row, place)
            if told is not None:
                broken.add(key)
                self.faults.blame(row.line, self.letters[key], *told)
        cells = {key: row.cell(place) for key, place in self.places.items()}
        return Record(row.line, cells, self.letters, frozenset(broken))

    def _trouble(self, row: Row, place: int) -> tuple[str, str] | None:
        text = row.cell(place)
        if text == UNCALCULATED:
            return (
                phrase("Ô chứa công thức chưa có kết quả."),
                phrase("Mở bằng Excel, lưu lại, hoặc gõ giá trị."),
            )
        if text and ERRORS.fullmatch(text):
            return (
                phrase("Ô chứa lỗi {text} của bảng tính.", text=text),
                phrase("Sửa công thức, hoặc gõ giá trị."),
            )
        if not text and (origin := self.table.merged_from(row.line, place)):
            return (
                phrase("Ô bị gộp với ô {origin}.", origin=origin),
                phrase("Bỏ gộp ô, ghi giá trị ở từng dòng."),
            )
        return None


def find(content: bytes, columns: Sequence[Column]) -> Sheet:
    """The worksheet with these columns. Raises `Unreadable` when there is none, or several."""
    tables = read_tables(content)
    headed = [
        (table, row, places) for table in tables for row, places in _headings(table, columns)[:1]
    ]
    if len(headed) > 1:
        names = ", ".join(f"“{table.name}”" for table, _, _ in headed)
        raise Unreadable(
            phrase(
                "Tệp có {count} trang tính cùng có bảng: {names}. Giữ một trang, xóa "
                "hoặc ẩn các trang kia rồi nạp lại.",
                count=len(headed),
                names=names,
            )
        )
    if not headed:
        raise Unreadable(_missing(tables, columns))
    table, row, places = headed[0]
    letters = {key: f"{letter(place)} “{row.cell(place)}”" for key, place in places.items()}
    faults = Faults(table.name)
    _twice(row, columns, places, faults)
    return Sheet(
        table, row.line, places, letters, faults, tuple(_notes(table, tables, row, places))
    )


def _headings(table: Table, columns: Sequence[Column]) -> list[tuple[Row, dict[str, int]]]:
    found = []
    for row in table.rows[:HEADINGS_WITHIN]:
        places = _places(row, columns)
        if all(column.key in places for column in columns if column.required):
            found.append((row, places))
    return found


def _places(row: Row, columns: Sequence[Column]) -> dict[str, int]:
    headings = [_plain(cell) for cell in row.cells]
    places: dict[str, int] = {}
    for column in columns:
        for place, heading in enumerate(headings):
            if heading and place not in places.values() and column.is_headed(heading):
                places[column.key] = place
                break
    return places


def _twice(row: Row, columns: Sequence[Column], places: Mapping[str, int], faults: Faults) -> None:
    for column in columns:
        same = [
            place
            for place, cell in enumerate(row.cells)
            if column.is_headed(_plain(cell))
            and (place == places.get(column.key) or place not in places.values())
        ]
        if len(same) > 1:
            where = " và ".join(letter(place) for place in same)
            text = phrase("Cột “{title}” có ở {where}.", title=column.title, where=where)
            faults.blame(row.line, where, text, phrase("Giữ một cột, xóa hoặc đổi tên cột kia."))


def _missing(tables: Iterable[Table], columns: Sequence[Column]) -> str:
    """What is missing in the line that looks most like headings."""
    best: tuple[int, Table, Row, dict[str, int]] | None = None
    for table in tables:
        for row in table.rows[:HEADINGS_WITHIN]:
            places = _places(row, columns)
            if places and (best is None or len(places) > best[0]):
                best = (len(places), table, row, places)
    needed = ", ".join(f"“{column.title}”" for column in columns if column.required)
    if best is None:
        return phrase(
            "Không thấy dòng tiêu đề. Bảng cần một dòng có các cột {needed}.", needed=needed
        )
    _, table, row, places = best
    gone = [one.title for one in columns if one.required and one.key not in places]
    where = (
        phrase("Trang “{name}”, dòng {line}", name=table.name, line=row.line)
        if table.name
        else phrase("Dòng {line}", line=row.line)
    )
    missing = ", ".join(f"“{title}”" for title in gone)
    return phrase(
        "{where}: dòng tiêu đề thiếu cột {missing}. Thêm cột đó, hoặc tải mẫu rồi điền.",
        where=where,
        missing=missing,
    )


def _notes(
    table: Table, tables: Sequence[Table], row: Row, places: Mapping[str, int]
) -> Iterator[str]:
    if table.hidden:
        names = ", ".join(f"“{name}”" for name in table.hidden)
        yield phrase("Trang tính ẩn không được đọc: {names}.", names=names)
    others = [one.name for one in tables if one is not table]
    if others:
        names = ", ".join(f"“{name}”" for name in others)
        yield phrase("Chỉ đọc trang “{name}”; không đọc {names}.", name=table.name, names=names)
    used = set(places.values())
    unused = [f"“{cell}”" for at, cell in enumerate(row.cells) if cell and at not in used]
    if unused:
        yield phrase("Không dùng cột: {unused}.", unused=", ".join(unused))
    if table.formulas:
        yield (
            phrase(
                "{count} ô là công thức: lấy kết quả lưu trong tệp, không tính lại.",
                count=table.formulas,
            )
        )


def _plain(heading: str) -> str:
    return " ".join(_ASIDE.sub(" ", search_key(heading)).replace("_", " ").split())


def _rank(column: str) -> tuple[int, str]:
    name = column.split(" ", 1)[0]
    return (len(name), name)
