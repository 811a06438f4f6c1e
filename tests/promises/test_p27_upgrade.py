"""P27: an upgrade is whole or has not happened, and nothing is lost on the way.

The record walks down and comes up revision by revision. At each one the process that migrates is
killed inside; then the schema is the one before or the one after, to the last constraint, no row
is missing, and the same command again completes it. Somebody goes on writing meanwhile.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from models import migrating
from models.backup.tables_found import REVISION
from models.database import Database, open_database
from tests import builders as build
from tests.tiers import SEED, TIER, count

pytestmark = pytest.mark.promise("P27")

KILLS = count(1, 5, 50)
NEWEST = 5
"""By day the newest revisions are tried; at night every one."""
DROPPED = {"0019": {"sign_in_attempt"}}
"""Tables a revision takes away on purpose: guesses of the last hour, counted anew after it."""
PATIENCE = 60.0


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(migrating.configuration())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


# --- What there is ------------------------------------------------------------------------------


def schema_of(engine: Engine) -> dict[str, object]:
    """Everything the database knows of its own shape."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master"))
            return {f"{kind} {name}": sql for kind, name, sql in rows}
        found = inspect(connection)
        shape: dict[str, object] = {
            name: (
                [
                    (one["name"], str(one["type"]), one["nullable"])
                    for one in found.get_columns(name)
                ],
                sorted(str(one) for one in found.get_check_constraints(name)),
                sorted(str(one) for one in found.get_foreign_keys(name)),
                sorted(str(one) for one in found.get_unique_constraints(name)),
                sorted(str(one) for one in found.get_indexes(name)),
            )
            for name in found.get_table_names()
        }
        triggers = text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")
        shape["triggers"] = list(connection.execute(triggers).scalars())
        return shape


def rows_of(engine: Engine) -> dict[str, int]:
    """How many rows each table has."""
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != REVISION]
        return {
            name: connection.execute(text(f'SELECT COUNT(*) FROM "{name}"')).scalar_one()  # noqa: S608
            for name in names
        }


def lost(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Tables that are gone or have other rows than before."""
    return {name for name, number in before.items() if after.get(name) != number}


# --- Killed inside ------------------------------------------------------------------------------


def migrate(url: str, revision: str, dies_at: int) -> None:
    """Upgrade, and be killed before this statement, at the commit (0), or after it (-1)."""
    seen = 0

    @event.listens_for(Engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(Engine, "commit")
    def _commit(*_: object) -> None:
        if dies_at == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    migrating.upgrade(url, revision)
    if dies_at == -1:
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(min(seen, 255))


def ended(url: str, revision: str, dies_at: int) -> int:
    child = multiprocessing.get_context("fork").Process(
        target=migrate, args=(url, revision, dies_at)
    )
    child.start()
    child.join(PATIENCE)
    assert child.exitcode is not None
    return child.exitcode


@pytest.mark.slow
def test_whatever_is_killed_the_schema_is_the_old_or_the_new(
    database: Database, database_url: str, tally: Callable[[str, int], None]
) -> None:
    build.a_decided(database)
    database.close()
    chance, known = random.Random(SEED), revisions()
    tried = known[-NEWEST:] if TIER == "T1" else known[1:]
    migrating.downgrade(database_url, known[known.index(tried[0]) - 1])
    engine, killed, statements = _plain(database_url), 0, 40
    for revision in tried:
        before, rows = schema_of(engine), rows_of(engine)
        found = []
        for number in range(KILLS):
            # By turns inside, before the commit (0), and after it (-1).
            dies_at = (chance.randint(4, statements), 0, -1)[number % 3]
            engine.dispose()
            code = ended(database_url, revision, dies_at)
            killed += code == -signal.SIGKILL
            found.append(schema_of(engine))
            assert lost(rows, rows_of(engine)) <= DROPPED.get(revision, set()), (revision, dies_at)
            if found[-1] != before:
                engine.dispose()
                migrating.downgrade(database_url, known[known.index(revision) - 1])
                assert schema_of(engine) == before
        engine.dispose()
        migrating.upgrade(database_url, revision)
        after = schema_of(engine)
        assert after != before
        assert all(one in (before, after) for one in found), revision
        assert lost(rows, rows_of(engine)) == DROPPED.get(revision, set())
    assert killed > 0
    engine.dispose()
    with closing(open_database(database_url)) as opened:
        assert migrating.revision_of(opened) == migrating.current_head()
    tally("kills", killed)
    tally("revisions", len(tried))


def _plain(url: str) -> Engine:
    parsed = make_url(url)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "postgresql"
        else parsed
    )


@pytest.mark.planted
def test_a_migration_that_commits_midway_is_found(
    sqlite_database: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: each operation commits for itself, as without transactional DDL."""
    last = revisions()[-1]
    sqlite_database.close()
    migrating.downgrade(sqlite_url, revisions()[-2])
    engine = _plain(sqlite_url)
    before = schema_of(engine)
    a_table = "CREATE TABLE midway (id INTEGER PRIMARY KEY)"

    def upgrade(url: str, _revision: str) -> None:
        with closing(open_database(url)) as database, migrating.changing(database) as connection:
            connection.exec_driver_sql(a_table)
            connection.exec_driver_sql("COMMIT")
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(migrating, "upgrade", upgrade)
    assert ended(sqlite_url, last, 0) == -signal.SIGKILL
    assert schema_of(engine) != before
    engine.dispose()


# --- Written meanwhile --------------------------------------------------------------------------


def write_on(url: str, told: Path) -> None:
    """Add one line after the other to a table no migration touches, and say so; never ends."""
    engine, number = _plain(url), 0
    told.touch()
    while True:
        number += 1
        line = {"slot": f"writer-{number}", "at": "2023-12-05 01:10:00"}
        added = text(
            "INSERT INTO job_run (job, slot, started_at, outcome) VALUES ('try', :slot, :at, '')"
        )
        try:
            with engine.begin() as connection:
                connection.execute(added, line)
        except OperationalError:
            time.sleep(0.01)  # Refused, so not acknowledged: SQLite was locked for too long.
            continue
        with told.open("a") as journal:
            journal.write(f"{line['slot']}\n")


@contextmanager
def writing(url: str, told: Path) -> Iterator[None]:
    child = multiprocessing.get_context("fork").Process(target=write_on, args=(url, told))
    child.start()
    try:
        _until(lambda: told.exists() and told.stat().st_size > 0)
        yield
        there = told.stat().st_size
        _until(lambda: told.stat().st_size > there)
    finally:
        assert child.is_alive(), "the writer ended by itself"
        child.kill()
        child.join()


def _until(holds: Callable[[], bool]) -> None:
    patience = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.01)


