"""Jobs and tables of many rows, and the same statements by the bare driver on a copy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from benchmarks.pages import BOARD, Page, Visitors
from benchmarks.recording import Bare, taken_down
from benchmarks.records import DATE, Engines, Record
from models.database import Database, open_database
from models.importing import Asked
from models.importing_people import read_people
from models.importing_people_apply import apply_people
from models.reconciling import reconcile
from models.reminding import note_planned
from models.sealing import seal_new_lines
from schedules.planner import plan

NOW: Final = datetime.fromisoformat(DATE)
BEGAN: Final = NOW - timedelta(days=3)
"""Planning has run since then: what came due in between is due at the first run."""
ROWS: Final = 1000
Work = Callable[[Database], object]


def plan_now(database: Database) -> None:
    """Plan the reminders of now."""
    plan(database, NOW)


def reconcile_now(database: Database) -> None:
    """Hold what was due against the book."""
    with database.reading(at_length=True) as session:
        reconcile(session, NOW + timedelta(minutes=10))


def import_people(database: Database) -> None:
    """A table of new people, read, looked at and carried out."""
    lines = [f"NHAP-{n},Nguyễn Văn {n},Chuyên viên,H029,nhap-{n}@example.vn" for n in range(ROWS)]
    table = "\n".join(("Mã,Họ và tên,Chức vụ,Cơ quan,Thư điện tử", *lines)).encode()
    with database.writing() as session:
        apply_people(session, read_people(session, table, Asked(None, NOW)), None, NOW)


def seal(database: Database) -> None:
    """Seal what was written, as the clock does every minute."""
    sealed = 1
    while sealed:
        with database.writing() as session:
            sealed = seal_new_lines(session, NOW)


JOBS: Final[tuple[tuple[str, Work], ...]] = (
    ("reminder planning, first run", plan_now),
    ("reminder planning, nothing new", plan_now),
    ("reconciliation", reconcile_now),
    (f"import of {ROWS} people", import_people),
    ("sealing what these wrote", seal),
)


def measure(engines: Engines, record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each job once by the service on one copy, by the driver on another; told as they end."""
    urls = [engines.copied(record, mark) for mark in ("taken", "ours", "bare")]
    taken, ours = open_database(urls[0]), open_database(urls[1])
    bare = Bare(urls[2])
    try:
        for url in urls:
            _begin_planning(url)
        for name, work in JOBS:
            with taken_down(taken.engine) as said:
                work(taken)
            at, busy = time.perf_counter(), time.process_time()
            work(ours)
            mine, busy = time.perf_counter() - at, time.process_time() - busy
            yield name, {"pairs": [(mine, bare.say(said), busy)], "statements": said.statements}
    finally:
        bare.close()
        for database in (taken, ours):
            database.close()
        for url in urls:
            engines.drop(url)
    yield "export of all dossiers", _export(engines, record)


def _begin_planning(url: str) -> None:
    """Let the planning have run once, some days ago, with nothing due yet."""
    database = open_database(url)
    with database.writing() as session:
        note_planned(session, BEGAN)
    database.close()


def _export(engines: Engines, record: Record) -> dict[str, Any]:
    visitors, bare = Visitors(engines, record), Bare(record.url)
    page = Page("export", BOARD, "/ho-so?tai=xlsx")
    try:
        with taken_down(visitors.database.engine) as said:
            visitors.look(page)
        said.lines = [one for one in said.lines if one[0].lstrip().startswith(("SELECT", "WITH"))]
        mine, busy, size = visitors.look(page)
        pairs = [(mine, bare.say(said), busy)]
        return {"pairs": pairs, "statements": said.statements, "bytes": size}
    finally:
        bare.close()
        visitors.close()
