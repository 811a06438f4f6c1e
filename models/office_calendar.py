"""The office's calendar: the table decides; a holiday library and a file may fill it in.

A proposal is a list of days; nothing stands in the table before somebody has accepted it. Every
change of the table is a line in the office's history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version

import holidays
from sqlalchemy import delete, extract, func, insert, select, update
from sqlalchemy.orm import Session

from models.importing import Plan, applicable
from models.office import write_down
from models.queries_turns import programmes
from models.sheets import RowError, read_records
from models.tables import CalendarDay, Dossier, ProgrammeVersion
from models.words import DayKind
from workflow.programme import Cycle
from workflow.vocabulary import ENDS, PROGRESS
from workflow.words import phrase

UNPROVEN = phrase("Chưa rõ")
"""How a source begins that names no notice; such a day is marked on the page."""
COLUMNS = ("date", "kind", "name", "source")
LIBRARY = phrase(
    "Thư viện holidays {version} (Bộ luật Lao động 2019, điều 112)", version=version("holidays")
)
FIRST_YEAR, LAST_YEAR = 2000, 2100
NAME_LENGTH = 200
_IN_EXCHANGE = (phrase("nghỉ bù"), "thay cho")
_KINDS = ", ".join(kind.value for kind in DayKind)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day that is not what its weekday says, and where that is written."""

    date: date
    kind: DayKind
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What bringing in some days would do: days new to the table, and days told otherwise."""

    new: tuple[DayRow, ...]
    changed: tuple[DayRow, ...]


def propose(years: Iterable[int], overrides: Iterable[DayRow] = ()) -> list[DayRow]:
    """What the holiday library knows of these years, put right by `overrides`, by day."""
    wanted = sorted(set(years))
    known = holidays.country_holidays("VN", years=wanted, language="vi")
    days = {
        day: DayRow(day, _kind(name), name[:NAME_LENGTH], LIBRARY) for day, name in known.items()
    }
    for day in known.weekend_workdays:
        if day.year in wanted:
            days[day] = DayRow(day, DayKind.WORKING_SWAP, phrase("Ngày làm bù"), LIBRARY)
    days |= {row.date: row for row in overrides if row.date.year in wanted}
    return [days[day] for day in sorted(days)]


def read_days(content: bytes) -> Plan[DayRow]:
    """Read a table `date, kind, name, source`. Raises `models.sheets.Unreadable`."""
    changes: dict[date, DayRow] = {}
    errors: list[RowError] = []
    for line, record in read_records(content, COLUMNS):
        wrong = _wrong(record)
        day = _day(record["date"])
        if day is not None and day in changes:
            wrong.append(
                (
                    phrase("Ngày {date} có hai dòng.", date=record["date"]),
                    phrase("Giữ một dòng cho mỗi ngày."),
                )
            )
        errors += [RowError(line, text, remedy) for text, remedy in wrong]
        if not wrong and day is not None:
            name = record["name"][:NAME_LENGTH]
            changes[day] = DayRow(day, DayKind(record["kind"]), name, record["source"])
    return Plan(tuple(changes.values()), tuple(errors))


def apply_days(session: Session, plan: Plan[DayRow], by: int | None, now: datetime) -> int:
    """Put the days of a plan into the table; returns how many said something new."""
    found = compare(session, applicable(plan))
    for row in (*found.new, *found.changed):
        _put(session, row)
    made = len(found.new) + len(found.changed)
    if made:
        told = {
            "new": [_told(row) for row in found.new],
            "changed": [_told(row) for row in found.changed],
        }
        write_down(session, "import_calendar", told, by, now)
    return made


def fill_in(
    session: Session, years: Iterable[int], overrides: Iterable[DayRow], now: datetime
) -> int:
    """Accept the proposal for `years`, leaving alone every day the table already tells of."""
    days = compare(session, propose(years, overrides)).new
    return apply_days(session, Plan(days, ()), None, now)


def compare(session: Session, rows: Sequence[DayRow]) -> Difference:
    """Which of these days are new to the table, and which are told otherwise in it."""
    days = [row.date for row in rows]
    there = {
        one.date: one
        for one in session.scalars(select(CalendarDay).where(CalendarDay.date.in_(days)))
    }
    new = tuple(row for row in rows if row.date not in there)
    changed = tuple(
        row for row in rows if row.date in there and _told(there[row.date]) != _told(row)
    )
    return Difference(new, changed)


def set_day(session: Session, row: DayRow, by: int, now: datetime) -> None:
    """Add a day, or tell it otherwise."""
    before = session.get(CalendarDay, row.date)
    told = {"day": _told(row), "was": _told(before) if before else None}
    _put(session, row)
    write_down(session, "set_calendar_day", told, by, now)


def remove_day(session: Session, day: date, by: int, now: datetime) -> bool:
    """Take a day out of the table, so that it is again what its weekday says."""
    before = session.get(CalendarDay, day)
    if before is None:
        return False
    told = {"was": _told(before)}
    session.execute(delete(CalendarDay).where(CalendarDay.date == day))
    write_down(session, "remove_calendar_day", told, by, now)
    return True


def days_of(session: Session, year: int) -> list[DayRow]:
    """The days of a year the table tells of, by day."""
    rows = session.scalars(
        select(CalendarDay)
        .where(CalendarDay.date.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.date)
    )
    return [DayRow(row.date, row.kind, row.name, row.source) for row in rows]


def day_counts(session: Session) -> dict[int, int]:
    """How many days of each year the table tells of."""
    year = extract("year", CalendarDay.date)
    rows = session.execute(select(year, func.count()).group_by(year).order_by(year))
    return {int(found): count for found, count in rows}


def years_in_use(session: Session, today: date) -> list[int]:
    """Years a cycle needs: cycles under way under the programme in force, or with live dossiers."""
    in_force = set(
        session.scalars(select(ProgrammeVersion.content_hash).where(ProgrammeVersion.in_force))
    )
    live = {
        (content_hash, cycle_id)
        for content_hash, cycle_id in session.execute(
            select(Dossier.programme_hash, Dossier.cycle_id)
            .where(Dossier.state.not_in(ENDS))
            .distinct()
        )
    }
    found: set[int] = set()
    for content_hash, programme in programmes(session).items():
        for cycle in programme.cycles:
            first, last = _span(cycle)
            under_way = content_hash in in_force and first <= today <= last
            if under_way or (content_hash, cycle.id) in live:
                found |= set(range(first.year, last.year + 1))
    return sorted(found)


def years_without_rows(session: Session, today: date) -> list[int]:
    """Years in use of which the table tells nothing: every weekday counts as worked there."""
    counts = day_counts(session)
    return [year for year in years_in_use(session, today) if not counts.get(year)]


def _span(cycle: Cycle) -> tuple[date, date]:
    days = [day for state in PROGRESS if (day := cycle.milestones.of(state)) is not None]
    return min(cycle.registration_opens, *days), max(days)


def _put(session: Session, row: DayRow) -> None:
    values = {"kind": row.kind, "name": row.name, "source": row.source}
    changed = session.execute(
        update(CalendarDay)
        .where(CalendarDay.date == row.date)
        .values(**values)
        .returning(CalendarDay.date)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        session.execute(insert(CalendarDay).values(date=row.date, **values))


def _kind(name: str) -> DayKind:
    exchanged = any(words in name.casefold() for words in _IN_EXCHANGE)
    return DayKind.COMPENSATION if exchanged else DayKind.HOLIDAY


def _told(row: DayRow | CalendarDay) -> dict[str, str]:
    return {
        "date": row.date.isoformat(),
        "kind": row.kind.value,
        "name": row.name,
        "source": row.source,
    }


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _wrong(record: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    if _day(record["date"]) is None:
        found.append(
            (
                phrase("Ngày “{date}” không đọc được.", date=record["date"]),
                phrase("Viết như 2026-11-24."),
            )
        )
    if record["kind"] not in set(DayKind):
        found.append(
            (
                phrase("Không có loại ngày “{kind}”.", kind=record["kind"]),
                phrase("Dùng một trong: {kinds}.", kinds=_KINDS),
            )
        )
    if not record["name"]:
        found.append((phrase("Ngày chưa có tên."), phrase("Ghi tên ngày nghỉ hoặc ngày làm bù.")))
    if not record["source"]:
        found.append(
            (phrase("Ngày chưa có nguồn."), phrase("Ghi văn bản hoặc thông báo quy định ngày này."))
        )
    return found
