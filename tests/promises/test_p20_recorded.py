"""P20: every change has exactly one record, in its transaction, and nothing else has one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from models import audited, auditing, capture
from models.base import Base
from models.database import Database, open_database
from models.tables import CapturedChange, ChangeSet, ChangeSetLine, HistoryLine
from tests import builders as build
from tests.promises import moves
from tests.promises.replaying import as_they_stand, differences
from tests.tiers import SEED, count
from workflow.ports import NotFound

pytestmark = pytest.mark.promise("P20")
STEPS = 50


def records(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(ChangeSet)) or 0


def a_run(database: Database, chance: random.Random) -> None:
    """Fifty things in any order the ways allow, some of them refused, some changing nothing."""
    units = chance.sample(moves.UNITS, 3)
    ways = {unit: iter(moves.the_way(unit)) for unit in units}
    for _ in range(STEPS):
        if ways and chance.random() < 0.7:
            unit = chance.choice(list(ways))
            following = next(ways[unit], None)
            if following is None:
                del ways[unit]
                continue
            try:
                following[1](database)
            except (AssertionError, NotFound):  # refused: an account is locked, no place is left
                del ways[unit]
        else:
            moves.an_office_move(chance)(database)


def test_every_row_is_told_again_from_the_log_alone(
    sqlite_url: str, tmp_path_factory: pytest.TempPathFactory, tally: Callable[[str, int], None]
) -> None:
    runs, chance = count(20, 300, 3000), random.Random(SEED)
    template = Path(sqlite_url.removeprefix("sqlite:///"))
    for number in range(runs):
        place = tmp_path_factory.mktemp("run") / "record.sqlite"
        shutil.copyfile(template, place)
        database = open_database(f"sqlite:///{place}")
        a_run(database, random.Random(chance.random()))
        with database.reading() as session:
            assert differences(session) == [], f"run {number}"
        database.close()
        place.unlink()
    tally("runs of 50 steps on SQLite", runs)


@pytest.mark.postgres
def test_every_row_is_told_again_on_postgresql(
    postgres_opened: Database, tally: Callable[[str, int], None]
) -> None:
    """One record takes all runs there: a copy for each would take longer than the run."""
    runs, chance = count(1, 6, 6), random.Random(SEED)
    for number in range(runs):
        a_run(postgres_opened, chance)
        with postgres_opened.reading() as session:
            assert differences(session) == [], f"run {number}"
            assert auditing.verify(session) == []
    tally("runs of 50 steps on PostgreSQL", runs)


def test_each_change_has_one_record_and_what_changes_nothing_has_none(database: Database) -> None:
    chance = random.Random(SEED)
    doings = [*moves.the_way(), *(("office", moves.an_office_move(chance)) for _ in range(14))]
    for name, move in doings:
        with database.reading() as session:
            before, lines = as_they_stand(session), count_lines(session)
        had = records(database)
        move(database)
        with database.reading() as session:
            after, written = as_they_stand(session), count_lines(session) - lines
        told = records(database) - had
        changed = before != after
        assert told == (1 if changed or written else 0), name
        assert not changed or written >= 1, name
    had = records(database)
    moves.a_refused_move(chance, moves.code_of(database, "H029"))(database)
    assert records(database) == had
    with database.reading() as session:
        alone = session.scalar(
            select(func.count())
            .select_from(HistoryLine)
            .outerjoin(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
            .where(ChangeSetLine.line_id.is_(None))
        )
        assert alone == 0
        assert session.scalar(select(func.count()).select_from(CapturedChange)) == 0


def count_lines(session: object) -> int:
    return session.scalar(select(func.count()).select_from(HistoryLine)) or 0  # type: ignore[attr-defined]


@pytest.mark.planted
def test_a_change_nobody_put_into_words_is_recorded_all_the_same(database: Database) -> None:
    """The planted fault: a use case that forgets to write anything down."""
    with database.writing() as session:
        session.execute(text("UPDATE unit SET name = 'Tên mới' WHERE code = 'H029'"))
    with database.reading() as session:
        line = session.scalars(select(HistoryLine).order_by(HistoryLine.id.desc())).first()
        assert line is not None
        assert (line.action, line.payload) == ("change", '{"tables":["unit"]}')
        assert differences(session) == []


@pytest.mark.planted
def test_without_its_triggers_the_log_no_longer_tells_the_rows(sqlite_database: Database) -> None:
    """The planted fault: what the triggers do not see is missing, and the comparison finds it."""
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER captures_dossier_update")
        assert capture.missing(connection) == ["captures_dossier_update"]
    build.a_written(sqlite_database)
    with sqlite_database.reading() as session:
        assert any("dossier" in one for one in differences(session))


def test_each_table_is_recorded_or_named_with_a_reason() -> None:
    tables = set(Base.metadata.tables)
    assert set(audited.untracked()) - tables <= {"alembic_version"}
    assert all(audited.untracked().values())
    for kind in ("personal", "plain", "secret"):
        for table, fields in audited.named()[kind].items():
            assert set(fields) <= set(Base.metadata.tables[table].columns.keys()), table
    for name in ("dossier", "person", "account", "appointment", "programme_version", "unit"):
        assert audited.is_recorded(name)
    assert audited.is_secret("account", "password_hash")


def test_no_secret_stands_in_the_record(database: Database) -> None:
    with database.reading() as session:
        hashed = session.execute(text("SELECT password_hash FROM account")).scalars().first()
        contents = "".join(session.scalars(select(ChangeSet.content)))
        names = session.execute(text("SELECT full_name FROM person")).scalars().all()
    assert hashed
    assert hashed not in contents
    assert not any(name in contents for name in names)
