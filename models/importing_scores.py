"""Scores from the summary sheet: `STT | Đơn vị | Tổng điểm | Chỉ số (%) | Xếp hạng | Xếp loại`.

The header is looked for; title rows above it and group rows with Roman numerals are passed
over, sums at the end too. Units are found by their folded name, with or without "huyện", "sở"
and the like. Every fault of every row is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.importing import Asked, Difference, Plan, applicable, compared
from models.importing_columns import Column, Faults, Record, Sheet, find
from models.office import write_down
from models.scores import Statement, may_enter, put_score
from models.sheets import Row, RowError, Unreadable, day_of_serial, number
from models.tables import IndexScore
from models.unit_names import UnitNames
from workflow.vocabulary import Classification, IndexKind, ScoreKind
from workflow.words import phrase

HIGHEST: Final = Decimal(100)
COLUMNS: Final = (
    Column(
        "unit",
        "Đơn vị",
        phrase("Tên đơn vị; có hay không “huyện”, “UBND” đều được"),
        starts=True,
        also=("Tên đơn vị", "Cơ quan, đơn vị", "Cơ quan", "Tên cơ quan"),
    ),
    Column(
        "value",
        "Chỉ số (%)",
        phrase("Từ 0 đến 100, tối đa hai chữ số thập phân: 88,10 hoặc 88.10"),
        starts=True,
        also=("Chỉ số",),
    ),
    Column(
        "class",
        "Xếp loại",
        phrase("Xuất sắc, Tốt, Khá, Trung bình hoặc Yếu; có thể để trống"),
        required=False,
        also=("Phân loại",),
    ),
    Column(
        "number",
        "STT",
        phrase("Không bắt buộc, không ghi vào hệ thống"),
        required=False,
        also=("TT",),
    ),
)
CLASSES: Final = {
    Classification.XUAT_SAC: phrase("Xuất sắc"),
    Classification.TOT: phrase("Tốt"),
    Classification.KHA: phrase("Khá"),
    Classification.TRUNG_BINH: phrase("Trung bình"),
    Classification.YEU: phrase("Yếu"),
}
_CLASSES: Final = {search_key(words): one for one, words in CLASSES.items()}
_ROMAN: Final = re.compile(r"(?:[IVX]+)[.)]?")
_SUMS: Final = re.compile(
    r"(?:tong(?: cong| so)?|cong|(?:diem |chi so )?(?:trung binh|binh quan)\b.*|toan tinh\b.*)[:.]?"
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d.*")
_VALUE: Final = phrase("Ghi điểm từ 0 đến 100, dùng dấu phẩy, ví dụ 86,42.")


@dataclass(frozen=True, slots=True)
class Scoring:
    """What the table does not say itself: which index, year and kind, published when and where."""

    index: IndexKind
    year: int
    kind: ScoreKind
    published_on: date | None = None
    source: str = ""


class _NoClass:
    """What stands where a class should, and is none."""


@dataclass
class _Reading:
    """One table being read."""

    sheet: Sheet
    scoring: Scoring
    names: UnitNames
    seen: dict[int, int] = field(default_factory=dict)
    stated: dict[int, tuple[int, Statement]] = field(default_factory=dict)
    """By unit: the line, and what it states."""
    sums: list[int] = field(default_factory=list)
    last: int = 0
    """The last line with a figure: what stands under it is no row of the table."""

    @property
    def faults(self) -> Faults:
        return self.sheet.faults


def read_scores(
    session: Session, content: bytes, scoring: Scoring, asked: Asked | None = None
) -> Plan[Statement]:
    """Read a summary sheet (XLSX or CSV). Raises `Unreadable` when no header is found.

    With `asked` it is also told which units this person may not score.
    """
    if scoring.kind is ScoreKind.PUBLISHED and scoring.published_on is None:
        raise Unreadable(phrase("Điểm công bố phải có ngày công bố."))
    names = UnitNames(session, date(scoring.year, 1, 1), date(scoring.year, 12, 31))
    reading = _Reading(find(content, COLUMNS), scoring, names)
    rows = reading.sheet.below()
    place = reading.sheet.places["value"]
    reading.last = max((row.line for row in rows if row.cell(place)), default=0)
    for row in rows:
        if not _is_aside(row, reading):
            _read(reading, reading.sheet.record(row))
    if asked is not None and asked.by is not None:
        _blame_strangers(session, reading, asked.by, asked.now)
    if not reading.stated and not reading.faults.found:
        raise Unreadable(phrase("Bảng không có dòng đơn vị nào dưới dòng tiêu đề."))
    hold = asked is not None and asked.hold
    notes = list(reading.sheet.notes)
    if reading.sums:
        lines = ", ".join(str(line) for line in reading.sums)
        notes.append(phrase("Không đọc dòng tổng, dòng bình quân: dòng {lines}.", lines=lines))
    return Plan(
        tuple(stated for _, stated in reading.stated.values()),
        reading.faults.of_lines(),
        tuple(_differences(session, reading, hold=hold)),
        tuple(notes),
    )


def apply_scores(session: Session, plan: Plan[Statement], by: int | None, now: datetime) -> int:
    """Enter the scores of a plan in one transaction; returns how many said something new.

    Raises `models.scores.NotForYou` when the person may not enter one of them.
    """
    changes = applicable(plan)
    changed = sum(put_score(session, stated, by, now) for stated in changes)
    write_down(session, "import_scores", {"rows": len(changes), "changed": changed}, by, now)
    return changed


def _is_aside(row: Row, reading: _Reading) -> bool:
    """Is this a group row, a line of sums, or a signature under the table?"""
    unit = row.cell(reading.sheet.places["unit"])
    value = row.cell(reading.sheet.places["value"])
    texts = [cell for cell in row.cells if cell]
    known = bool(reading.names.find(unit))
    grouped = bool(_ROMAN.fullmatch(texts[0])) and not known
    if not known and (_SUMS.fullmatch(search_key(unit or texts[0])) or (grouped and value)):
        reading.sums.append(row.line)
        return True
    if value:
        return False
    numbered = row.cell(reading.sheet.places.get("number", -1)).rstrip(".").isdecimal()
    below = row.line > reading.last and not known
    return not numbered and (len(texts) == 1 or not unit or grouped or below)


def _read(reading: _Reading, record: Record) -> None:
    unit_id = _unit(reading, record)
    value = _value(reading.faults, record)
    rating = _class(reading.faults, record)
    if unit_id is None:
        return
    if unit_id in reading.seen:
        first = reading.seen[unit_id]
        text = phrase("Đơn vị “{unit}” đã có ở dòng {first}.", unit=record["unit"], first=first)
        reading.faults.blame(
            record.line, record.name_of("unit"), text, phrase("Giữ một dòng cho mỗi đơn vị.")
        )
        return
    reading.seen[unit_id] = record.line
    if value is None or isinstance(rating, _NoClass):
        return
    scoring = reading.scoring
    reading.stated[unit_id] = (
        record.line,
        Statement(
            unit_id=unit_id,
            index=scoring.index,
            year=scoring.year,
            kind=scoring.kind,
            value=value,
            classification=rating,
            published_on=scoring.published_on,
            source=scoring.source,
        ),
    )


def _unit(reading: _Reading, record: Record) -> int | None:
    if "unit" in record.broken:
        return None
    name, column = record["unit"], record.name_of("unit")
    if not name:
        reading.faults.blame(
            record.line,
            column,
            phrase("Dòng thiếu tên đơn vị."),
            phrase("Ghi tên đơn vị, hoặc xóa dòng."),
        )
        return None
    found = reading.names.find(name)
    if len(found) == 1:
        return found[0]
    if found:
        which = "; ".join(reading.names.shown[unit] for unit in found[:3])
        text, remedy = (
            phrase("Có {count} đơn vị tên “{name}”.", count=len(found), name=name),
            phrase("Ghi rõ một trong: {which}.", which=which),
        )
    else:
        close = reading.names.suggest(name)
        text = phrase("Không có đơn vị tên “{name}”.", name=name)
        remedy = (
            phrase("Có phải: {close}? Sửa tên như trong danh sách đơn vị.", close="; ".join(close))
            if close
            else phrase("Sửa tên như trong danh sách đơn vị.")
        )
    reading.faults.blame(record.line, column, text, remedy)
    return None


def _value(faults: Faults, record: Record) -> Decimal | None:
    if "value" in record.broken:
        return None
    told = record["value"], record.name_of("value")
    fault = ""
    value = None
    try:
        value = number(told[0]) if told[0] else None
    except ValueError:
        fault = phrase("“{told}” không phải điểm.", told=told[0])
        if _DATE.fullmatch(told[0]):
            fault = phrase(
                "Ô là ngày {told}, không phải điểm: bảng tính đã đổi số thành ngày.",
                told=told[0][:10],
            )
    if not told[0]:
        fault = phrase("Thiếu điểm.")
    elif value is not None and not 0 <= value <= HIGHEST:
        serial = day_of_serial(told[0])
        also = phrase(" (là ngày {serial} nếu ô định dạng ngày)", serial=serial) if serial else ""
        fault = phrase("Điểm {told} ngoài khoảng 0 đến 100{also}.", told=told[0], also=also)
    elif value is not None and value != round(value, 2):
        fault = phrase("Điểm {told} có quá hai chữ số thập phân.", told=told[0])
    if fault:
        faults.blame(record.line, told[1], fault, _VALUE)
        return None
    return round(value, 2) if value is not None else None


def _class(faults: Faults, record: Record) -> Classification | _NoClass | None:
    """The class; None when none is given."""
    text = record["class"]
    if "class" in record.broken:
        return _NoClass()
    if not text:
        return None
    found = _CLASSES.get(search_key(text))
    if found is None:
        faults.blame(
            record.line,
            record.name_of("class"),
            phrase("Xếp loại “{text}” không có.", text=text),
            phrase("Dùng Xuất sắc, Tốt, Khá, Trung bình hoặc Yếu."),
        )
        return _NoClass()
    return found


def _blame_strangers(session: Session, reading: _Reading, by: int, now: datetime) -> None:
    for line, stated in list(reading.stated.values()):
        if may_enter(session, by, stated, now):
            continue
        name = reading.names.shown[stated.unit_id]
        reading.faults.found.append(
            RowError(
                line,
                phrase("Bạn không nhập được điểm của {name}.", name=name),
                phrase("Bỏ dòng này, hoặc nhờ cơ quan chấm điểm của đơn vị nhập."),
                reading.sheet.letters["unit"],
                reading.faults.sheet,
            )
        )
        del reading.stated[stated.unit_id]


def _differences(session: Session, reading: _Reading, *, hold: bool) -> list[Difference]:
    scoring = reading.scoring
    query = select(IndexScore).where(
        IndexScore.index_kind == scoring.index,
        IndexScore.year == scoring.year,
        IndexScore.kind == scoring.kind,
    )
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    there = {one.unit_id: one for one in session.scalars(query)}
    return [
        compared(
            line,
            reading.names.shown[unit],
            _words(_stated(there[unit], stated)) if unit in there else None,
            _words(stated),
        )
        for unit, (line, stated) in reading.stated.items()
    ]


def _stated(row: IndexScore, like: Statement) -> Statement:
    return replace(
        like,
        value=row.value,
        classification=row.classification,
        published_on=row.published_on,
        source=row.source,
    )


def _words(stated: Statement) -> Mapping[str, str]:
    return {
        "Chỉ số": f"{stated.value:.2f}".replace(".", ","),
        "Xếp loại": CLASSES[stated.classification] if stated.classification else "",
        "Ngày công bố": f"{stated.published_on:%d/%m/%Y}" if stated.published_on else "",
        "Văn bản": stated.source,
    }
