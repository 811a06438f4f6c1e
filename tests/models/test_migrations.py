"""The schema goes up, down and up again, and ends where the models are."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from models import append_only, migrating
from models.base import Base
from models.database import Database, open_database

PARTS = re.compile(r",\s*\n|, (?=\w+ (?:DATETIME|DATE|TEXT|INTEGER|BOOLEAN)\b)")
"""Between columns: a new line, or what SQLite writes before a column that was added later."""


def test_there_is_one_head_and_the_file_names_it() -> None:
    assert migrating.HEAD_FILE.read_text().strip() == migrating.current_head()


def test_up_down_up(database: Database, database_url: str) -> None:
    migrating.downgrade(database_url, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    assert migrating.revision_of(database) == ""
    migrating.upgrade(database_url)
    assert migrating.revision_of(database) == migrating.current_head()


def test_the_head_equals_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migration_lays_the_same_constraints_as_the_models(
    sqlite_url: str, tmp_path: Path
) -> None:
    made = open_database(f"sqlite:///{tmp_path / 'models.sqlite'}")
    Base.metadata.create_all(made.engine)
    made.close()
    migrated = _constraints(Path(sqlite_url.removeprefix("sqlite:///")))
    assert migrated == _constraints(tmp_path / "models.sqlite")
    assert migrated["dossier"]


def test_a_failed_migration_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'broken.sqlite'}"
    broken = tmp_path / "migrations"
    _copy_with_failure(broken)
    monkeypatch.setattr(migrating, "MIGRATIONS", broken)
    with pytest.raises(ZeroDivisionError):
        migrating.upgrade(url)
    database = open_database(url)
    assert inspect(database.engine).get_table_names() == []
    database.close()


def test_all_triggers_are_there(database: Database) -> None:
    with database.engine.connect() as connection:
        assert append_only.missing(connection) == []


def _constraints(path: Path) -> dict[str, list[str]]:
    """Every table with its columns and constraints as written, in an order of their own."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        " AND name <> 'alembic_version'"
    ).fetchall()
    connection.close()
    return {
        name: sorted(part.strip() for part in PARTS.split(sql[: sql.rindex(")")]))
        for name, sql in ((name, sql.replace(f'"{name}"', name, 1)) for name, sql in rows)
    }


def _copy_with_failure(folder: Path) -> None:
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((migrating.MIGRATIONS / "env.py").read_text())
    for path in (migrating.MIGRATIONS / "versions").glob("0*.py"):
        (folder / "versions" / path.name).write_text(path.read_text())
    (folder / "versions" / "9999_fail.py").write_text(
        f'revision, down_revision = "9999", "{migrating.current_head()}"\n\n\n'
        "def upgrade() -> None:\n    1 / 0\n"
    )
