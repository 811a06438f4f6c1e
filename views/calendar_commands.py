"""Commands for the calendar of working days: fill a year in, import a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup

from config.settings import DATA
from models.importing import Plan
from models.office_calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    DayRow,
    apply_days,
    compare,
    fill_in,
    propose,
    read_days,
    years_without_rows,
)
from models.sheets import Unreadable
from views import desk, labels_time
from views.command_output import fail, report_rows, say

OVERRIDES = DATA / "calendar-overrides.csv"

calendar = AppGroup("calendar", help="Lịch ngày nghỉ và ngày làm bù.")
try_only = click.option("--dry-run", is_flag=True, help="Chỉ cho biết sẽ làm gì, không ghi.")


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@try_only
def import_days(file: Path, *, dry_run: bool) -> None:
    """Nhập bảng ngày (CSV hoặc XLSX): date, kind, name, source."""
    plan = read_or_fail(file)
    with desk.reading() as db:
        found = compare(db, plan.changes)
    tell("Thêm", found.new)
    tell("Sửa", found.changed)
    if dry_run:
        say("Chạy thử: chưa ghi gì.")
        return
    with desk.writing() as db:
        made = apply_days(db, plan, None, desk.now())
    say(f"{file.name}: {len(plan.changes)} ngày, {made} thay đổi.")


@calendar.command("fill")
@click.argument("year", type=click.IntRange(FIRST_YEAR, LAST_YEAR))
@try_only
def fill(year: int, *, dry_run: bool) -> None:
    """Điền lịch một năm theo thư viện và bảng đính chính; ngày đã có trong bảng giữ nguyên."""
    overrides = read_or_fail(OVERRIDES).changes
    with desk.reading() as db:
        found = compare(db, propose([year], overrides))
    tell("Thêm", found.new)
    tell("Giữ nguyên, khác đề xuất", found.changed)
    if dry_run:
        say("Chạy thử: chưa ghi gì.")
        return
    with desk.writing() as db:
        made = fill_in(db, [year], overrides, desk.now())
    say(f"Năm {year}: thêm {made} ngày. Soát lại với thông báo của cơ quan có thẩm quyền.")


def read_or_fail(file: Path) -> Plan[DayRow]:
    """Read a table of days; every fault of it ends the command."""
    try:
        plan = read_days(file.read_bytes())
    except Unreadable as error:
        fail([f"{file.name}: {error}"])
    if plan.errors:
        report_rows(file, plan.errors)
    return plan


def warnings() -> list[str]:
    """Years in use of which the calendar tells nothing."""
    with desk.reading() as db:
        return [labels_time.missing_year(year) for year in years_without_rows(db, desk.today())]


def tell(what: str, rows: Iterable[DayRow]) -> None:
    """One line for each day."""
    for row in rows:
        kind = labels_time.DAY_KIND[row.kind]
        say(f"{what}: {row.date:%d/%m/%Y}, {kind}, {row.name} ({row.source})")
