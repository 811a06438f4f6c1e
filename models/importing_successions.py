"""Which unit became part of which, and since when: a table of mergers, splits and new names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.importing import Plan, applicable
from models.inserting import insert_once
from models.office import write_down
from models.sheets import RowError, read_records
from models.tables import Unit, UnitSuccession

COLUMNS = ("old_code", "new_code", "since")


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """On `since`, the unit `old_code` became part of `new_code`."""

    old_code: str
    new_code: str
    since: date


def read_successions(session: Session, content: bytes) -> Plan[SuccessionRow]:
    """Read a table of successions between known units. Raises `Unreadable`."""
    known = set(session.scalars(select(Unit.code)))
    changes: list[SuccessionRow] = []
    errors: list[RowError] = []
    for line, record in read_records(content, COLUMNS):
        wrong = _wrong(record, known)
        if wrong:
            errors += [RowError(line, text, remedy) for text, remedy in wrong]
            continue
        since = date.fromisoformat(record["since"])
        changes.append(SuccessionRow(record["old_code"], record["new_code"], since))
    return Plan(tuple(changes), tuple(errors))


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


def _wrong(record: Mapping[str, str], known: set[str]) -> list[tuple[str, str]]:
    found = [
        (f"Không có đơn vị mã {record[column]!r}.", "Nhập đơn vị trước, hoặc sửa mã.")
        for column in ("old_code", "new_code")
        if record[column] not in known
    ]
    if record["old_code"] == record["new_code"]:
        found.append(("Đơn vị kế thừa chính mình.", "Sửa một trong hai mã."))
    try:
        date.fromisoformat(record["since"])
    except ValueError:
        found.append(("Ngày kế thừa không đọc được.", "Viết như 2025-07-01."))
    return found
