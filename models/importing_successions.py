"""Which unit became part of which, and since when: a table of mergers, splits and new names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.importing import Asked, Difference, Effect, Field, Plan, applicable
from models.importing_columns import Column, Faults, Record, find
from models.inserting import insert_once
from models.office import write_down
from models.sheets import Unreadable, day
from models.tables import Unit, UnitSuccession
from workflow.words import phrase

COLUMNS: Final = (
    Column("old_code", "Mã đơn vị cũ", phrase("Mã của đơn vị không còn nữa"), also=("Mã cũ",)),
    Column("new_code", "Mã đơn vị mới", phrase("Mã của đơn vị tiếp nhận"), also=("Mã mới",)),
    Column("since", "Từ ngày", phrase("Ngày nhập vào, ví dụ 01/07/2025")),
)


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """On `since`, the unit `old_code` became part of `new_code`."""

    old_code: str
    new_code: str
    since: date


def read_successions(
    session: Session, content: bytes, _asked: Asked | None = None
) -> Plan[SuccessionRow]:
    """Read a table of successions between known units. Raises `Unreadable`."""
    sheet = find(content, COLUMNS)
    names = dict(session.execute(select(Unit.code, Unit.name)).all())
    there = set(session.execute(select(UnitSuccession.old_id, UnitSuccession.new_id)).all())
    ids = dict(session.execute(select(Unit.code, Unit.id)).all())
    changes: list[SuccessionRow] = []
    differences: list[Difference] = []
    seen: dict[tuple[str, str], int] = {}
    for line in sheet.below():
        record = sheet.record(line)
        row = _succession(record, set(names), sheet.faults)
        if row is None:
            continue
        pair = (row.old_code, row.new_code)
        if pair in seen:
            text = phrase("Hai đơn vị này đã có ở dòng {seen}.", seen=seen[pair])
            sheet.faults.blame(record.line, "", text, phrase("Giữ một dòng."))
            continue
        seen[pair] = record.line
        changes.append(row)
        known = (ids[row.old_code], ids[row.new_code]) in there
        about = f"{names[row.old_code]} → {names[row.new_code]}"
        told = (Field(phrase("Từ ngày"), "", f"{row.since:%d/%m/%Y}"),)
        effect = Effect.SAME if known else Effect.NEW
        differences.append(Difference(record.line, about, effect, () if known else told))
    if not changes and not sheet.faults.found:
        raise Unreadable(phrase("Bảng không có dòng nào dưới dòng tiêu đề."))
    return Plan(tuple(changes), sheet.faults.of_lines(), tuple(differences), sheet.notes)


def apply_successions(
    session: Session, plan: Plan[SuccessionRow], by: int | None, now: datetime
) -> int:
    """Store the successions not stored yet; returns how many are new."""
    rows = applicable(plan)
    units = dict(session.execute(select(Unit.code, Unit.id)).all())
    made = sum(
        insert_once(
            session,
            UnitSuccession,
            old_id=units[row.old_code],
            new_id=units[row.new_code],
            since=row.since,
        )
        for row in rows
    )
    write_down(session, "import_successions", {"rows": len(rows), "new": made}, by, now)
    return made


def _succession(record: Record, known: set[str], faults: Faults) -> SuccessionRow | None:
    before = len(faults.found)
    for key in ("old_code", "new_code"):
        if key not in record.broken and record[key] not in known:
            text = (
                phrase("Không có đơn vị mã “{record}”.", record=record[key])
                if record[key]
                else phrase("Thiếu mã đơn vị.")
            )
            remedy = phrase("Nhập đơn vị trước, hoặc sửa mã.")
            faults.blame(record.line, record.name_of(key), text, remedy)
    if record["old_code"] and record["old_code"] == record["new_code"]:
        column = record.name_of("new_code")
        faults.blame(
            record.line,
            column,
            phrase("Đơn vị kế thừa chính mình."),
            phrase("Sửa một trong hai mã."),
        )
    since = None
    try:
        since = day(record["since"])
    except ValueError:
        if "since" not in record.broken:
            text = phrase("“{since}” không phải ngày.", since=record["since"])
            faults.blame(record.line, record.name_of("since"), text, phrase("Ghi như 01/07/2025."))
    if len(faults.found) > before or record.broken or since is None:
        return None
    return SuccessionRow(record["old_code"], record["new_code"], since)
