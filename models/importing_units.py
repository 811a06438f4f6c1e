"""Units from a table: code, name, kind, parent, days of validity, official codes, two flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.folding import search_key, sort_key
from models.importing import Asked, Difference, Plan, applicable, compared
from models.importing_columns import Column, Faults, Record, find
from models.naming import body_name
from models.office import write_down
from models.phrases import keep_unit
from models.sheets import Unreadable, day, day_of_serial
from models.tables import Unit
from workflow.vocabulary import UnitKind
from workflow.words import phrase

KINDS: Final = {
    UnitKind.PROVINCE: phrase("Tỉnh"),
    UnitKind.DEPARTMENT: phrase("Sở, ban, ngành"),
    UnitKind.DISTRICT: phrase("Huyện, thành phố"),
    UnitKind.COMMUNE: phrase("Xã, phường, thị trấn"),
    UnitKind.DIVISION: phrase("Phòng, đơn vị trực thuộc"),
}
YES: Final = frozenset({"true", "1", "x", "có", "co", "yes"})
NO: Final = frozenset({"", "false", "0", "không", "khong", "no"})
COLUMNS: Final = (
    Column("code", "Mã", phrase("Mã riêng của đơn vị, ví dụ H029"), also=("Mã đơn vị",)),
    Column(
        "name", "Tên đơn vị", phrase("Huyện, xã: ghi tên nơi, hệ thống thêm “UBND”"), also=("Tên",)
    ),
    Column(
        "kind",
        "Loại",
        phrase("Một trong: {values}", values="; ".join(KINDS.values())),
        also=("Loại đơn vị",),
    ),
    Column(
        "parent_code",
        "Mã cấp trên",
        phrase("Mã của đơn vị trên trực tiếp; tỉnh để trống"),
        also=("Mã đơn vị cấp trên",),
    ),
    Column(
        "valid_from", "Từ ngày", phrase("Ngày đơn vị có, ví dụ 09/10/2021"), also=("Có từ ngày",)
    ),
    Column(
        "valid_to",
        "Đến ngày",
        phrase("Ngày cuối còn là đơn vị này; để trống nếu đang còn"),
        also=("Đến hết ngày",),
    ),
    Column("gso_code", "Mã thống kê", phrase("Mã của Tổng cục Thống kê"), required=False),
    Column("edoc_code", "Mã định danh", phrase("Mã liên thông văn bản điện tử"), required=False),
    Column(
        "scored_by_province", "Tỉnh chấm điểm", phrase("x nếu tỉnh chấm chỉ số"), required=False
    ),
    Column(
        "in_quota_base", "Tính chỉ tiêu", phrase("x nếu tính vào cơ sở chỉ tiêu"), required=False
    ),
)
OPTIONAL: Final = tuple(column.key for column in COLUMNS if not column.required)
_KINDS: Final = {search_key(words): kind for kind, words in KINDS.items()}
_DAY: Final = phrase("Ghi ngày theo dạng 09/10/2021 hoặc 2021-10-09.")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as the table states it; `left` names the columns the table does not have."""

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
    left: frozenset[str] = frozenset()


def read_units(session: Session, content: bytes, asked: Asked | None = None) -> Plan[UnitRow]:
    """Read a table of units; parents may stand anywhere in it, or be known already.

    Every fault of every row is told. Raises `Unreadable` when it is no such table.
    """
    sheet = find(content, COLUMNS)
    rows: dict[str, UnitRow] = {}
    seen: dict[str, Record] = {}
    for line in sheet.below():
        record = sheet.record(line)
        code = record["code"]
        if code and code in seen:
            text = phrase("Mã {code} đã có ở dòng {line}.", code=code, line=seen[code].line)
            column = record.name_of("code")
            sheet.faults.blame(record.line, column, text, phrase("Giữ một dòng cho mỗi đơn vị."))
        made = _unit(record, sheet.faults)
        if code and code not in seen:
            seen[code] = record
            if made is not None:
                rows[code] = made
    known = set(session.scalars(select(Unit.code)))
    _blame_orphans(seen, known | seen.keys(), sheet.faults)
    if not seen and not sheet.faults.found:
        raise Unreadable(phrase("Bảng không có dòng đơn vị nào dưới dòng tiêu đề."))
    hold = asked is not None and asked.hold
    return Plan(
        tuple(rows.values()),
        sheet.faults.of_lines(),
        tuple(_differences(session, rows, seen, hold=hold)),
        sheet.notes,
    )


def apply_units(session: Session, plan: Plan[UnitRow], by: int | None, now: datetime) -> int:
    """Add or update the units of a plan in one transaction; returns how many changed."""
    rows = applicable(plan)
    known = dict(session.execute(select(Unit.code, Unit.id)).all())
    changed = {row.code for row in rows if _put(session, row, known)}
    for row in rows:
        parent = known.get(row.parent_code)
        moved = session.scalars(
            update(Unit)
            .where(Unit.code == row.code, Unit.parent_id.is_distinct_from(parent))
            .values(parent_id=parent)
            .returning(Unit.id)
            .execution_options(synchronize_session=False)
        ).all()
        changed |= {row.code} if moved else set()
    session.expire_all()
    told = {"rows": len(rows), "changed": len(changed)}
    write_down(session, "import_units", told, by, now)
    return len(changed)


def _put(session: Session, row: UnitRow, known: dict[str, int]) -> bool:
    values = asdict(row)
    for name in ("parent_code", "left", *row.left):
        values.pop(name, None)
    values |= {
        "search_key": search_key(f"{row.code} {row.name}"),
        "sort_key": sort_key(row.name),
    }
    if row.code not in known:
        made = session.execute(insert(Unit).values(**values).returning(Unit.id))
        known[row.code] = made.scalar_one()
        keep_unit(session, known[row.code], row.name, row.code)
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
    keep_unit(session, known[row.code], row.name, row.code)
    return True


