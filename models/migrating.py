"""Bringing a database to a version of the schema, and knowing which version it has."""

from __future__ import annotations

from contextlib import closing
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


def _run(url: str, revision: str, *, up: bool) -> None:
    config = configuration()
    with closing(open_database(url)) as database, database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        config.attributes["connection"] = connection
        # Their columns are those of the schema: made anew whenever it has changed.
        capture.remove(connection)
        (command.upgrade if up else command.downgrade)(config, revision)
        capture.install(connection)