@pytest.mark.slow
def test_what_is_written_while_a_schema_changes_is_kept(
    database: Database, database_url: str, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    database.close()
    known, told = revisions(), tmp_path / "told"
    tried = known[-NEWEST:] if TIER == "T1" else known[1:]
    migrating.downgrade(database_url, known[known.index(tried[0]) - 1])
    with writing(database_url, told):
        for revision in tried:
            migrating.upgrade(database_url, revision)
    acknowledged = told.read_text().splitlines()
    engine = _plain(database_url)
    with engine.connect() as connection:
        kept = set(connection.execute(text("SELECT slot FROM job_run")).scalars())
    engine.dispose()
    assert set(acknowledged) <= kept
    tally("lines written meanwhile", len(acknowledged))


# --- The release before on the new schema -------------------------------------------------------

BREAKS = {
    "0004": "letters say whether they go alone",
    "0005": "places are kept as well as used",
    "0019": "guesses are counted in another table",
}
"""Revisions after which a service of the release before cannot write, and why: stop it first."""


def broken_for_the_old(before: Engine, after: Engine) -> list[str]:
    """What a service that knows `before` only would stumble over in `after`."""
    old, new = inspect(before), inspect(after)
    found = []
    for name in set(old.get_table_names()) - {REVISION}:
        if name not in new.get_table_names():
            found.append(f"{name} is gone")
            continue
        there = {one["name"]: one for one in new.get_columns(name)}
        known = {one["name"]: one for one in old.get_columns(name)}
        found += [f"{name}.{one} is gone" for one in known if one not in there]
        found += [
            f"{name}.{one} must be given"
            for one, column in there.items()
            if not column["nullable"]
            and column["default"] is None
            and (one not in known or known[one]["nullable"])
            and not column.get("primary_key")
        ]
    return sorted(found)


def test_a_release_works_on_the_schema_of_the_next_or_the_list_says_not(tmp_path: Path) -> None:
    """Every revision only adds what an older service need not give, or is listed with why."""
    one, other = f"sqlite:///{tmp_path / 'old'}", f"sqlite:///{tmp_path / 'new'}"
    before, after = _plain(one), _plain(other)
    found = {}
    known = revisions()
    migrating.upgrade(one, known[0])
    migrating.upgrade(other, known[0])
    for revision in known[1:]:
        migrating.upgrade(other, revision)
        if told := broken_for_the_old(before, after):
            found[revision] = told
        before.dispose()
        migrating.upgrade(one, revision)
    assert found.keys() == BREAKS.keys(), found
    before.dispose()
    after.dispose()


@pytest.mark.planted
def test_a_column_that_must_be_given_is_found(tmp_path: Path) -> None:
    """The planted fault."""
    before, after = (create_engine(f"sqlite:///{tmp_path / name}") for name in ("a", "b"))
    with before.begin() as connection:
        connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, gone TEXT)"))
    with after.begin() as connection:
        connection.execute(
            text("CREATE TABLE note (id INTEGER PRIMARY KEY, more TEXT NOT NULL, less TEXT)")
        )
    assert broken_for_the_old(before, after) == ["note.gone is gone", "note.more must be given"]
    before.dispose()
    after.dispose()