def _unit(record: Record, faults: Faults) -> UnitRow | None:
    before = len(faults.found)
    for key, what in (("code", phrase("mã đơn vị")), ("name", phrase("tên đơn vị"))):
        if not record[key] and key not in record.broken:
            faults.blame(
                record.line,
                record.name_of(key),
                phrase("Thiếu {what}.", what=what),
                phrase("Ghi đủ ô này."),
            )
    starts, ends = _day(record, "valid_from", faults), _day(record, "valid_to", faults)
    if starts is None and not record["valid_from"] and "valid_from" not in record.broken:
        column = record.name_of("valid_from")
        faults.blame(record.line, column, phrase("Thiếu ngày bắt đầu."), _DAY)
    if starts is not None and ends is not None and ends < starts:
        text = phrase("Ngày kết thúc {ends} trước ngày bắt đầu {starts}.", ends=ends, starts=starts)
        faults.blame(
            record.line, record.name_of("valid_to"), text, phrase("Sửa một trong hai ngày.")
        )
    kind = kind_of(record["kind"])
    if kind is None and "kind" not in record.broken:
        kinds = "; ".join(KINDS.values())
        text = phrase("Loại đơn vị “{kind}” không có.", kind=record["kind"])
        faults.blame(
            record.line,
            record.name_of("kind"),
            text,
            phrase("Dùng một trong: {kinds}.", kinds=kinds),
        )
    flags = {key: _flag(record, key, faults) for key in ("scored_by_province", "in_quota_base")}
    if len(faults.found) > before or record.broken or kind is None or starts is None:
        return None
    return UnitRow(
        code=record["code"],
        name=body_name(kind, record["name"]),
        kind=kind,
        parent_code=record["parent_code"],
        valid_from=starts,
        valid_to=ends,
        gso_code=record["gso_code"],
        edoc_code=record["edoc_code"],
        **flags,
        left=frozenset(key for key in OPTIONAL if key not in record),
    )


def kind_of(text: str) -> UnitKind | None:
    """The kind of a unit by its code or its words."""
    if text.casefold() in set(UnitKind):
        return UnitKind(text.casefold())
    return _KINDS.get(search_key(text))


def _flag(record: Record, key: str, faults: Faults) -> bool:
    text = record[key].casefold()
    if text not in YES | NO:
        said = phrase("“{record}” không phải x hoặc để trống.", record=record[key])
        faults.blame(record.line, record.name_of(key), said, phrase("Ghi x, hoặc để trống."))
    return text in YES


def _day(record: Record, key: str, faults: Faults) -> date | None:
    text = record[key]
    if not text:
        return None
    try:
        return day(text)
    except ValueError:
        serial = day_of_serial(text)
        also = phrase(" (là {serial} nếu ô định dạng ngày)", serial=serial) if serial else ""
        said = phrase("“{text}” không phải ngày{also}.", text=text, also=also)
        faults.blame(record.line, record.name_of(key), said, _DAY)
        return None


def _blame_orphans(seen: Mapping[str, Record], known: set[str], faults: Faults) -> None:
    for code, record in seen.items():
        parent, column = record["parent_code"], record.name_of("parent_code")
        if parent and parent not in known:
            text = phrase("Không có đơn vị cấp trên mã {parent}.", parent=parent)
            faults.blame(record.line, column, text, phrase("Thêm đơn vị đó, hoặc sửa mã."))
        elif code in _above(code, seen):
            text = phrase("Đơn vị {code} nằm dưới chính nó.", code=code)
            faults.blame(record.line, column, text, phrase("Sửa mã đơn vị cấp trên."))


def _above(code: str, seen: Mapping[str, Record]) -> list[str]:
    above: list[str] = []
    parent = seen[code]["parent_code"]
    while parent and parent not in above:
        above.append(parent)
        parent = seen[parent]["parent_code"] if parent in seen else ""
    return above


def _differences(
    session: Session, rows: Mapping[str, UnitRow], seen: Mapping[str, Record], *, hold: bool
) -> list[Difference]:
    query = select(Unit).order_by(Unit.id)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    units = session.scalars(query).all()
    there = {unit.code: unit for unit in units}
    codes = {unit.id: unit.code for unit in units}
    return [
        compared(
            seen[code].line,
            f"{row.code} {row.name}",
            _of_unit(there[code], codes, row.left) if code in there else None,
            _words(row),
        )
        for code, row in rows.items()
    ]


def _of_unit(unit: Unit, codes: Mapping[int, str], left: frozenset[str]) -> dict[str, str]:
    return _words(
        UnitRow(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent_code=codes.get(unit.parent_id or 0, ""),
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            gso_code=unit.gso_code,
            edoc_code=unit.edoc_code,
            scored_by_province=unit.scored_by_province,
            in_quota_base=unit.in_quota_base,
            left=left,
        )
    )


def _words(row: UnitRow) -> dict[str, str]:
    found = {
        "name": row.name,
        "kind": KINDS[row.kind],
        "parent_code": row.parent_code,
        "valid_from": f"{row.valid_from:%d/%m/%Y}",
        "valid_to": f"{row.valid_to:%d/%m/%Y}" if row.valid_to else "",
        "gso_code": row.gso_code,
        "edoc_code": row.edoc_code,
        "scored_by_province": phrase("có") if row.scored_by_province else phrase("không"),
        "in_quota_base": phrase("có") if row.in_quota_base else phrase("không"),
    }
    titles = {column.key: column.title for column in COLUMNS}
    return {titles[key]: value for key, value in found.items() if key not in row.left}
