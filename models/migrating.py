"""Bringing a database to a version of the schema, and knowing which version it has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models import capture
from models.database import Database, open_database

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD_FILE = MIGRATIONS / ".current-head"


class BrokenReference(Exception):
    """A row refers to one that is not there; the message names the tables, in Vietnamese."""


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`, in one transaction."""
    _run(url, revision, up=True)


def upgrade_within(connection: Connection, revision: str) -> None:
    """Bring the schema up to `revision` in the transaction this connection is in."""
    config = configuration()
    config.attributes["connection"] = connection
    capture.remove(connection)
    command.upgrade(config, revision)
    capture.install(connection)


def take_down_within(connection: Connection) -> None:
    """Take away every table there is, in the transaction this connection is in."""
    config = configuration()
    config.attributes["connection"] = connection
    capture.remove(connection)
    command.downgrade(config, "base")


def knows(revision: str) -> bool:
    """Does this code have the migrations up to this revision?"""
    scripts = ScriptDirectory.from_config(configuration())
    return revision in {script.revision for script in scripts.walk_revisions()}


def downgrade(url: str, revision: str) -> None:
    """Take the database at `url` back to `revision` (`base` for an empty one)."""
    _run(url, revision, up=False)


def current_head() -> str:
    """Name the newest revision this code knows; more than one head is an error."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    return head or ""


def revision_of(database: Database) -> str:
    """Name the revision the database has; empty when it has none."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
    return found or ""


def configuration() -> Config:
    """Build Alembic's configuration: there is no alembic.ini, and none is needed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def changing(database: Database) -> Iterator[Connection]:
    """One transaction that may change the schema and put rows in any order.

    SQLite makes a table anew to change it, and would look through all references for every row
    of the old one: with tens of thousands of letters that takes hours. So references are checked
    once, at the end. Raises `BrokenReference` when one leads nowhere; nothing is kept then.
    """
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _let_go(connection)
        try:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                yield connection
                _check_references(connection)
        finally:
            # It has settings of its own: nobody else gets it.
            connection.invalidate()


def _let_go(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    for setting in ("foreign_keys=OFF", "cache_spill=ON"):
        raw.execute(f"PRAGMA {setting}").close()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BrokenReference(f"Bảng {broken[0]} trỏ tới dòng không có ở bảng {broken[2]}")


def _run(url: str, revision: str, *, up: bool) -> None:
    config = configuration()
    with closing(open_database(url)) as database, changing(database) as connection:
        config.attributes["connection"] = connection
        # Their columns are those of the schema: made anew whenever it has changed.
        capture.remove(connection)
        (command.upgrade if up else command.downgrade)(config, revision)
        capture.install(connection)
