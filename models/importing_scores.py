"""Scores from the summary sheet: `STT | Đơn vị | Tổng điểm | Chỉ số (%) | Xếp hạng | Xếp loại`.

The header is looked for; title rows above it and group rows with Roman numerals are passed
over. Units are found by their folded name, with or without "huyện", "sở" and the like.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.importing import Plan, applicable
from models.office import write_down
from models.scores import Statement, put_score
from models.sheets import Row, RowError, Unreadable, number, read_rows
from models.tables import Unit
from workflow.vocabulary import Classification, IndexKind, ScoreKind, UnitKind

HIGHEST = Decimal(100)
_ROMAN = re.compile(r"(?:[IVX]+)[.)]?")
_NAMES = {"unit": ("don vi",), "value": ("chi so",), "class": ("xep loai",)}
_COMMITTEE = re.compile(r"\b(?:ubnd|uy ban nhan dan)\s+")
_CITY = re.compile(r"^tp\.?\s+")
_LEVEL = re.compile(r"^(?:tinh|huyen|thanh pho|thi tran|xa|phuong|so)\s+")
_CLASSES = {
    "xuat sac": Classification.XUAT_SAC,
    "tot": Classification.TOT,
    "kha": Classification.KHA,
    "trung binh": Classification.TRUNG_BINH,
    "yeu": Classification.YEU,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the table does not say itself: which index, year and kind, published when and where."""

    index: IndexKind
    year: int
    kind: ScoreKind
    published_on: date | None = None
    source: str = ""


def read_scores(session: Session, content: bytes, sheet: Sheet) -> Plan[Statement]:
    """Read a summary sheet (XLSX or CSV). Raises `Unreadable` when no header is found."""
    if sheet.kind is ScoreKind.PUBLISHED and sheet.published_on is None:
        raise Unreadable("Điểm công bố phải có ngày công bố.")
    rows = read_rows(content)
    start, places = _header(rows)
    known = _units_by_name(session, sheet)
    changes: dict[int, Statement] = {}
    errors: list[RowError] = []
    for row in rows[start + 1 :]:
        if _is_group(row, places):
            continue
        found = _statement(row, places, known, sheet)
        if isinstance(found, RowError):
            errors.append(found)
        elif found.unit_id in changes:
            text = f"Đơn vị “{row.cells[places['unit']]}” có hai dòng."
            errors.append(RowError(row.line, text, "Giữ một dòng cho mỗi đơn vị."))
        else:
            changes[found.unit_id] = found
    return Plan(tuple(changes.values()), tuple(errors))


def apply_scores(session: Session, plan: Plan[Statement], by: int | None, now: datetime) -> int:
    """Enter the scores of a plan in one transaction; returns how many said something new.

    Raises `models.scores.NotForYou` when the person may not enter one of them.
    """
    changes = applicable(plan)
    changed = sum(put_score(session, stated, by, now) for stated in changes)
    write_down(session, "import_scores", {"rows": len(changes), "changed": changed}, by, now)
    return changed


def _header(rows: Sequence[Row]) -> tuple[int, dict[str, int]]:
    for place, row in enumerate(rows):
        folded = [search_key(cell) for cell in row.cells]
        found = {
            name: next((at for at, cell in enumerate(folded) if cell.startswith(starts)), -1)
            for name, starts in _NAMES.items()
        }
        if found["unit"] >= 0 and found["value"] >= 0:
            return place, found
    raise Unreadable("Không thấy dòng tiêu đề có cột “Đơn vị” và “Chỉ số (%)”.")


def _is_group(row: Row, places: Mapping[str, int]) -> bool:
    value = _cell(row, places["value"])
    texts = [cell for cell in row.cells if cell]
    return not value and (len(texts) == 1 or bool(_ROMAN.fullmatch(texts[0])))


def _statement(
    row: Row, places: Mapping[str, int], known: Mapping[str, list[int]], sheet: Sheet
) -> Statement | RowError:
    name = _cell(row, places["unit"])
    candidates = known.get(_written(name), []) if name else []
    if len(candidates) != 1:
        return _unit_error(row.line, name, len(candidates))
    value = _value(row, places)
    if isinstance(value, RowError):
        return value
    written = _cell(row, places["class"])
    if written and search_key(written) not in _CLASSES:
        text = f"Xếp loại “{written}” không có."
        return RowError(row.line, text, "Dùng Xuất sắc, Tốt, Khá, Trung bình hoặc Yếu.")
    return Statement(
        unit_id=candidates[0],
        index=sheet.index,
        year=sheet.year,
        kind=sheet.kind,
        value=value,
        classification=_CLASSES.get(search_key(written)),
        published_on=sheet.published_on,
        source=sheet.source,
    )


def _value(row: Row, places: Mapping[str, int]) -> Decimal | RowError:
    written = _cell(row, places["value"])
    remedy = "Điểm từ 0 đến 100, dùng dấu phẩy, ví dụ 86,42."
    try:
        value = number(written)
    except ValueError:
        return RowError(row.line, f"“{written}” không phải điểm.", remedy)
    if not 0 <= value <= HIGHEST:
        return RowError(row.line, f"Điểm {written} ngoài khoảng 0 đến 100.", remedy)
    if value != round(value, 2):
        return RowError(row.line, f"Điểm {written} có quá hai chữ số thập phân.", remedy)
    return round(value, 2)


def _unit_error(line: int, name: str, found: int) -> RowError:
    if not name:
        return RowError(line, "Dòng thiếu tên đơn vị.", "Ghi tên đơn vị, hoặc xóa dòng.")
    if found > 1:
        text = f"Có {found} đơn vị tên “{name}”."
        return RowError(line, text, "Ghi kèm huyện: “Xã Tả Lủng (Huyện Mèo Vạc)”.")
    return RowError(line, f"Không có đơn vị tên “{name}”.", "Sửa tên như trong danh sách đơn vị.")


def _units_by_name(session: Session, sheet: Sheet) -> dict[str, list[int]]:
    """Every way to write a unit's name, folded; what several could mean stays ambiguous."""
    ends = date(sheet.year, 12, 31)
    units = session.scalars(
        select(Unit).where(
            Unit.valid_from <= ends,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= date(sheet.year, 1, 1)),
        )
    ).all()
    names = {unit.id: unit.name for unit in units}
    known: defaultdict[str, list[int]] = defaultdict(list)
    for unit in units:
        full = _written(unit.name)
        ways = {search_key(unit.code), full, _LEVEL.sub("", full)}
        if unit.kind in {UnitKind.COMMUNE, UnitKind.DIVISION} and unit.parent_id in names:
            ways.add(f"{full} {_written(names[unit.parent_id])}")
        for way in ways:
            known[way].append(unit.id)
    return _rather_scored(known, {unit.id for unit in units if unit.scored_by_province})


def _rather_scored(known: Mapping[str, list[int]], scored: set[int]) -> dict[str, list[int]]:
    """Where a bare name could mean several, a body the province scores itself is meant."""
    return {
        way: [unit for unit in ids if unit in scored] or ids if len(ids) > 1 else ids
        for way, ids in known.items()
    }


def _written(name: str) -> str:
    folded = search_key(name).replace("(", " ").replace(")", " ")
    words = re.sub(r"\s*[-–]\s*", "-", " ".join(folded.split()))
    return _CITY.sub("thanh pho ", _COMMITTEE.sub("", words))


def _cell(row: Row, place: int) -> str:
    return row.cells[place] if 0 <= place < len(row.cells) else ""
