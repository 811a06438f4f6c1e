"""The limit the service is measured against: the same statements, said by the driver alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import make_url, select

from benchmarks.recording import Bare, taken_down
from benchmarks.tables import write_tables
from models.database import Database, open_database
from models.office import write_down
from models.tables import ChangeSet, HistoryLine
from tests import builders as build


def test_the_driver_does_what_the_service_did(sqlite_database: Database, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'copy.sqlite'}"
    shutil.copyfile(str(sqlite_database.engine.url.database), str(make_url(url).database))
    with taken_down(sqlite_database.engine) as said, sqlite_database.writing() as session:
        write_down(session, "move_clock", {"to": "2023-12-05"}, None, build.NOW)
    bare = Bare(url)

    assert bare.say(said) > 0
    bare.close()

    assert said.statements > 3
    other = open_database(url)
    lines = select(HistoryLine.stream, HistoryLine.seq, HistoryLine.hash).order_by(HistoryLine.id)
    records = select(ChangeSet.stream, ChangeSet.hash).order_by(ChangeSet.id)
    with sqlite_database.reading() as ours, other.reading() as theirs:
        for asked in (lines, records):
            assert ours.execute(asked).all() == theirs.execute(asked).all()
    other.close()


def test_growth_is_told_between_the_smallest_and_the_largest_record() -> None:
    row = {"engine": "sqlite", "part": "pages", "name": "inbox", "ms": 5.0, "ratio": 0.5}
    row |= {"low": 0.4, "high": 0.6, "statements": 20}
    told = write_tables(
        [
            row | {"dossiers": 1000, "p95": 10.0, "cpu": 4.0},
            row | {"dossiers": 10_000, "p95": 15.0, "cpu": 5.0},
        ],
        docs=False,
    )

    assert "| inbox | sqlite | 1,000 to 10,000 | 1.50 | 1.25 |" in told
