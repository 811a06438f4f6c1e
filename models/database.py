"""The only place that opens connections, and the settings every one of them must have."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from models.change_sets import BEGAN, finish
from models.failpoints import reach
from models.room import Room

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.pool import ConnectionPoolEntry

WAL_IS_SOUND_FROM = (3, 51, 3)
BUSY_MILLISECONDS = 15_000
IDLE = "idle_in_transaction_session_timeout"
THINKING = "10min"
"""For readers of everything; they hold no lock."""
_LONGER = {"name": IDLE, "to": THINKING}
POSTGRESQL_SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    IDLE: "15s",
}
"""Asked for with every connection."""
PATIENCE_SECONDS = 2
"""For a new connection to PostgreSQL; then people are told to come again."""
DURABLE = {"fsync": "on", "full_page_writes": "on"}
"""Of the server: without them a power cut may take what was acknowledged, or more."""
COMMITS_LATE = {"off"}
"""Values of `synchronous_commit` that answer before the commit lies on this server's disk."""

_READING: ContextVar[Connection | None] = ContextVar("reading", default=None)
"""The connection this thread reads by now."""


class WrongSettings(Exception):
    """The database does not run as it must; the message says which setting is which."""


@dataclass(frozen=True)
class Database:
    """An engine, its sessions, and one transaction at a time."""

    engine: Engine
    sessions: sessionmaker[Session]
    room: Room = field(init=False)
    """Whether the last write met a full disk."""

    def __post_init__(self) -> None:
        """Watch what becomes of writes."""
        object.__setattr__(self, "room", Room(self.engine))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that may write: committed at the end, rolled back on any exception.

        Whoever rolls it back before the end is left with nothing, and nothing is recorded.
        """
        with self.sessions() as session, session.begin() as whole:
            yield session
            if not whole.is_active:
                return
            finish(session)
            reach("before_commit")
        reach("after_commit")

    @contextmanager
    def reading(self, *, at_length: bool = False, as_one: bool = False) -> Iterator[Session]:
        """One transaction that reads; on PostgreSQL the server refuses a write in it.

        `at_length` is for work on everything, which thinks for long between two statements on a
        busy machine: PostgreSQL would otherwise take its silence for a client that was lost.
        `as_one` sees the record as it stood at its first statement, as SQLite always does.

        Who reads while reading shares the connection. On SQLite a second one would wait for a
        writer that is about to commit, and that writer for the first reader; on PostgreSQL all
        threads could hold their first connection and wait for another.
        """
        outer = _READING.get()
        if outer is not None and self._shared(outer, as_one=as_one):
            with self.sessions(bind=outer) as session:
                try:
                    yield session
                finally:
                    session.expunge_all()
            return
        with self.sessions() as session:
            _READING.set(session.connection(execution_options=self._reading_options(as_one=as_one)))
            if at_length and self.engine.dialect.name == "postgresql":
                session.execute(text("SELECT set_config(:name, :to, true)"), _LONGER)
            try:
                yield session
            finally:
                _READING.set(outer)
                # What was read stays readable: a rollback would expire it.
                session.expunge_all()
                session.rollback()

    def _shared(self, outer: Connection, *, as_one: bool) -> bool:
        """Does a reader inside the one of this connection read by it as well?"""
        here = outer.engine is self.engine and not outer.closed
        return here and (not as_one or self.engine.dialect.name == "sqlite")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _reading_options(self, *, as_one: bool) -> dict[str, Any]:
        if self.engine.dialect.name == "sqlite":
            return {"sqlite_begin": "DEFERRED"}
        level = {"isolation_level": "REPEATABLE READ"} if as_one else {}
        return {"postgresql_readonly": True, **level}


def open_database(url: str) -> Database:
    """Open the database at `url` (`sqlite:///…` or `postgresql://…`); nothing is created."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(parsed)
    elif parsed.get_backend_name() == "postgresql":
        engine = _open_postgresql(parsed)
    else:
        raise ValueError(f"sqlite or postgresql, not {parsed.get_backend_name()}")
    return Database(engine, sessionmaker(engine, expire_on_commit=False))


def _open_sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, hide_parameters=True
    )
    journal, sync = sqlite_journal()

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for setting in (
            "foreign_keys=ON",
            "trusted_schema=OFF",
            f"busy_timeout={BUSY_MILLISECONDS}",
            f"journal_mode={journal}",
            f"synchronous={sync}",
            # A large transaction that spills shuts readers out until its end, not at its commit.
            "cache_spill=OFF",
        ):
            connection.execute(f"PRAGMA {setting}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {how}")
        if how == "IMMEDIATE":
            connection.info[BEGAN] = _captured_so_far(connection)

    return engine


def _captured_so_far(connection: Connection) -> int:
    """The newest change captured before this transaction: what lies there is not ours."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    try:
        found = raw.execute("SELECT max(id) FROM captured_change").fetchone()
    except sqlite3.OperationalError:  # a database without a schema, or of an older one
        return 0
    return int(found[0] or 0)


def _open_postgresql(url: URL) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_SETTINGS.items())
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        # An error is written into the log; what people typed is not.
        hide_parameters=True,
        # Nobody waits for a connection that others have, either.
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"options": options, "connect_timeout": PATIENCE_SECONDS},
    )


def sqlite_journal() -> tuple[str, str]:
    """Journal and sync mode for the SQLite at hand: WAL only where it cannot corrupt."""
    if sqlite3.sqlite_version_info >= WAL_IS_SOUND_FROM:
        return "WAL", "FULL"
    return "DELETE", "EXTRA"


def verify_settings(database: Database) -> None:
    """Raise `WrongSettings` unless every connection runs as this module says it must."""
    wrong = wrong_settings(database)
    if wrong:
        raise WrongSettings("; ".join(wrong))


def verify_when_there(database: Database) -> bool:
    """Like `verify_settings`; False when the database does not answer, which health tells.

    A service that waits for its database need not be started again when that comes.
    """
    try:
        verify_settings(database)
    except SQLAlchemyError:
        return False
    return True


def wrong_settings(database: Database) -> list[str]:
    """One sentence for every setting that is not what it must be."""
    sqlite = database.engine.dialect.name == "sqlite"
    wanted = _expectations() if sqlite else POSTGRESQL_SETTINGS | DURABLE
    with database.reading() as session:
        found = {name: _value(session, name, sqlite=sqlite) for name in wanted}
        late = "" if sqlite else _value(session, "synchronous_commit", sqlite=False)
    wrong = [
        f"{name} là {found[name]}, phải là {value}"
        for name, value in wanted.items()
        if found[name].lower() != value.lower()
    ]
    if late in COMMITS_LATE:
        wrong.append(f"synchronous_commit là {late}, phải là on, local hoặc chặt hơn")
    return wrong


def _value(session: Session, name: str, *, sqlite: bool) -> str:
    """What a setting is now. The names are this module's own, never anybody else's."""
    ask = f"PRAGMA {name}" if sqlite else f"SHOW {name}"
    return str(session.connection().exec_driver_sql(ask).scalar())


def _expectations() -> dict[str, str]:
    journal, sync = sqlite_journal()
    return {
        "foreign_keys": "1",
        "trusted_schema": "0",
        "busy_timeout": str(BUSY_MILLISECONDS),
        "journal_mode": journal,
        "synchronous": {"FULL": "2", "EXTRA": "3"}[sync],
    }
