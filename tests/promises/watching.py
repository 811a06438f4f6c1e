"""Telling whether a request changed the record, and putting it back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, make_url, select

from models.base import Base

LOG: Final = frozenset(
    {"captured_change", "change_set", "change_set_line", "history_line", "history_stream"}
)
"""The record of who did, tried and read what: refusals and looks that are watched stand in it."""


class Watch:
    """Tells whether anything was committed to a SQLite file, and puts it back as it was."""

    def __init__(self, path: Path) -> None:
        """Watch this file, once `begin` is called."""
        self.path, self.kept = path, path.with_suffix(".kept")
        self._look = sqlite3.connect(path)
        self._last = 0

    def begin(self, _written: list[str]) -> None:
        """Remember the file as it stands now."""
        shutil.copyfile(self.path, self.kept)
        self._last = self._version()

    def changed(self) -> bool:
        """Did anybody commit a change since the last question?"""
        now = self._version()
        changed, self._last = now != self._last, now
        return changed

    def differences(self) -> Iterator[str]:
        """Every table whose rows are not those that were kept."""
        with closing(sqlite3.connect(self.kept)) as before:
            names = [
                name
                for (name,) in before.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for name in names:
                if _rows(before, name) != _rows(self._look, name):
                    yield name

    def put_back(self) -> None:
        """Make the file what it was, also for connections that are open."""
        with closing(sqlite3.connect(self.kept)) as kept:
            kept.backup(self._look)
        self._last = self._version()

    def close(self) -> None:
        """Look no more."""
        self._look.close()

    def _version(self) -> int:
        (version,) = self._look.execute("PRAGMA data_version").fetchone()
        return int(version)


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - a name of ours


class PostgresWatch:
    """The same for a PostgreSQL record, by the statements the service sent."""

    def __init__(self, url: str) -> None:
        """Watch the record at `url`, once `begin` is called."""
        self.engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        self.written: list[str] = []
        self.before: dict[str, list[str]] = {}

    def begin(self, written: list[str]) -> None:
        """Remember where the statements of the service are noted, and every row there is."""
        self.written, self.before = written, self._all()

    def changed(self) -> bool:
        """Has the last request sent a writing statement?"""
        return bool(self.written)

    def differences(self) -> Iterator[str]:
        """Every table whose rows are not those that were there, but for the log of looks."""
        now = self._all()
        changed = (name for name, rows in self.before.items() if rows != now[name])
        yield from (name for name in changed if name not in LOG)

    def put_back(self) -> None:
        """Nothing: it is asked only for what must not change anything."""

    def close(self) -> None:
        """Look no more."""
        self.engine.dispose()

    def _all(self) -> dict[str, list[str]]:
        with self.engine.connect() as connection:
            return {
                table.name: sorted(repr(row) for row in connection.execute(select(table)))
                for table in Base.metadata.sorted_tables
            }
