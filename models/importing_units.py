"""Units from CSV: code, name, kind, parent, days of validity, official codes, two flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.folding import search_key, sort_key
from models.importing import Plan, applicable
from models.naming import body_name
from models.office import write_down
from models.sheets import RowError, read_records
from models.tables import Unit
from workflow.vocabulary import UnitKind

COLUMNS = ("code", "name", "kind", "parent_code", "valid_from", "valid_to")
_YES = {"true", "1", "x", "có"}
_DAY = "Ghi ngày theo dạng 2021-10-09."


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as the table states it."""

    code: str
    name: str
    kind: UnitKind
    parent_code: str
    valid_from: date
    valid_to: date | None
    gso_code: str = ""
    edoc_code: str = ""
    scored_by_province: bool = False
    in_quota_base: bool = False


def read_units(session: Session, content: bytes) -> Plan[UnitRow]:
    """Read a table of units; parents may stand anywhere in it, or be known already.

    Raises `Unreadable` when it is no such table.
    """
    changes: dict[str, UnitRow] = {}
    lines: dict[str, int] = {}
    errors: list[RowError] = []
    for line, record in read_records(content, COLUMNS):
        try:
            row = _unit(record)
        except _Wrong as wrong:
            errors.append(RowError(line, wrong.text, wrong.remedy))
            continue
        if row.code in changes:
            text = f"Mã {row.code} đã có ở dòng {lines[row.code]}."
            errors.append(RowError(line, text, "Giữ một dòng cho mỗi đơn vị."))
            continue
        changes[row.code], lines[row.code] = row, line
    known = set(session.scalars(select(Unit.code))) | changes.keys()
    errors += _orphans(changes, lines, known)
    return Plan(tuple(changes.values()), tuple(sorted(errors, key=lambda error: error.line)))


def apply_units(session: Session, plan: Plan[UnitRow], by: int | None, now: datetime) -> int:
    """Add or update the units of a plan in one transaction; returns how many changed."""
    rows = applicable(plan)
    known = dict(session.execute(select(Unit.code, Unit.id)).all())
    changed = sum(_put(session, row, known) for row in rows)
    for row in rows:
        parent = known.get(row.parent_code)
        session.execute(
            update(Unit)
            .where(Unit.code == row.code, Unit.parent_id.is_distinct_from(parent))
            .values(parent_id=parent)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
    write_down(session, "import_units", {"rows": len(rows), "changed": changed}, by, now)
    return changed


def _put(session: Session, row: UnitRow, known: dict[str, int]) -> bool:
    values = asdict(row)
    del values["parent_code"]
    values |= {
        "search_key": search_key(f"{row.code} {row.name}"),
        "sort_key": sort_key(row.name),
    }
    if row.code not in known:
        made = session.execute(insert(Unit).values(**values).returning(Unit.id))
        known[row.code] = made.scalar_one()
        return True
    old = session.execute(
        select(*(getattr(Unit, name) for name in values)).where(Unit.code == row.code)
    ).one()
    if tuple(old) == tuple(values.values()):
        return False
    session.execute(
        update(Unit)
        .where(Unit.code == row.code)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return True


class _Wrong(Exception):
    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.text, self.remedy = text, remedy


def _unit(record: Mapping[str, str]) -> UnitRow:
    if not record["code"] or not record["name"]:
        raise _Wrong("Thiếu mã hoặc tên đơn vị.", "Ghi đủ hai cột code và name.")
    starts, ends = _day(record, "valid_from"), _day(record, "valid_to")
    if starts is None:
        raise _Wrong("Thiếu ngày bắt đầu (valid_from).", _DAY)
    if ends is not None and ends < starts:
        raise _Wrong(f"Ngày kết thúc {ends} trước ngày bắt đầu {starts}.", "Sửa một trong hai.")
    if record["kind"] not in set(UnitKind):
        kinds = ", ".join(UnitKind)
        raise _Wrong(f"Loại đơn vị “{record['kind']}” không có.", f"Dùng một trong: {kinds}.")
    return UnitRow(
        code=record["code"],
        name=body_name(UnitKind(record["kind"]), record["name"]),
        kind=UnitKind(record["kind"]),
        parent_code=record["parent_code"],
        valid_from=starts,
        valid_to=ends,
        gso_code=record.get("gso_code", ""),
        edoc_code=record.get("edoc_code", ""),
        scored_by_province=record.get("scored_by_province", "").casefold() in _YES,
        in_quota_base=record.get("in_quota_base", "").casefold() in _YES,
    )


def _day(record: Mapping[str, str], column: str) -> date | None:
    if not record[column]:
        return None
    try:
        return date.fromisoformat(record[column])
    except ValueError:
        raise _Wrong(f"“{record[column]}” ở cột {column} không phải ngày.", _DAY) from None


def _orphans(
    changes: Mapping[str, UnitRow], lines: Mapping[str, int], known: set[str]
) -> list[RowError]:
    errors = []
    for row in changes.values():
        if row.parent_code and row.parent_code not in known:
            text = f"Không có đơn vị cấp trên mã {row.parent_code}."
            errors.append(RowError(lines[row.code], text, "Thêm đơn vị đó, hoặc sửa mã."))
        elif row.code in _above(row, changes):
            text = f"Đơn vị {row.code} nằm dưới chính nó."
            errors.append(RowError(lines[row.code], text, "Sửa mã đơn vị cấp trên."))
    return errors


def _above(row: UnitRow, changes: Mapping[str, UnitRow]) -> list[str]:
    above: list[str] = []
    code = row.parent_code
    while code and code not in above:
        above.append(code)
        code = changes[code].parent_code if code in changes else ""
    return above
